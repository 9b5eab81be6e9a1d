"""Tables that programs send: files that become results by the road of all jobs."""

import gzip
import io

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import MaskedColumn
from astropy.table import Table

from tests.support.pages import text_of

VOTABLE = b"""<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><TABLE>
<FIELD name="name" datatype="char" arraysize="*"/><FIELD name="s_ra" datatype="double" unit="deg"/>
<FIELD name="n" datatype="int"/><DATA><TABLEDATA>
<TR><TD>M 31</TD><TD>10.68</TD><TD>3</TD></TR><TR><TD></TD><TD></TD><TD></TD></TR>
</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"""


@pytest.fixture
def send(client, work):
    """Return a function that sends a file as a table, and returns the address of its job."""

    def post(content, **more):
        data = {"table": (io.BytesIO(content), "table"), "name": "Mine", "sender": "TOPCAT", **more}
        answer = client.post("/samp/tables", data=data)
        assert answer.status_code == 303, answer.text
        work()
        return answer.location

    return post


def fits_table():
    table = Table({"name": ["M 31", "M 33"]})
    table["n"] = MaskedColumn(np.array([1, 2], "i4"), mask=[False, True])
    file = io.BytesIO()
    table.write(file, format="fits")
    return file.getvalue()


@pytest.mark.parametrize("content", [VOTABLE, gzip.compress(VOTABLE)], ids=["plain", "gzipped"])
def test_a_votable_becomes_rows_with_its_empty_cells(client, send, content):
    location = send(content)

    page = text_of(client.get(f"{location}/results/result"))
    assert "Mine, sent by TOPCAT" in page
    assert "<td>M 31</td>" in page
    assert "of 2 rows" in page
    assert page.count('class="null"') >= 2
    assert "[CDATA" not in page


def test_the_rows_go_into_the_basket(client, send):
    job_id = send(VOTABLE).rpartition("/")[2]

    client.post("/basket/items", data={"job": job_id, "result": "result", "row": ["0", "1"]})

    assert "M 31" in client.get("/basket").text


def test_a_table_in_fits_becomes_rows(client, send):
    page = text_of(client.get(f"{send(fits_table())}/results/result"))

    assert "<td>M 33</td>" in page
    assert "of 2 rows" in page


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Send it as a VOTable or as FITS."),
        (b"<html>x</html>", "Send it as a VOTable or as FITS."),
        (VOTABLE[:-80], "Send it as a VOTable or as FITS."),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + VOTABLE, "DOCTYPE"),
        (
            VOTABLE.replace(
                b"<TABLEDATA>", b'<BINARY><STREAM href="file:///etc/passwd"/></BINARY>'
            ),
            "Send it as",
        ),
        (fits.PrimaryHDU().header.tostring().encode(), "There is no table in this FITS file."),
        (fits_table()[:5770], "This FITS file cannot be read"),
        (b"SIMPLE  = nonsense" * 400, "FITS file"),
    ],
)
def test_what_is_no_table_ends_in_a_reason_and_reads_nothing_else(client, send, content, words):
    page = text_of(client.get(send(content)))

    assert words in page
    assert "root:" not in page
    assert "internal error" not in page.lower()


def test_without_a_file_the_reason_is_said(client):
    assert client.post("/samp/tables", data={"name": "x"}).status_code == 400
    assert client.post("/samp/tables").status_code == 400


def test_a_page_of_ours_gets_the_address_of_the_job(client):
    data = {"table": (io.BytesIO(VOTABLE), "table"), "name": "x" * 500, "sender": ""}
    answer = client.post("/samp/tables", data=data, headers={"Accept": "application/json"})

    assert answer.status_code == 201
    assert client.get(answer.json["job"]).status_code == 200


def test_a_table_that_is_too_large_is_refused(make_app, settings, monkeypatch):
    app = make_app()
    monkeypatch.setattr(app.extensions["uws"].uploads, "max_bytes", 1000)
    client = app.test_client()

    part = b'--x\r\nContent-Disposition: form-data; name="table"; filename="t"\r\n\r\n'
    form = {"data": part + b"x" * 3_000_000, "content_type": "multipart/form-data; boundary=x"}
    answer = client.post("/samp/tables", **form)

    assert answer.status_code == 413


def test_the_job_type_is_described_like_others_and_has_no_form(client):
    assert client.get("/uws/types/samp.table").status_code == 200
    assert client.get("/archives/samp/samp.table").status_code == 404
    assert "Programs of yours" not in client.get("/archives").text

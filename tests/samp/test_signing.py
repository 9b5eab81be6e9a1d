"""Addresses of results for programs that have no cookie: what they open, and what they do not."""

import io
from urllib.parse import urlsplit

import pytest
from astropy.io import fits
from astropy.io.votable import parse_single_table
from itsdangerous import TimestampSigner

from portal.logs import hide_secrets
from portal.samp.signing import SECONDS
from tests.support import lab
from tests.support import postcards

FORM = "/archives/lab/query.lab-stars"


@pytest.fixture
def plugins():
    return [("lab", lab), ("post", postcards)]


@pytest.fixture
def job(client, work):
    location = client.post(FORM, data={"rows": "6"}).location
    work()
    return location.rpartition("/")[2]


@pytest.fixture
def link(client, job):
    """Return a function that has an address signed, and returns what follows the host."""

    def sign(**values):
        answer = client.get("/samp/link", query_string={"job": job, "result": "result", **values})
        assert answer.status_code == 200, answer.status_code
        parts = urlsplit(answer.json["url"])
        return f"{parts.path}?{parts.query}"

    return sign


@pytest.fixture
def program(app):
    """Return a program without any cookie."""
    return app.test_client()


def test_a_program_without_a_cookie_reads_the_whole_table(program, link):
    with program.get(link()) as answer:
        table = parse_single_table(io.BytesIO(answer.data)).to_table()

    assert len(table) == 6
    assert table["mag"].mask.tolist() == [False] * 4 + [True, False]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Disposition"] == "attachment; filename=Stars_6_stars.vot"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_only_the_chosen_rows_are_in_it_when_rows_were_chosen(program, link):
    with program.get(link(format="fits", rows="0,2-3")) as answer:
        rows = fits.open(io.BytesIO(answer.data))[1].data

    assert [name.strip() for name in rows["name"]] == ["Star 0, lab", "Star 2, lab", "Star 3, lab"]


def test_an_address_names_neither_job_nor_owner(client, job, link):
    address = link()
    signature = address.partition("sig=")[2].partition(".")[0]
    with client.session_transaction() as session:
        owner = session["owner"]

    assert job not in address
    assert owner not in address
    assert len(signature) < 80


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_it_can_only_be_read(program, link, method):
    assert program.open(link(), method=method).status_code == 405
    with program.head(link()) as answer:
        assert (answer.status_code, answer.data) == (200, b"")


def test_it_ends_after_a_quarter_of_an_hour(program, link, monkeypatch):
    address = link()
    made = TimestampSigner("x").get_timestamp()

    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: made + SECONDS - 5)
    with program.get(address) as answer:
        assert answer.status_code == 200
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: made + SECONDS + 5)
    answer = program.get(address)

    assert answer.status_code == 410
    assert "This link has ended" in answer.text
    assert SECONDS == 15 * 60


@pytest.mark.parametrize("place", [0, 4, -2, -10, -32])
def test_a_changed_signature_opens_nothing(program, link, place):
    address = link()
    sig = address.partition("sig=")[2]
    other = "A" if sig[place] != "A" else "B"
    where = place % len(sig)

    answer = program.get(address.replace(sig, sig[:where] + other + sig[where + 1 :]))

    assert answer.status_code == 404
    assert program.get("/samp/files/x.vot").status_code == 404
    assert program.get("/samp/files/x.vot?sig=..").status_code == 404


def test_a_signature_opens_its_own_result_and_format_only(client, program, work, link):
    client.post(FORM, data={"rows": "2"})
    work()

    with program.get(link().replace(".vot?", ".csv?")) as answer:
        assert answer.content_type.startswith("application/x-votable+xml")
        assert b"Star 5" in answer.data or b"BINARY2" in answer.data
    sig = link().partition("sig=")[2]
    for address in ("/jobs", "/uws/jobs", "/account", "/basket/items"):
        assert sig not in program.get(f"{address}?sig={sig}").text.replace(f"?sig={sig}", "")


def test_it_ends_with_the_job(client, program, job, link):
    address = link()
    client.post(f"/jobs/{job}/delete")

    assert program.get(address).status_code == 404


def test_nobody_signs_somebody_elses_result(program, job):
    asked = {"job": job, "result": "result"}

    assert program.get("/samp/link", query_string=asked).status_code == 404
    assert program.get("/samp/link").status_code == 404


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"format": "exe"}, 404),
        ({"format": "../x"}, 404),
        ({"rows": "1;2"}, 400),
        ({"rows": "5-1000000000"}, 400),
        ({"rows": "," * 3000}, 400),
    ],
)
def test_what_cannot_be_sent_is_not_signed(client, job, values, status):
    asked = {"job": job, "result": "result", **values}

    assert client.get("/samp/link", query_string=asked).status_code == status


def test_a_row_that_is_not_there_is_said(program, link):
    assert program.get(link(rows="4-9")).status_code == 400


def test_a_file_beside_the_rows_is_opened_as_it_is(client, program, work):
    location = client.post(
        "/archives/post/query.postcard", data={"media_type": "image/fits", "size": "2880"}
    ).location
    work()
    job_id = location.rpartition("/")[2]
    url = client.get("/samp/link", query_string={"job": job_id, "result": "card"}).json["url"]

    with program.get(url.removeprefix("http://localhost")) as answer:
        assert answer.content_type == "application/fits"
        assert len(answer.data) == 2880


def test_the_signature_stays_out_of_logs(link):
    sig = link().partition("sig=")[2]

    assert sig not in hide_secrets(f"GET {link()} 200")
    assert sig[10:40] not in hide_secrets(f"GET /samp/files/x.vot?a=b&sig={sig} HTTP/1.1")

"""What archives really send, through the whole portal: job, page, every download, basket."""

import io
import re
from html import unescape

import pyarrow as pa
import pytest

from portal.plugins import Archive
from portal.plugins import Column
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import TableEnd
from portal.results.downloads import FORMATS
from tests.support import lab

FORM = "/archives/odd/query.odd"
MEGABYTE = 1_000_000


def votable(fields, rows):
    return f"""<?xml version="1.0"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE type="results">
<INFO name="QUERY_STATUS" value="OK"/><TABLE>{fields}<DATA><TABLEDATA>{rows}</TABLEDATA></DATA>
</TABLE></RESOURCE></VOTABLE>"""


DOCUMENTS = {
    "duplicate column names": votable(
        '<FIELD name="a" datatype="int"/><FIELD name="A" datatype="char" arraysize="*"/>',
        "<TR><TD>1</TD><TD>x</TD></TR>",
    ),
    "non-finite numbers": votable(
        '<FIELD name="f" datatype="double"/><FIELD name="g" datatype="float"/>',
        "<TR><TD>NaN</TD><TD>+Inf</TD></TR><TR><TD>-Inf</TD><TD>1e-30</TD></TR>",
    ),
    "masked values": votable(
        '<FIELD name="i" datatype="int"><VALUES null="-9"/></FIELD>'
        '<FIELD name="s" datatype="char" arraysize="*"/>',
        "<TR><TD>-9</TD><TD/></TR><TR><TD></TD><TD>x</TD></TR>",
    ),
    "arrays in cells": votable(
        '<FIELD name="v" datatype="double" arraysize="3"/>'
        '<FIELD name="w" datatype="int" arraysize="*"/>'
        '<FIELD name="b" datatype="boolean"/>',
        "<TR><TD>1 2 3</TD><TD>4 5 6 7</TD><TD>T</TD></TR><TR><TD>1 2 3</TD><TD/><TD/></TR>",
    ),
    "a cell of ten megabytes": votable(
        '<FIELD name="t" datatype="char" arraysize="*"/>',
        f"<TR><TD>{'x' * 10 * MEGABYTE}</TD></TR>",
    ),
    "no position and names that spreadsheets run": votable(
        '<FIELD name="=1+1" datatype="char" arraysize="*"/>',
        "<TR><TD>=HYPERLINK(&quot;http://x&quot;)</TD></TR>"
        "<TR><TD>日本語 &amp; &lt;b&gt;</TD></TR>",
    ),
    "no rows at all": votable('<FIELD name="a" datatype="int"/>', ""),
}


class OddParameters(QueryParameters):
    """Which oddity."""

    which: str


class Odd(Query):
    id = "query.odd"
    title = "Odd"
    Parameters = OddParameters

    def text(self, parameters):
        return parameters.which

    def run(self, parameters, context):
        if parameters.which == "a million rows":
            return million_rows()
        document = DOCUMENTS[parameters.which].encode()
        return ResultTable.from_votable(io.BytesIO(document))


def million_rows():
    column = Column(name="n", datatype="long")
    schema = pa.schema([pa.field("n", pa.int64())])

    def batches():
        for start in range(0, MEGABYTE, 100_000):
            numbers = pa.array(range(start, start + 100_000), pa.int64())
            yield pa.RecordBatch.from_arrays([numbers], schema=schema)
        yield TableEnd()

    return ResultTable(columns=(column,), batches=batches())


@pytest.fixture
def plugins():
    from types import ModuleType

    from portal.plugins import hookimpl

    def portal_register_archives():
        return [Archive(id="odd", title="Odd", description="", queries=(Odd(),))]

    module = ModuleType("odd")
    module.portal_register_archives = hookimpl(portal_register_archives)
    return [("odd", module), ("lab", lab)]


@pytest.mark.slow
@pytest.mark.parametrize("which", [*DOCUMENTS, "a million rows"])
def test_an_odd_table_is_a_page_every_download_and_a_basket_item(client, work, which):
    job = client.post(FORM, data={"which": which}).location
    work()

    page = client.get(job + "/results/result")
    html = page.get_data(as_text=True)
    assert page.status_code == 200, unescape(client.get(job).get_data(as_text=True))
    assert len(html) < MEGABYTE
    for extension in FORMATS:
        with client.get(f"{job}/results/result.{extension}") as download:
            assert download.status_code == 200, extension
            assert download.data

    if rows := re.findall(r'name="row" value="(\d+)"', html):
        data = {"job": job.rpartition("/")[2], "result": "result", "row": rows[0]}
        assert client.post("/basket/items", data=data).status_code == 303
        assert "Remove ticked items" in client.get("/basket").get_data(as_text=True)


def test_columns_of_one_name_are_told_apart(client, work):
    job = client.post(FORM, data={"which": "duplicate column names"}).location
    work()

    html = client.get(job + "/results/result").get_data(as_text=True)

    assert ">a</a>" in html
    assert ">A_2</a>" in html


@pytest.mark.slow
def test_a_huge_cell_is_cut_and_its_size_is_told(client, work):
    job = client.post(FORM, data={"which": "a cell of ten megabytes"}).location
    work()

    html = client.get(job + "/results/result").get_data(as_text=True)

    assert "10.0 MB" in html or "10 MB" in html


@pytest.mark.slow
def test_a_million_rows_are_paged_from_both_ends(client, work):
    job = client.post(FORM, data={"which": "a million rows"}).location
    work()

    last = client.get(job + "/results/result?first=999900").get_data(as_text=True)
    top = client.get(job + "/results/result?sort=n&order=desc").get_data(as_text=True)

    assert "999999</td>" in last
    assert re.findall(r'name="row" value="(\d+)"', top)[0] == "999999"

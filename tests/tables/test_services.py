"""Services that a document describes after its table: kept with its header, and never read here."""

import io
import xml.etree.ElementTree as ET

import pytest

from portal.plugins.testing import read_result
from portal.results.keys import ResultKey
from portal.results.store import ResultStore
from portal.tables import ResultTable
from portal.tables.votable.services import LONGEST
from portal.tables.votable.services import with_services

SERVICE = (
    '<RESOURCE type="meta" utype="adhoc:service" ID="dl" xsi:x="1">'
    "<DESCRIPTION>a &lt; b</DESCRIPTION>"
    '<PARAM name="accessURL" datatype="char" arraysize="*" value="http://a.example/l?a=1&amp;b=2"/>'
    '<GROUP name="inputParams"><PARAM name="ID" datatype="char" arraysize="*" ref="id" value=""/>'
    "</GROUP></RESOURCE>"
)
OTHER = '<RESOURCE type="meta" utype="other"><INFO name="a" value="b"/></RESOURCE>'
ROWS = "<TABLEDATA><TR><TD>1</TD></TR><TR><TD>2</TD></TR></TABLEDATA>"
BINARY = '<BINARY><STREAM encoding="base64">AAAAAQAAAAI=</STREAM></BINARY>'


def document(data=ROWS, *, before="", after=""):
    return (
        '<VOTABLE version="1.4" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'{before}<RESOURCE type="results"><TABLE><FIELD name="n" ID="id" datatype="int"/>'
        f"<DATA>{data}</DATA></TABLE></RESOURCE>{after}</VOTABLE>"
    ).encode()


def read(content):
    table = ResultTable.from_votable(io.BytesIO(content))
    rows, end = read_result(table)
    return rows, with_services(table.header, end.services)


@pytest.mark.parametrize("data", [ROWS, BINARY])
def test_a_service_after_the_table_goes_into_its_header(data):
    rows, header = read(document(data, after=OTHER + SERVICE + OTHER))

    root = ET.fromstring(header)
    [found] = [one for one in root.iter() if one.get("utype") == "adhoc:service"]
    assert [row["n"] for row in rows] == [1, 2]
    assert found.findtext("DESCRIPTION") == "a < b"
    assert found.find("PARAM").get("value") == "http://a.example/l?a=1&b=2"
    assert found.find("GROUP/PARAM").get("ref") == "id"
    assert root.find(".//FIELD").get("ID") == "id"


def test_one_before_the_table_is_there_once():
    _, header = read(document(before=SERVICE, after=OTHER))

    assert header.count("adhoc:service") == 1


def test_a_table_without_services_has_its_header_as_it_was():
    table = ResultTable.from_votable(io.BytesIO(document(after=OTHER)))
    _, end = read_result(table)

    assert end.services == ()
    assert with_services(table.header, end.services) is table.header
    assert with_services(None, ("<RESOURCE/>",)) is None


def test_endless_services_are_left_out():
    long = SERVICE.replace("a &lt; b", "x" * LONGEST)

    _, header = read(document(after=SERVICE + long + SERVICE))

    assert header.count("adhoc:service") == 1


def test_the_store_keeps_them(tmp_path):
    store, key = ResultStore(tmp_path), ResultKey("a" * 32, "b" * 32, "result")
    table = ResultTable.from_votable(io.BytesIO(document(after=SERVICE)))

    store.write(key, table, maxrec=10, max_bytes=10**6)

    assert 'utype="adhoc:service"' in store.open(key).header()

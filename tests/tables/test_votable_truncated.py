"""A document cut anywhere is an error, never a table with an end."""

import gzip
import struct

import pytest

from portal.problems import ServiceError
from portal.tables import TableEnd
from tests.tables.documents import binary
from tests.tables.documents import document
from tests.tables.documents import INT_AND_TEXT
from tests.tables.documents import read
from tests.tables.documents import read_in_pieces
from tests.tables.documents import rows
from tests.tables.documents import rows_of
from tests.tables.documents import tabledata

PACKED = struct.pack(">BiI", 0, 1, 2) + b"ab" + struct.pack(">BiI", 0x40, 2, 0)
UNTYPED = tabledata(INT_AND_TEXT, rows("1x")).replace(b' type="results"', b"")
DOCUMENTS = {
    "tabledata": tabledata(INT_AND_TEXT, rows("1x", ["2", "<![CDATA[y]]>"], "3z")),
    "binary": binary(INT_AND_TEXT, PACKED[1:11], "BINARY"),
    "binary2": binary(INT_AND_TEXT, PACKED),
    "no rows": document(INT_AND_TEXT),
    "untyped": UNTYPED,
    "gzip": gzip.compress(tabledata(INT_AND_TEXT, rows("1x", "2y"))),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_whole_document_has_an_end(name):
    *_, end = read(DOCUMENTS[name]).batches
    assert isinstance(end, TableEnd)


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_cut_at_any_byte_has_none(name):
    whole = DOCUMENTS[name]
    # The last four bytes of gzip are a length that says nothing about the document.
    for length in range(len(whole) - (4 if name == "gzip" else 0)):
        with pytest.raises(ServiceError):
            rows_of(read(whole[:length]))


@pytest.mark.parametrize("name", ["tabledata", "binary", "binary2", "untyped"])
@pytest.mark.parametrize("size", [1, 3, 64])
def test_the_size_of_the_pieces_changes_nothing(name, size):
    whole = DOCUMENTS[name]
    assert rows_of(read_in_pieces(whole, size)) == rows_of(read(whole))
    for length in range(0, len(whole), 7):
        with pytest.raises(ServiceError):
            rows_of(read_in_pieces(whole[:length], size))


def test_rows_before_the_cut_are_there_first():
    whole = DOCUMENTS["tabledata"]
    batches = read(whole[: whole.index(b"<TR><TD>3")]).batches
    assert next(iter(batches)).num_rows == 2
    with pytest.raises(ServiceError, match="ended in the middle"):
        next(iter(batches))

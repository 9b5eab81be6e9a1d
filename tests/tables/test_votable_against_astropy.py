"""The reader gives what astropy gives, for tables of every type in every serialisation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from portal.problems import ServiceError
from tests.support.examples import examples
from tests.tables.astropy_cells import alike
from tests.tables.astropy_cells import votable_rows
from tests.tables.cases import packed_fields
from tests.tables.cases import text_fields
from tests.tables.documents import binary
from tests.tables.documents import read_in_pieces
from tests.tables.documents import rows_of
from tests.tables.documents import tabledata

LAYOUTS = [
    ("<TR>", "<TD>", "</TD>", "</TR>"),
    ("<TR>\n  ", "<TD>", "</TD>\n  ", "</TR>\n"),
    ("\r\n<TR>", "\r\n\t<TD>", "</TD>", "\r\n</TR>"),
    ("<TR ID='r'>", "<TD >", "</TD>", "</TR >"),
]
PIECES = st.integers(1, 400) | st.just(10_000_000)


@given(st.data(), st.lists(text_fields(), min_size=1, max_size=5), st.integers(0, 5), PIECES)
@settings(max_examples=examples(60), deadline=None)
def test_tabledata_reads_as_astropy_reads_it(data, fields, count, size):
    tr, td, td_end, tr_end = data.draw(st.sampled_from(LAYOUTS))
    cells = [[data.draw(field.cells) for field in fields] for _ in range(count)]
    body = "".join(tr + "".join(f"{td}{cell}{td_end}" for cell in row) + tr_end for row in cells)
    check(tabledata(_declarations(fields), body), size)


@given(
    st.data(),
    st.lists(packed_fields(), min_size=1, max_size=10),
    st.integers(0, 5),
    PIECES,
    st.sampled_from(["BINARY", "BINARY2"]),
)
@settings(max_examples=examples(60), deadline=None)
def test_packed_rows_read_as_astropy_reads_them(data, fields, count, size, serialisation):
    packed = b""
    for _ in range(count):
        if serialisation == "BINARY2":
            flags = [not field.is_text and data.draw(st.booleans()) for field in fields]
            packed += np.packbits(flags).tobytes()
        packed += b"".join(data.draw(field.cells) for field in fields)
    check(binary(_declarations(fields), packed, serialisation), size)


def check(document, size):
    """Read a document both ways and compare every cell."""
    try:
        expected = votable_rows(document)
    except ValueError:
        with pytest.raises(ServiceError):
            rows_of(read_in_pieces(document, size))
        return
    rows = rows_of(read_in_pieces(document, size))
    assert len(rows) == len(expected)
    for row, wanted_row in zip(rows, expected, strict=True):
        for cell, wanted in zip(row, wanted_row, strict=True):
            assert repr(alike(cell)) == repr(alike(wanted))


def _declarations(fields):
    return "".join(field.xml(f"c{i}") for i, field in enumerate(fields))

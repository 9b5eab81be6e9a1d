"""The reader gives what astropy gives, for tables of every type in every serialisation."""

import io
import warnings

import numpy as np
import pytest
from astropy.io.votable import parse
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from portal.problems import ServiceError
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
@settings(max_examples=60, deadline=None)
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
@settings(max_examples=60, deadline=None)
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
    expected = by_astropy(document)
    if isinstance(expected, Exception):
        with pytest.raises(ServiceError):
            rows_of(read_in_pieces(document, size))
        return
    rows = rows_of(read_in_pieces(document, size))
    assert len(rows) == len(expected)
    for row, wanted_row in zip(rows, expected, strict=True):
        for cell, wanted in zip(row, wanted_row, strict=True):
            assert repr(_alike(cell)) == repr(_alike(wanted))


def by_astropy(document):
    """All rows as astropy reads them, or the error it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of overflow, where a number is too great for a float
        try:
            table = parse(io.BytesIO(document), verify="ignore").get_first_table()
        except ValueError as error:
            return error
    array, names = table.array, table.array.dtype.names
    return [
        [
            _cell(array.data[name][i], array.mask[name][i], field)
            for name, field in zip(names, table.fields, strict=True)
        ]
        for i in range(len(array))
    ]


def _cell(value, mask, field):
    """An astropy cell as plain Python: None for masked and NaN, flat lists, pairs for complex."""
    if isinstance(value, str):
        return str(value)
    if field.arraysize == "1":
        value, mask = np.ma.getdata(value)[0], np.ma.getmaskarray(value) | mask
    if np.ndim(value) == 0:
        return None if np.all(mask) else _number(value)
    if np.ndim(mask) == 0 and mask:
        return None
    hidden = np.broadcast_to(np.ma.getmaskarray(value) | mask, np.shape(value)).ravel()
    values = np.ma.getdata(value).ravel()
    if field.datatype == "float":
        values = values.astype(np.float32)  # astropy makes doubles of "*" arrays in TABLEDATA
    return _alike([None if h else _number(v) for v, h in zip(values, hidden, strict=True)])


def _number(value):
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, complex):
        return None if np.isnan(value) else [value.real, value.imag]
    return None if value != value else value  # noqa: PLR0124 - NaN


def _alike(cell):
    """A cell without what astropy cannot show: null text, and null arrays among arrays of nulls."""
    if isinstance(cell, list) and cell and all(element is None for element in cell):
        return None
    return None if cell == "" else cell


def _declarations(fields):
    return "".join(field.xml(f"c{i}") for i, field in enumerate(fields))

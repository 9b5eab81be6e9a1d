"""Every format reads back as what was written: by astropy, by pyarrow, by our own reader."""

import io
import tempfile
import warnings
from pathlib import Path

import pyarrow.parquet as pq
from astropy.table import Table
from hypothesis import assume
from hypothesis import given
from hypothesis import settings

from portal.tables import FORMATS
from portal.tables import ResultTable
from tests.support.examples import examples
from tests.tables.astropy_cells import alike
from tests.tables.astropy_cells import plain
from tests.tables.astropy_cells import votable_rows
from tests.tables.cells import INTEGERS
from tests.tables.cells import tables
from tests.tables.documents import read
from tests.tables.documents import rows_of

EXAMPLES = settings(max_examples=examples(25), deadline=None)


def written(name, columns, batches, **options):
    """The bytes of a file in one of the formats."""
    return b"".join(FORMATS[name].write(columns, lambda: iter(batches), **options))


def rows_in(batches):
    return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


def as_read(rows, view):
    return [[view(cell) for cell in row] for row in rows]


def nothing_as_none(cell):
    """A cell where text and arrays without elements count as null."""
    return None if cell == [] else alike(cell)


@given(tables())
@EXAMPLES
def test_binary2_reads_back_equal(table):
    columns, batches = table
    document = written("votable", columns, batches)
    assert rows_of(read(document)) == rows_in(batches)
    if batches:
        assert as_read(votable_rows(document), nothing_as_none) == as_read(
            rows_in(batches), nothing_as_none
        )


@given(tables())
@EXAMPLES
def test_tabledata_reads_back_equal(table):
    columns, batches = table
    document = written("votable-tabledata", columns, batches)
    expected = as_read(rows_in(batches), nothing_as_none)
    assert as_read(rows_of(read(document)), nothing_as_none) == expected
    assert as_read(votable_rows(document), nothing_as_none) == expected


@given(tables())
@EXAMPLES
def test_parquet_reads_back_equal(table):
    columns, batches = table
    with tempfile.NamedTemporaryFile() as file:
        file.write(written("parquet", columns, batches))
        file.flush()
        assert rows_in(pq.read_table(file.name).to_batches()) == rows_in(batches)
        read_back = ResultTable.from_parquet(Path(file.name))
        assert read_back.columns == tuple(columns)
        assert rows_of(read_back) == rows_in(batches)


@given(tables())
@EXAMPLES
def test_fits_reads_back_equal(table):
    columns, batches = table
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of null truth values, which astropy takes for False
        read_back = Table.read(io.BytesIO(written("fits", columns, batches)), format="fits")
    assert read_back.colnames == [column.name for column in columns]
    for name, column in zip(read_back.colnames, columns, strict=True):
        cells = [cell for batch in batches for cell in batch[name].to_pylist()]
        expected = [_in_fits(column, cell) for cell in cells]
        if _has_nulls_in_the_heap(column, cells):
            expected = [[None if e is None else float(e) for e in cell or []] for cell in cells]
            expected = [alike(cell) for cell in expected]
        assert [alike(plain(cell)) for cell in read_back[name]] == expected


def _has_nulls_in_the_heap(column, cells):
    """Whether a column of integers became one of doubles (astropy takes no TNULL in the heap)."""
    return (
        column.datatype in INTEGERS
        and column.arraysize == "*"
        and any(None in cell for cell in cells if cell)
    )


def _in_fits(column, cell):
    """A cell as FITS can hold it: no null truth value, no null array of any length."""
    if column.datatype in ("boolean", "bit"):
        if not column.is_array:
            return bool(cell)
        elements = [False] * 99 if cell is None and column.arraysize != "*" else cell or []
        sizes = {"3": 3, "2x2": 4}
        return [bool(element) for element in elements[: sizes.get(column.arraysize)]]
    return alike(cell or []) if column.arraysize == "*" and column.is_array else alike(cell)


@given(tables())
@EXAMPLES
def test_ecsv_reads_back_equal(table):
    columns, batches = table
    assume(rows_in(batches))  # astropy cannot read arrays in a table without rows
    text = written("ecsv", columns, batches).decode()
    read_back = Table.read(text.split("\n"), format="ascii.ecsv")
    for name, column in zip(read_back.colnames, columns, strict=True):
        expected = [
            nothing_as_none(_in_ecsv(column, cell))
            for batch in batches
            for cell in batch[name].to_pylist()
        ]
        cells = [nothing_as_none(_flat(column, plain(cell))) for cell in read_back[name]]
        assert cells == expected


def _in_ecsv(column, cell):
    """A cell as astropy reads it: without nulls in arrays of truth values of any length."""
    if column.datatype in ("boolean", "bit") and column.arraysize == "*":
        return [bool(element) for element in cell or []]
    return cell


def _flat(column, cell):
    """A cell of JSON as a flat list; astropy leaves pairs of numbers nested as they are."""
    if "Complex" in column.datatype and column.arraysize == "2x2" and cell is not None:
        return [pair for row in cell for pair in row]
    return cell

"""Several tables as one: columns of the same name shared where that is safe, rows in turn."""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

import pyarrow as pa

from portal.tables.columns import arrow_schema
from portal.tables.columns import Column
from portal.tables.columns import unique_names
from portal.tables.result import ResultTable
from portal.tables.result import TableEnd

# Which numbers each type holds without loss, the narrowest first.
HOLDS = {
    "unsignedByte": {"unsignedByte"},
    "short": {"unsignedByte", "short"},
    "int": {"unsignedByte", "short", "int"},
    "long": {"unsignedByte", "short", "int", "long"},
    "float": {"unsignedByte", "short", "float"},
    "double": {"unsignedByte", "short", "int", "float", "double"},
}
ROWS_AT_ONCE = 10_000
NO_UNIT = frozenset({None, "", "-"})
NO_WORD = re.compile(r"\W+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTable:
    """A table to be merged: where its rows come from, as text in each of the leading columns.

    `mark` is a word that tells a column of this table from one of the same name that it
    cannot share.
    """

    mark: str
    leading: Sequence[str]
    table: ResultTable


@dataclass(slots=True)
class _Shared:
    """A column of the whole, and which column of each table fills it."""

    column: Column
    sources: dict[int, int] = field(default_factory=dict)


def merge_tables(
    leading: Sequence[Column], tables: Sequence[NamedTable], *, maxrec: int
) -> ResultTable:
    """Return the rows of all tables, one table after the other, as they are read.

    Columns have the same name, whatever its case, when they can be shared: texts among
    themselves, numbers of types of which one holds all values of the other, arrays of the same
    type; and only in the same unit. A column that cannot is another one, with the mark of its
    table in its name, so that no value is changed or taken for something else. `leading` are
    columns of text. The whole is an overflow when one of the tables is, or at `maxrec` rows.
    """
    shared = _plan([one.table.columns for one in tables], [one.mark for one in tables])
    columns = unique_names([*leading, *(one.column for one in shared)])
    rows = _rows(columns, shared, tables, maxrec)
    return ResultTable(columns=columns, batches=_joined(rows))


def common_column(one: Column, other: Column) -> Column | None:
    """Return the column that holds the values of both; None where that could change some."""
    if _unit(one) != _unit(other):
        return None
    types = _common_type(one, other)
    if types is None:
        return None
    datatype, arraysize = types
    return replace(
        one,
        datatype=datatype,
        arraysize=arraysize,
        ucd=one.ucd if _same(one.ucd, other.ucd) else None,
        utype=one.utype if _same(one.utype, other.utype) else None,
        xtype=one.xtype if _same(one.xtype, other.xtype) else None,
    )


def _common_type(one: Column, other: Column) -> tuple[str, str | None] | None:
    if one.is_text and other.is_text:
        wide = "unicodeChar" in (one.datatype, other.datatype)
        return "unicodeChar" if wide else "char", _common_size(one, other)
    if one.datatype == other.datatype and one.arraysize == other.arraysize:
        return one.datatype, one.arraysize
    if one.is_array and other.is_array:
        flat = "x" not in f"{one.arraysize}{other.arraysize}"
        return (one.datatype, "*") if flat and one.datatype == other.datatype else None
    if one.is_numeric and other.is_numeric:
        both = {one.datatype, other.datatype}
        wide_enough = next((name for name, held in HOLDS.items() if both <= held), None)
        return (wide_enough, None) if wide_enough else None
    return None


def _common_size(one: Column, other: Column) -> str | None:
    return one.arraysize if one.arraysize == other.arraysize else "*"


def _unit(column: Column) -> str | None:
    return None if column.unit in NO_UNIT else str(column.unit).strip()


def _same(one: str | None, other: str | None) -> bool:
    return (one or "").casefold() == (other or "").casefold()


def _plan(tables: Iterable[Sequence[Column]], marks: Sequence[str]) -> list[_Shared]:
    """Return the columns of the whole, in the order in which they are met."""
    found: list[_Shared] = []
    by_name: dict[str, list[_Shared]] = {}
    for number, columns in enumerate(tables):
        for place, column in enumerate(columns):
            known = by_name.setdefault(column.name.casefold(), [])
            if _join(known, column, number, place):
                continue
            name = f"{column.name}_{_word(marks[number])}" if known else column.name
            known.append(_Shared(replace(column, name=name), {number: place}))
            found.append(known[-1])
    return found


def _join(known: Sequence[_Shared], column: Column, number: int, place: int) -> bool:
    for one in known:
        common = common_column(one.column, column)
        if common is not None and number not in one.sources:
            one.column = common
            one.sources[number] = place
            return True
    return False


def _word(mark: str) -> str:
    return NO_WORD.sub("_", mark).strip("_")


def _rows(
    columns: Sequence[Column],
    shared: Sequence[_Shared],
    tables: Sequence[NamedTable],
    maxrec: int,
) -> Iterator[pa.RecordBatch | TableEnd]:
    schema = arrow_schema(columns)
    left, overflow = maxrec, False
    for number, one in enumerate(tables):
        sources = _sources(shared, number)
        for element in one.table.batches:
            if isinstance(element, TableEnd):
                overflow |= element.overflow
                continue
            batch = element.slice(0, left)
            left -= batch.num_rows
            if batch.num_rows:
                yield _widened(batch, schema, one.leading, sources)
            if batch.num_rows < element.num_rows:
                yield TableEnd(overflow=True)
                return
    yield TableEnd(overflow=overflow)


def _joined(
    elements: Iterable[pa.RecordBatch | TableEnd],
) -> Iterator[pa.RecordBatch | TableEnd]:
    """Join small batches: what is done with each column of each batch costs more than its rows."""
    held: list[pa.RecordBatch] = []
    for element in elements:
        is_end = isinstance(element, TableEnd)
        held += [] if is_end else [element]
        if held and (is_end or sum(one.num_rows for one in held) >= ROWS_AT_ONCE):
            yield pa.concat_batches(held)
            held = []
        if is_end:
            yield element


def _sources(shared: Sequence[_Shared], number: int) -> dict[int, int]:
    return {at: one.sources[number] for at, one in enumerate(shared) if number in one.sources}


def _widened(
    batch: pa.RecordBatch, schema: pa.Schema, leading: Sequence[str], sources: Mapping[int, int]
) -> pa.RecordBatch:
    """Return rows of one table with the columns of the whole."""
    count = batch.num_rows
    labels = [pa.repeat(pa.scalar(text, pa.string()), count) for text in leading]
    cells = [
        batch.column(sources[at]).cast(kind.type) if at in sources else pa.nulls(count, kind.type)
        for at, kind in enumerate(list(schema)[len(labels) :])
    ]
    return pa.RecordBatch.from_arrays([*labels, *cells], schema=schema)

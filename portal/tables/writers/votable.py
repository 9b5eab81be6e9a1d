"""VOTable files: BINARY2, or TABLEDATA for people who want to see the rows in the file."""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace

from portal.tables.columns import Column
from portal.tables.writers.base64text import Base64
from portal.tables.writers.binaryrows import binary_rows
from portal.tables.writers.flat import fixed_count
from portal.tables.writers.format import Batches
from portal.tables.writers.header import closing_xml
from portal.tables.writers.header import OPENING
from portal.tables.writers.header import table_xml
from portal.tables.writers.measure import INTEGERS
from portal.tables.writers.measure import Measure
from portal.tables.writers.measure import measure
from portal.tables.writers.textrows import text_rows


def write_binary2(
    columns: Sequence[Column], batches: Batches, *, overflow: bool = False
) -> Iterator[bytes]:
    """Yield a VOTable document with BINARY2 data; null cells are marked, "" is not null."""
    yield OPENING.encode()
    declared, nulls = _declared(columns, batches)
    yield _head(declared, nulls, '<DATA><BINARY2><STREAM encoding="base64">\n')
    base64 = Base64()
    for batch in batches():
        yield base64.encode(binary_rows(declared, nulls, batch))
    yield base64.finish() + b"</STREAM></BINARY2></DATA>\n"
    yield closing_xml(overflow=overflow).encode()


def write_tabledata(
    columns: Sequence[Column], batches: Batches, *, overflow: bool = False
) -> Iterator[bytes]:
    """Yield a VOTable document with TABLEDATA; null and "" are the same empty cell."""
    yield OPENING.encode()
    declared, nulls = _declared(columns, batches)
    yield _head(declared, nulls, "<DATA><TABLEDATA>\n")
    for batch in batches():
        yield text_rows(declared, nulls, batch)
    yield b"</TABLEDATA></DATA>\n"
    yield closing_xml(overflow=overflow).encode()


def _head(columns: Sequence[Column], nulls: Sequence[int | None], data: str) -> bytes:
    return (table_xml(columns, nulls) + data).encode()


def _declared(columns: Sequence[Column], batches: Batches) -> tuple[list[Column], list[int | None]]:
    """Return the columns as the rows are written, and what is null inside their arrays."""
    measures = measure(columns, batches, needed=lambda c: c.is_array or c.datatype == "char")
    pairs = [_as_written(*pair) for pair in zip(columns, measures, strict=True)]
    return [column for column, _ in pairs], [null for _, null in pairs]


def _as_written(column: Column, measured: Measure) -> tuple[Column, int | None]:
    """Return a column as its cells are declared, and what is null inside its arrays.

    char is for ASCII, as astropy refuses more in BINARY; readers disagree about bit; and a
    fixed arraysize is kept where all cells obey it.
    """
    if column.is_text:
        datatype = "unicodeChar" if column.datatype != "char" or not measured.ascii else "char"
        return replace(column, datatype=datatype, arraysize="*"), None
    if column.datatype == "bit":
        column = replace(column, datatype="boolean")
    if not column.is_array:
        return replace(column, arraysize=None), None
    if not measured.all_have(fixed_count(column)):
        column = replace(column, arraysize="*")
    if column.datatype not in INTEGERS or not measured.nulls:
        return column, None
    datatype, null = measured.integer_null(column.datatype)
    return replace(column, datatype=datatype), null

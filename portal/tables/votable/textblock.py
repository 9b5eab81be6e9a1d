"""Whole rows of plain TABLEDATA markup to Arrow, without an XML parser."""

import codecs
import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from astropy.io.votable.tree import Field
from pyarrow import csv

from portal.tables.columns import arrow_schema
from portal.tables.columns import Column
from portal.tables.votable.cells import array_of_strings
from portal.tables.votable.cells import array_of_texts
from portal.tables.votable.cells import numbers_of
from portal.tables.votable.cells import parsed_type

BETWEEN_ROWS = re.compile(rb"</TD>\s*</TR>\s*<TR>\s*<TD>")
BETWEEN_CELLS = re.compile(rb"</TD>\s*<TD>")
FIRST_CELL = re.compile(rb"<TR>\s*<TD>")
BETWEEN_TAGS = re.compile(rb">\s+<")
CELL_END = b"</TD>"
ROW_END = b"</TR>"
SEPARATOR = b"\x01"
HEXADECIMAL = re.compile(rb"(?:^|[\x01\n])[ \t]*0[xX]")
ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}
BLANKS = " \t\r\n"
LOWER_CASE = 0x20


class IrregularError(Exception):
    """A block needs the XML parser."""


class TextBlocks:
    """Read blocks of rows; None stands for a block that only an XML parser may judge.

    The markup between cells becomes one byte that XML does not allow in text, the markup
    between rows a line end, and the rest is a CSV file without quotes. Every check leans
    towards None: a tag, a reference or a number that is not the plainest of its kind.
    """

    def __init__(self, columns: Sequence[Column], fields: Sequence[Field]) -> None:
        self._columns = columns
        self._fields = fields
        self._schema = arrow_schema(columns)
        names = [str(i) for i in range(len(columns))]
        # What the CSV reader must not judge stays text.
        types = [parsed_type(c) if c.is_numeric else pa.string() for c in columns]
        self._convert = csv.ConvertOptions(
            column_types=dict(zip(names, types, strict=True)),
            null_values=[""],
            strings_can_be_null=False,
        )
        self._parse = csv.ParseOptions(
            delimiter=SEPARATOR.decode(),
            quote_char=False,
            escape_char=False,
            # An empty line is a row only where a row may be nothing but an empty cell.
            ignore_empty_lines=len(columns) > 1,
        )
        self._names = names
        self._has_integers = any(pa.types.is_integer(kind) for kind in types)

    def batch(self, block: bytes) -> pa.RecordBatch | None:
        """Return the rows of a block that begins with <TR> and ends with </TR>, or None."""
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b"<TD/>" in block:
            block = block.replace(b"<TD/>", b"<TD></TD>")
        try:
            lines = _lines(block) or _lines(BETWEEN_TAGS.sub(b"><", block))
            if lines is None or lines.startswith(codecs.BOM_UTF8):  # which CSV readers drop
                return None
            if self._has_integers and _may_be_hexadecimal(lines):
                return None
            entities = _entities(lines)
            table = self._csv(lines)
            if table.num_rows != block.count(ROW_END):
                return None
            return self._batch(table, entities)
        except (pa.ArrowInvalid, IrregularError):
            return None

    def _csv(self, lines: bytes) -> pa.Table:
        read = csv.ReadOptions(
            column_names=self._names, use_threads=False, block_size=len(lines) + 1
        )
        return csv.read_csv(
            pa.BufferReader(lines),
            read_options=read,
            parse_options=self._parse,
            convert_options=self._convert,
        )

    def _batch(self, table: pa.Table, entities: Sequence[str]) -> pa.RecordBatch:
        arrays = [
            _cells(column, field, cells.combine_chunks(), entities)
            for column, field, cells in zip(self._columns, self._fields, table.columns, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)


def _lines(block: bytes) -> bytes | None:
    """Return rows as lines of separated cells; None if other markup is left among them.

    Line ends in cells do no harm: at the edges they are blanks that are trimmed anyway, and
    elsewhere the CSV reader finds a line with too few cells.
    """
    first, end = FIRST_CELL.match(block), block.rfind(CELL_END)
    if first is None or SEPARATOR in block or block[end + len(CELL_END) :].strip() != ROW_END:
        return None
    text = block[first.end() : end]
    for pattern, replacement in ((BETWEEN_CELLS, SEPARATOR), (BETWEEN_ROWS, b"\n")):
        if markup := pattern.search(text):
            text = text.replace(markup[0], replacement)
    return None if b"<" in text else text + b"\n"


def _entities(lines: bytes) -> list[str]:
    """Return the entities that occur; IrregularError on a reference to anything else."""
    found, left = [], lines.count(b"&")
    for entity in ENTITIES:
        if left and (count := lines.count(entity.encode())):
            found.append(entity)
            left -= count
    if left:
        raise IrregularError
    return found


def _may_be_hexadecimal(lines: bytes) -> bool:
    """Whether a cell may begin with 0x, which the CSV reader and astropy read differently."""
    data = np.frombuffer(lines, np.uint8)
    x = np.flatnonzero((data | LOWER_CASE) == ord("x"))
    return bool((data[x - 1] == ord("0")).any()) and HEXADECIMAL.search(lines) is not None


def _cells(column: Column, field: Field, cells: pa.Array, entities: Sequence[str]) -> pa.Array:
    if column.is_numeric:
        return numbers_of(column, field, cells)
    cells = pc.ascii_trim(cells, BLANKS)
    for entity in reversed(entities):  # the ampersand last, so that nothing is unescaped twice
        cells = pc.replace_substring(cells, entity, ENTITIES[entity])
    array = array_of_strings(column, field, cells)
    return array_of_texts(column, field, cells.to_pylist()) if array is None else array

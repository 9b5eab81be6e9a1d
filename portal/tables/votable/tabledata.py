"""TABLEDATA: rows of marked-up text, block by block; odd blocks go cell by cell."""

from collections.abc import Iterator
from collections.abc import Sequence

import pyarrow as pa
from astropy.io.votable.tree import Field

from portal.problems import ServiceError
from portal.tables.columns import arrow_schema
from portal.tables.columns import Column
from portal.tables.votable.cells import array_of_texts
from portal.tables.votable.cells import Text
from portal.tables.votable.locate import OpenTable
from portal.tables.votable.screen import Listener
from portal.tables.votable.screen import Screen
from portal.tables.votable.textblock import TextBlocks

END = b"</TABLEDATA"
ROW_END = b"</TR>"
BLANKS = " \t\r\n"
LONGEST_PENDING = 64 * 1024 * 1024
LONGEST_ROW = 256 * 1024 * 1024


class TabledataReader:
    """Turn the rest of a document, fed in pieces, into record batches.

    Whole rows of plain markup bypass the XML parser; other blocks go through it, and so does
    all that follows where it cannot be told whether a row has ended, or after the last one.
    """

    def __init__(
        self, table: OpenTable, columns: Sequence[Column], fields: Sequence[Field]
    ) -> None:
        self.fast_rows = 0
        self.astropy_rows = 0
        self.bytes_left = 0
        self._columns = columns
        self._fields = fields
        self._blocks = TextBlocks(columns, fields)
        self._rows = _Rows(len(columns))
        self._screen = Screen(self._rows, table.status, table.inside)
        self._pending = b""
        self._searched = 0
        self._bypassing = not any(":" in name for name in table.inside)

    def feed(self, data: bytes) -> Iterator[pa.RecordBatch]:
        """Take the next bytes of the document; yield the rows they complete."""
        if not self._bypassing:
            yield from self._parse(data)
            return
        self._pending += data
        end = self._pending.find(END, self._searched)
        cut = end if end >= 0 else self._pending.rfind(ROW_END) + len(ROW_END)
        if end >= 0 or cut >= len(ROW_END):
            block, self._pending = self._pending[:cut], self._pending[cut:]
            yield from self._block(block)
        self._searched = max(0, len(self._pending) - len(END))
        if end >= 0 or len(self._pending) > LONGEST_PENDING:
            self._bypassing = False
        if not self._bypassing:
            data, self._pending = self._pending, b""
            yield from self._parse(data)

    def close(self) -> None:
        """Check that the document is complete; ServiceError when it is not."""
        if self._bypassing:
            self._screen.feed(self._pending)
        self._screen.close()

    def _block(self, block: bytes) -> Iterator[pa.RecordBatch]:
        plain = block.strip()
        if not plain:
            return
        batch = self._blocks.batch(plain)
        if batch is not None:
            self.fast_rows += batch.num_rows
            yield batch
            return
        yield from self._parse(block)
        # Unless the parser, too, saw a row end here, this end was inside a comment or CDATA.
        self._bypassing = self._rows.ended_at == self._screen.fed - len(ROW_END)

    def _parse(self, data: bytes) -> Iterator[pa.RecordBatch]:
        self._screen.feed(data)
        if rows := self._rows.taken():
            self.astropy_rows += len(rows)
            yield _batch(self._columns, self._fields, rows)


class _Rows(Listener):
    """Collect the cells of rows as text, until TABLEDATA ends."""

    def __init__(self, width: int) -> None:
        self.ended_at = -1
        self._between = True
        self._ended = False
        self._width = width
        self._rows: list[list[Text]] = []
        self._row: list[Text] = []
        self._cell: list[str] | None = None
        self._size = 0
        self._encoded = False

    def taken(self) -> list[list[Text]]:
        """Return the rows that are complete, once."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attributes: dict[str, str], at: int) -> bool:
        """Begin a row or a cell; ServiceError on any other markup among the rows."""
        if self._ended:
            return False
        if name == "TR" and self._between:
            self._row, self._size, self._between = [], 0, False
        elif name == "TD" and not self._between and self._cell is None:
            self._cell, self._encoded = [], attributes.get("encoding") == "base64"
        else:
            raise ServiceError(f"The service's table has a misplaced {name} among its rows.")
        return False

    def text(self, text: str) -> None:
        """Add to the cell that is open."""
        if self._cell is not None:
            self._cell.append(text)
            self._size += len(text)
            if self._size > LONGEST_ROW:
                raise ServiceError("The service's table has an endless row.")

    def end(self, name: str, at: int) -> bool:
        """End a cell, a row, or the table."""
        if name == "TD" and self._cell is not None:
            text = "".join(self._cell).strip(BLANKS)
            self._row.append(text.encode() if self._encoded else text)
            self._cell = None
        elif name == "TR" and not self._between:
            self._rows.append(self._checked_row())
            self._between, self.ended_at = True, at
        elif name == "TABLEDATA":
            self._ended = True
        return False

    def _checked_row(self) -> list[Text]:
        if len(self._row) != self._width:
            raise ServiceError(
                f"The service's table has a row of {len(self._row)} cells"
                f" where {self._width} columns are declared."
            )
        return self._row


def _batch(
    columns: Sequence[Column], fields: Sequence[Field], rows: Sequence[Sequence[Text]]
) -> pa.RecordBatch:
    texts = zip(*rows, strict=True)
    arrays = [array_of_texts(*cells) for cells in zip(columns, fields, texts, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(columns))

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
        self._screen = Screen(Listener(), table.status, table.inside)
        prefix = table.inside[-1].rpartition(":")[0]
        self._rows = _Rows(self._screen, f"{prefix}:" if prefix else "", len(columns))
        self._pending = b""
        self._searched = 0
        self._bypassing = not prefix

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


class _Rows:
    """Collect the cells of rows as text, until TABLEDATA ends.

    `ended_at` is where the closing tag of the last row begins.
    """

    def __init__(self, screen: Screen, prefix: str, width: int) -> None:
        self.ended_at = -1
        self._screen = screen
        self._td, self._tr = f"{prefix}TD", f"{prefix}TR"
        self._width = width
        self._rows: list[list[Text]] = []
        self._row: list[Text] | None = None
        self._cell: list[str] | None = None
        self._size = 0
        self._encoded = False
        screen.lend(self)

    def taken(self) -> list[list[Text]]:
        """Return the rows that are complete, once."""
        rows, self._rows = self._rows, []
        return rows

    def raw_start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin a row or a cell; ServiceError on any other markup among the rows."""
        if name == self._td and self._cell is None and self._row is not None:
            self._cell, self._encoded = [], attributes.get("encoding") == "base64"
        elif name == self._tr and self._row is None:
            self._row, self._size = [], 0
        else:
            raise ServiceError(f"The service's table has a misplaced {name} among its rows.")

    def raw_text(self, text: str) -> None:
        """Add to the cell that is open."""
        if self._cell is not None:
            self._cell.append(text)
            self._size += len(text)
            if self._size > LONGEST_ROW:
                raise ServiceError("The service's table has an endless row.")

    def raw_end(self, name: str) -> None:
        """End a cell, a row, or the table."""
        if self._cell is not None and self._row is not None:
            text = "".join(self._cell).strip(BLANKS)
            self._row.append(text.encode() if self._encoded else text)
            self._cell = None
        elif self._row is not None:
            self._rows.append(self._checked(self._row))
            self._row, self.ended_at = None, self._screen.at
        else:
            self._screen.take_back()

    def _checked(self, row: list[Text]) -> list[Text]:
        if len(row) != self._width:
            raise ServiceError(
                f"The service's table has a row of {len(row)} cells"
                f" where {self._width} columns are declared."
            )
        return row


def _batch(
    columns: Sequence[Column], fields: Sequence[Field], rows: Sequence[Sequence[Text]]
) -> pa.RecordBatch:
    texts = zip(*rows, strict=True)
    arrays = [array_of_texts(*cells) for cells in zip(columns, fields, texts, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(columns))

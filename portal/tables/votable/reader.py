"""From a stream of bytes to columns and record batches."""

from collections.abc import Iterator
from collections.abc import Sequence
from typing import BinaryIO

import pyarrow as pa
from astropy.io.votable.tree import Field

from portal.tables.columns import Column
from portal.tables.result import TableEnd
from portal.tables.votable.binary import BinaryReader
from portal.tables.votable.header import columns_of
from portal.tables.votable.header import read_fields
from portal.tables.votable.locate import open_table
from portal.tables.votable.locate import OpenTable
from portal.tables.votable.screen import Listener
from portal.tables.votable.screen import Screen
from portal.tables.votable.services import Services
from portal.tables.votable.source import Source
from portal.tables.votable.spool import Pieces
from portal.tables.votable.tabledata import TabledataReader


def read(stream: BinaryIO) -> tuple[tuple[Column, ...], "Batches", str]:
    """Return the columns, the batches still to come, and the header of a VOTable.

    Blocks until the header is there. Raises ServiceError when the document is no VOTable,
    is hostile or cut short, or reports an error (with the service's own words).
    """
    return read_pieces(Source(stream))


def read_pieces(pieces: Pieces) -> tuple[tuple[Column, ...], "Batches", str]:
    """Do what `read` does for a document in UTF-8 that comes in pieces of any size."""
    table = open_table(pieces)
    table.status.raise_error()
    table.status.services = Services()
    fields, header = read_fields(table.header, table.resource_depth)
    columns = columns_of(fields)
    return columns, Batches(table, columns, fields), header.decode()


class Batches(Iterator[pa.RecordBatch | TableEnd]):
    """The rows of a document as they arrive, and a TableEnd when it was complete.

    `fast_rows` counts the rows read without an XML parser, `astropy_rows` those whose cells
    went one by one through the parser and astropy's converters. Iterating raises
    ServiceError when the document is damaged, cut short, or ends in an error.
    """

    def __init__(
        self, table: OpenTable, columns: Sequence[Column], fields: Sequence[Field]
    ) -> None:
        self._table = table
        self._reader = _reader(table, columns, fields)
        self._batches = self._run()

    @property
    def fast_rows(self) -> int:
        """How many rows so far were read without an XML parser."""
        return self._reader.fast_rows

    @property
    def astropy_rows(self) -> int:
        """How many rows so far were read cell by cell."""
        return self._reader.astropy_rows

    def __next__(self) -> pa.RecordBatch | TableEnd:
        """Return what comes next, waiting for the stream."""
        return next(self._batches)

    def _run(self) -> Iterator[pa.RecordBatch | TableEnd]:
        yield from self._reader.feed(self._table.rest)
        while piece := self._table.following.piece():
            yield from self._reader.feed(piece)
        self._table.status.raise_error()
        self._reader.close()
        if self._reader.bytes_left:
            note = f"{self._reader.bytes_left} bytes after the last whole row were left out"
            self._table.status.infos.append(("incomplete_row", note))
        yield self._table.status.table_end()


class _NoRows:
    """Reads the rest of a document whose table has no rows."""

    fast_rows = 0
    astropy_rows = 0
    bytes_left = 0

    def __init__(self, table: OpenTable) -> None:
        self._screen = Screen(Listener(), table.status, table.inside)

    def feed(self, data: bytes) -> Iterator[pa.RecordBatch]:
        self._screen.feed(data)
        return iter(())

    def close(self) -> None:
        self._screen.close()


def _reader(
    table: OpenTable, columns: Sequence[Column], fields: Sequence[Field]
) -> TabledataReader | BinaryReader | _NoRows:
    if table.serialisation == "TABLEDATA":
        return TabledataReader(table, columns, fields)
    if table.serialisation is None:
        return _NoRows(table)
    return BinaryReader(table, columns, fields)

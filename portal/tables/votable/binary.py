"""BINARY and BINARY2: rows packed into the base64 text of a STREAM."""

import binascii
from collections.abc import Iterator
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from astropy.io.votable.tree import Field

from portal.problems import ServiceError
from portal.tables.columns import arrow_schema
from portal.tables.columns import Column
from portal.tables.votable.columndata import column_array
from portal.tables.votable.locate import OpenTable
from portal.tables.votable.rowlayout import cell_of
from portal.tables.votable.rowlayout import RowLayout
from portal.tables.votable.screen import Listener
from portal.tables.votable.screen import Screen

LONGEST_ROW = 256 * 1024 * 1024
NO_BASE64 = "The service's table is no base64 data."


class BinaryReader:
    """Turn the rest of a document, fed in pieces, into record batches.

    The text of the STREAM bypasses the XML parser up to the first markup or reference:
    mostly that is the end of the STREAM.
    """

    def __init__(
        self, table: OpenTable, columns: Sequence[Column], fields: Sequence[Field]
    ) -> None:
        self.fast_rows = 0
        self.astropy_rows = 0
        self._text = _StreamText()
        self._screen = Screen(self._text, table.status, table.inside)
        self._bypassing = True
        self._base64 = _Base64()
        self._rows = BinaryRows(columns, fields, flagged=table.serialisation == "BINARY2")
        self._bytes = b""

    def feed(self, data: bytes) -> Iterator[pa.RecordBatch]:
        """Take the next bytes of the document; yield the rows they complete."""
        if self._bypassing:
            plain, data = _until_markup(data)
            yield from self._decode(plain)
            self._bypassing = not data
        if data:
            self._screen.feed(data)
            yield from self._decode(self._text.taken())

    @property
    def bytes_left(self) -> int:
        """How many bytes of an incomplete row follow the last whole one."""
        return len(self._bytes)

    def close(self) -> None:
        """Check that document and stream are complete; ServiceError when they are not."""
        self._screen.close()
        self._base64.close()
        if self._bytes and not self.fast_rows:
            raise ServiceError("The service's table holds no whole row.")

    def _decode(self, text: bytes) -> Iterator[pa.RecordBatch]:
        self._bytes += self._base64.decode(text)
        batch, used = self._rows.decode(self._bytes)
        self._bytes = self._bytes[used:]
        if len(self._bytes) > LONGEST_ROW:
            raise ServiceError("The service's table has an endless row.")
        if batch is not None:
            self.fast_rows += batch.num_rows
            yield batch


def _until_markup(data: bytes) -> tuple[bytes, bytes]:
    """Split in front of the first tag or reference."""
    places = [place for place in (data.find(b"<"), data.find(b"&")) if place >= 0]
    first = min(places, default=len(data))
    return data[:first], data[first:]


class BinaryRows:
    """Decode the whole rows of a buffer; with `flagged`, null flags begin each row."""

    def __init__(
        self, columns: Sequence[Column], fields: Sequence[Field], *, flagged: bool
    ) -> None:
        self._cells = [cell_of(*pair) for pair in zip(columns, fields, strict=True)]
        self._flag_bytes = (len(columns) + 7) // 8 if flagged else 0
        self._layout = RowLayout(self._cells, self._flag_bytes)
        self._schema = arrow_schema(columns)

    def decode(self, buffer: bytes) -> tuple[pa.RecordBatch | None, int]:
        """Return the complete rows of `buffer`, if any, and how many bytes they are."""
        places = self._layout.find(buffer)
        if not places.rows:
            return None, 0
        flags = self._flags(buffer, places.row_starts)
        every = zip(self._cells, places.starts, places.counts, flags, strict=True)
        arrays = [column_array(buffer, *one) for one in every]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema), places.used

    def _flags(self, buffer: bytes, row_starts: np.ndarray) -> list[np.ndarray | None]:
        """Return for each column which rows are flagged as null, None if no row is."""
        flags: list[np.ndarray | None] = [None] * len(self._cells)
        for byte in range(self._flag_bytes):
            eight = np.frombuffer(buffer, np.uint8)[row_starts + byte]
            for column in range(8 * byte, min(8 * byte + 8, len(flags)) if eight.any() else 0):
                flagged = (eight & (0x80 >> column % 8)) != 0
                flags[column] = flagged if flagged.any() else None
        return flags


class _Base64:
    """Decode base64 that comes in pieces of any length, blanks anywhere."""

    def __init__(self) -> None:
        self._rest = b""
        self._padded = False

    def decode(self, text: bytes) -> bytes:
        """Return the bytes of the whole groups so far; ServiceError if it is no base64."""
        text = self._rest + b"".join(text.split())
        whole = len(text) // 4 * 4
        self._rest = text[whole:]
        if text and self._padded:
            raise ServiceError(NO_BASE64)
        self._padded = text.endswith(b"=", 0, whole)
        try:
            return binascii.a2b_base64(text[:whole], strict_mode=True)
        except binascii.Error as error:
            raise ServiceError(NO_BASE64) from error

    def close(self) -> None:
        """Check that no incomplete group is left; ServiceError if one is."""
        if self._rest:
            raise ServiceError(NO_BASE64)


class _StreamText(Listener):
    """Collect the text of the STREAM until it ends."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._ended = False

    def taken(self) -> bytes:
        """Return the text so far, once; anything but ASCII is no base64."""
        parts, self._parts = self._parts, []
        return "".join(parts).encode("ascii", "replace")

    def start(self, name: str, attributes: dict[str, str], at: int) -> bool:
        """Refuse elements inside the STREAM."""
        if not self._ended:
            raise ServiceError(f"The service's table has a misplaced {name} in its stream.")
        return False

    def text(self, text: str) -> None:
        """Keep the text of the STREAM."""
        if not self._ended:
            self._parts.append(text)

    def end(self, name: str, at: int) -> bool:
        """End the STREAM."""
        self._ended = True
        return False

"""One small file out of an archive that stays where it is."""

import io
import struct
import zipfile
import zlib

from portal.plugins import ServiceError
from portal_ossr.connector import Zenodo

PIECE = 65_536
MOST_REQUESTS = 40
MOST_AT_ONCE = 8_000_000
MOST_DEPTH = 2
USUAL = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # others may take any memory
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class RangeFile(io.RawIOBase):
    """A file at an address, of which only what is read is fetched.

    Raises ServiceError when it would take too many requests, or too much at once.
    """

    def __init__(self, zenodo: Zenodo, address: str, size: int) -> None:
        """Begin at its start; nothing is fetched yet."""
        super().__init__()
        self._zenodo = zenodo
        self._address = address
        self._size = size
        self._at = 0
        self._piece = (0, b"")
        self._requests = 0

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes, fewer only at the end."""
        left = max(self._size - self._at, 0)
        wanted = left if size is None or size < 0 else min(size, left)
        if not wanted:
            return b""
        begin, piece = self._piece
        if not begin <= self._at <= self._at + wanted <= begin + len(piece):
            begin, piece = self._piece = self._fetch(wanted)
        data = piece[self._at - begin : self._at - begin + wanted]
        self._at += len(data)
        return data

    def _fetch(self, wanted: int) -> tuple[int, bytes]:
        """Get a piece around the next bytes: archives are read from the end backwards."""
        self._requests += 1
        if self._requests > MOST_REQUESTS or wanted > MOST_AT_ONCE:
            raise ServiceError("the archive is too large to look into")
        begin = max(min(self._at, self._size - PIECE), 0)
        end = min(max(self._at + wanted, begin + PIECE), self._size)
        piece = self._zenodo.get(self._address, most=end - begin, span=(begin, end - 1))
        if len(piece) != end - begin:
            raise ServiceError("a piece of the archive is not what was asked for")
        return begin, piece


def read_from_zip(file: RangeFile, name: str, *, most: int) -> bytes | None:
    """Return a file of that name near the top of an archive; None when there is none to read."""
    try:
        with zipfile.ZipFile(file) as archive:
            near = [
                one
                for one in archive.infolist()
                if one.filename.rpartition("/")[2].casefold() == name
                and one.filename.count("/") < MOST_DEPTH
                and one.file_size <= most
                and one.compress_type in USUAL
            ]
            if not near:
                return None
            with archive.open(min(near, key=lambda one: one.filename.count("/"))) as content:
                data = content.read(most + 1)
            return data if len(data) <= most else None
    except BROKEN:
        return None

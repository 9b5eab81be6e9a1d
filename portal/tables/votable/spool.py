"""Documents piece by piece: as they arrive, or again from a temporary file."""

import mmap
import tempfile
from typing import Protocol

SPOOL_PIECE = 1024 * 1024


class Pieces(Protocol):
    """A document that comes piece by piece."""

    def piece(self) -> bytes:
        """Return the next bytes, empty at the end."""


class Spool:
    """A document kept in a temporary file, to be read more than once.

    `at` is where the next piece begins; the whole is `document`.
    """

    def __init__(self, head: bytes, rest: Pieces) -> None:
        with tempfile.TemporaryFile() as file:
            file.write(head)
            while piece := rest.piece():
                file.write(piece)
            file.flush()
            self.document = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.at = 0

    def piece(self) -> bytes:
        """Return the next bytes, empty at the end."""
        begin, self.at = self.at, min(self.at + SPOOL_PIECE, len(self.document))
        return self.document[begin : self.at]

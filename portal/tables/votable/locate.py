"""Find the table to read in a VOTable document, and cut the document in front of its rows."""

import mmap
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from portal.problems import ServiceError
from portal.tables.votable.screen import end_of_element
from portal.tables.votable.screen import Listener
from portal.tables.votable.screen import local_name
from portal.tables.votable.screen import NotVotableError
from portal.tables.votable.screen import Screen
from portal.tables.votable.screen import TAG
from portal.tables.votable.status import snippet
from portal.tables.votable.status import Status

LARGEST_HEADER = 8 * 1024 * 1024
SERIALISATIONS = ("TABLEDATA", "BINARY", "BINARY2")
ELSEWHERE = ("FITS", "PARQUET")
NO_TABLE = -1
ENOUGH_TO_QUOTE = 64 * 1024
SPOOL_PIECE = 1024 * 1024


class Pieces(Protocol):
    """A document that comes piece by piece."""

    def piece(self) -> bytes:
        """Return the next bytes, empty at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTable:
    """A document cut in front of the rows of the table to read.

    `header` is everything before the table's DATA, without the data of earlier tables, and
    with its open elements closed; the table is the last one in `resource_depth` resources,
    each the last one in the one before. `serialisation` is None for a table without rows.
    `inside` names the elements that are open where `rest` begins; `following` comes after.
    """

    status: Status
    header: bytes
    resource_depth: int
    serialisation: str | None
    inside: tuple[str, ...]
    rest: bytes
    following: Pieces


def open_table(pieces: Pieces) -> OpenTable:
    """Read a document up to the rows of its table.

    The table is the first one in a resource of type "results" (DALI 1.1, section 4.4), else
    in one without a type, else any. Unless that is clear at the first table, the document
    goes to a temporary file first. Raises ServiceError when there is no table to read.
    """
    locator, status, head = Locator(), Status(), bytearray()
    screen = Screen(locator, status)
    try:
        while not locator.stopped and (piece := pieces.piece()):
            head += piece
            screen.feed(piece)
            if len(head) > LARGEST_HEADER:
                raise ServiceError("The service's answer has an endless header.")
        if not locator.stopped:
            screen.close()
    except NotVotableError as error:
        raise _with_first_words(error, bytes(head), pieces) from error
    if locator.uncertain:
        return _open_in_file(bytes(head), pieces)
    if not locator.stopped:
        status.raise_error()
        raise ServiceError("The service's answer holds no table.")
    return _cut(bytes(head), len(head), locator, screen, status, pieces)


class Locator(Listener):
    """Stop at the rows of a table: the one with this index, or the certainly right one.

    Without an index, that is the first of all tables if its resource says it is a result;
    when another one comes first, the locator stops there with `uncertain` set.
    """

    def __init__(self, index: int | None = None) -> None:
        self.stopped = False
        self.uncertain = False
        self.at = 0
        self.serialisation: str | None = None
        self.header_end: int | None = None
        self.skipped: list[tuple[int, int]] = []
        self.ranks: list[int] = []
        self._index = index
        self._types: list[str] = []
        self._skipping_from = 0

    @property
    def _chosen(self) -> bool:
        return bool(self.ranks) and len(self.ranks) - 1 == (self._index or 0)

    def start(self, name: str, attributes: dict[str, str], at: int) -> bool:
        """Stop at the chosen table's rows."""
        if name == "RESOURCE":
            self._types.append(attributes.get("type", ""))
        elif name == "TABLE":
            self.ranks.append(_rank(self._types))
            self.uncertain = self._index is None and self.ranks[-1] > 0
            return self._stop(at) if self.uncertain else False
        elif name == "DATA" and not self._chosen:
            self._skipping_from = at
        elif self._chosen:
            return self._start_of_data(name, at)
        return False

    def end(self, name: str, at: int) -> bool:
        """Stop at the end of the chosen table if it had no rows."""
        if name == "RESOURCE":
            self._types.pop()
        elif name == "DATA" and not self._chosen:
            self.skipped.append((self._skipping_from, at))
        elif name == "TABLE" and self._chosen:
            self.header_end = at if self.header_end is None else self.header_end
            return self._stop(at)
        return False

    def _start_of_data(self, name: str, at: int) -> bool:
        if name in ELSEWHERE and self.header_end is not None:
            raise ServiceError(f"The service sent its table as {name}, which cannot be read.")
        if name == "DATA":
            self.header_end = at
        if name in SERIALISATIONS:
            self.serialisation = name
        return self._stop(at) if name in ("TABLEDATA", "STREAM") else False

    def _stop(self, at: int) -> bool:
        self.stopped, self.at = True, at
        return True


class _Spool:
    """A document in a temporary file, piece by piece."""

    def __init__(self, head: bytes, pieces: Pieces) -> None:
        with tempfile.TemporaryFile() as file:
            file.write(head)
            while piece := pieces.piece():
                file.write(piece)
            file.flush()
            self.document = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.at = 0

    def piece(self) -> bytes:
        begin, self.at = self.at, min(self.at + SPOOL_PIECE, len(self.document))
        return self.document[begin : self.at]


def _open_in_file(head: bytes, pieces: Pieces) -> OpenTable:
    spool = _Spool(head, pieces)
    survey = Locator(NO_TABLE)
    screen = Screen(survey, Status())
    while piece := spool.piece():
        screen.feed(piece)
    screen.close()
    locator, status = Locator(survey.ranks.index(min(survey.ranks))), Status()
    screen, spool.at = Screen(locator, status), 0
    while not screen.feed(spool.piece()):
        pass
    return _cut(spool.document, spool.at, locator, screen, status, spool)


def _cut(
    document: bytes | mmap.mmap,
    fed: int,
    locator: Locator,
    screen: Screen,
    status: Status,
    following: Pieces,
) -> OpenTable:
    inside, begin, serialisation = screen.open_elements, locator.at, None
    tag = TAG.match(document, locator.at)
    if tag and tag[1] != b"/" and not tag[0].endswith(b"/>"):
        inside, begin = [*inside, tag[2].decode()], tag.end()
        serialisation = locator.serialisation
    around = _up_to_table(screen.open_elements)
    closing = "".join(f"</{name}>" for name in reversed(around))
    return OpenTable(
        status=status,
        header=_before_data(document, locator) + closing.encode(),
        resource_depth=sum(local_name(name) == "RESOURCE" for name in around),
        serialisation=serialisation,
        inside=tuple(inside),
        rest=document[begin:fed],
        following=following,
    )


def _up_to_table(names: Sequence[str]) -> Sequence[str]:
    last = max(i for i, name in enumerate(names) if local_name(name) == "TABLE")
    return names[: last + 1]


def _before_data(document: bytes | mmap.mmap, locator: Locator) -> bytes:
    kept, begin = [], 0
    for skip_from, skip_to in locator.skipped:
        kept.append(document[begin:skip_from])
        begin = end_of_element(document, "DATA", skip_to)
    kept.append(document[begin : locator.header_end])
    return b"".join(kept)


def _rank(resource_types: Sequence[str]) -> int:
    if any(kind not in ("", "results") for kind in resource_types):
        return 2
    return 0 if "results" in resource_types else 1


def _with_first_words(error: NotVotableError, head: bytes, pieces: Pieces) -> ServiceError:
    while len(head) < ENOUGH_TO_QUOTE and (piece := pieces.piece()):
        head += piece
    if not head.strip():
        return ServiceError("The service sent an empty answer.")
    words = snippet(head)
    return ServiceError(f"{error.message} It says: {words}" if words else error.message)

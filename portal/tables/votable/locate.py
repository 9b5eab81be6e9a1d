"""Find the table to read in a VOTable document, and cut the document in front of its rows."""

import mmap
from collections.abc import Sequence
from dataclasses import dataclass

from portal.problems import ServiceError
from portal.tables.votable.screen import end_of_element
from portal.tables.votable.screen import Listener
from portal.tables.votable.screen import local_name
from portal.tables.votable.screen import NotVotableError
from portal.tables.votable.screen import Screen
from portal.tables.votable.screen import TAG
from portal.tables.votable.spool import Pieces
from portal.tables.votable.spool import Spool
from portal.tables.votable.status import snippet
from portal.tables.votable.status import Status

LARGEST_HEADER = 8 * 1024 * 1024
SERIALISATIONS = ("TABLEDATA", "BINARY", "BINARY2")
ELSEWHERE = ("FITS", "PARQUET")
NO_TABLE = -1
ENOUGH_TO_QUOTE = 64 * 1024


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
    scan, head = _Scan(Locator()), bytearray()
    try:
        while not scan.locator.stopped and (piece := pieces.piece()):
            head += piece
            scan.screen.feed(piece)
            if len(head) > LARGEST_HEADER:
                raise ServiceError("The service's answer has an endless header.")
        if not scan.locator.stopped:
            scan.status.raise_error()  # its words are worth more than that the rest is missing
            scan.screen.close()
    except NotVotableError as error:
        raise _with_first_words(error, bytes(head), pieces) from error
    if scan.locator.uncertain:
        return _open_in_file(Spool(bytes(head), pieces))
    if not scan.locator.stopped:
        raise ServiceError("The service's answer holds no table.")
    return scan.cut(bytes(head), len(head), pieces)


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
            self._types.append(attributes.get("type", "").casefold())
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


class _Scan:
    """One pass over a document, in search of a table."""

    def __init__(self, locator: Locator) -> None:
        self.locator = locator
        self.status = Status()
        self.screen = Screen(locator, self.status)

    def cut(self, document: bytes | mmap.mmap, fed: int, following: Pieces) -> OpenTable:
        """Cut the document, of which `fed` bytes were parsed, where the locator stopped."""
        inside, begin, serialisation = self.screen.open_elements, self.locator.at, None
        tag = TAG.match(document, begin)
        if tag and not tag[1] and not tag[0].endswith(b"/>"):
            inside, begin = [*inside, tag[2].decode()], tag.end()
            serialisation = self.locator.serialisation
        around = _up_to_table(self.screen.open_elements)
        closing = "".join(f"</{name}>" for name in reversed(around))
        return OpenTable(
            status=self.status,
            header=_before_data(document, self.locator) + closing.encode(),
            resource_depth=sum(local_name(name) == "RESOURCE" for name in around),
            serialisation=serialisation,
            inside=tuple(inside),
            rest=document[begin:fed],
            following=following,
        )


def _open_in_file(spool: Spool) -> OpenTable:
    survey = _Scan(Locator(NO_TABLE))
    while piece := spool.piece():
        survey.screen.feed(piece)
    survey.screen.close()
    ranks = survey.locator.ranks
    scan, spool.at = _Scan(Locator(ranks.index(min(ranks)))), 0
    while not scan.screen.feed(spool.piece()):
        pass
    return scan.cut(spool.document, spool.at, spool)


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

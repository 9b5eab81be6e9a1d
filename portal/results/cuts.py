"""Why a result has fewer rows than there were."""

from collections.abc import Iterable
from collections.abc import Sequence
from enum import StrEnum


class Cut(StrEnum):
    """What ended a table early; BYTES and ABORT are also the names of the INFOs that say so."""

    ROWS = "row_limit"
    BYTES = "size_limit"
    ABORT = "aborted"


WORDS = {
    Cut.ROWS: "at the row limit",
    Cut.BYTES: "at the size limit",
    Cut.ABORT: "short by the abort",
}


def cut_of(infos: Iterable[Sequence[str]]) -> Cut:
    """Return what cut a table that was, and that has these INFOs."""
    names = {name for name, _ in infos}
    return next((cut for cut in (Cut.BYTES, Cut.ABORT) if cut in names), Cut.ROWS)


def cut_words(infos: Iterable[Sequence[str]]) -> str:
    """Return how it was cut, to stand behind "cut"."""
    return WORDS[cut_of(infos)]

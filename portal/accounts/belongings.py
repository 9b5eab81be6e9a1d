"""What rooms keep for owners: how it changes hands, is handed out and is deleted."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask import Flask

EXTENSION = "belongings"

AfterCommit = Callable[[], None]


def nothing_more() -> None:
    """Do nothing after the commit: there are no files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """How one room treats all that it keeps for an owner; `create_app` collects these.

    Each function works in the caller's transaction and commits nothing, so that all rooms
    change together or none does. Whatever is asked about an owner without anything is fine.

    `take_over(earlier, owner)` makes everything of `earlier`, a browser's owner, `owner`'s, who
    signed in and may have things of his own: where names clash both are kept, one of them
    renamed. `export(owner)` yields what he gets when he asks for his data, ready for JSON
    and without secrets. `delete(owner)` deletes all rows; what it returns is called
    after the commit, to delete files.
    """

    id: str
    take_over: Callable[[str, str], None]
    export: Callable[[str], Iterable[Mapping[str, Any]]]
    delete: Callable[[str], AfterCommit]


def init_app(app: Flask, rooms: Sequence[Belongings]) -> None:
    """Keep what the rooms said of themselves."""
    app.extensions[EXTENSION] = tuple(rooms)


def belongings() -> tuple[Belongings, ...]:
    """Return what the rooms of the current app said of themselves."""
    found: tuple[Belongings, ...] = current_app.extensions[EXTENSION]
    return found


def take_over_all(earlier: str, owner: str) -> None:
    """Make everything that one owner has another's, in every room; does not commit."""
    for room in belongings():
        room.take_over(earlier, owner)

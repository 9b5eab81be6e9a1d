"""Rows that go into a basket as their job completes."""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import select

from portal.basket import adding
from portal.basket.adding import Values
from portal.basket.baskets import ensure_current
from portal.basket.checking import LINKS
from portal.basket.checking import note_states
from portal.basket.checking import read_states
from portal.basket.reach import CURRENT
from portal.basket.reach import get_basket
from portal.basket.reach import may_edit
from portal.basket.reach import try_hold
from portal.basket.visitors import visitor_of
from portal.db import db
from portal.plugins.registry import PluginRegistry
from portal.results.keys import ResultKey
from portal.results.store import ResultStore
from portal.uws.callers import ForbiddenError
from portal.uws.callers import NOBODY
from portal.uws.callers import UnauthorizedError
from portal.uws.gateway import ResultRecord
from portal.uws.lines import add_lines
from portal.uws.models import Job

ROWS = "basket:"


class BasketCompletions:
    """Puts the rows of a completed job into the basket that it was made for."""

    def accept(self, owner: str, wish: str) -> str:
        """Check that the owner may change the basket; "current" stands for the one it is now.

        Raises UnauthorizedError for a caller who has no baskets, NotFoundError, ForbiddenError.
        """
        if owner == NOBODY:
            raise UnauthorizedError("A basket belongs to somebody: send an API token.")
        kind = LINKS if wish.startswith(LINKS) else ROWS
        ref = wish.removeprefix(kind)
        ref = ensure_current(owner) if ref == CURRENT else ref
        visitor = visitor_of(owner)
        get_basket(ref, visitor)
        if not may_edit(ref, visitor):
            raise ForbiddenError("This basket is shared to be looked at, not to be changed.")
        return kind + ref

    def prepare(self, job: Job, token: str, results: Sequence[ResultRecord]) -> Callable[[], None]:
        """Read the rows; a result of which they cannot be made items is one item.

        A check of links says what it has found at the items.
        """
        wish = job.on_completion or ""
        if wish.startswith(LINKS):
            states = read_states(job, token, results)
            return partial(_note_all, job, states)
        tables = [one for one in results if one.info.get("rows")]
        found = [_read(job, token, one) for one in tables]
        return partial(_put_all, job, found)


@dataclass(frozen=True, slots=True)
class _Found:
    """The rows of one result as items, and as the one item that stands for all of them."""

    rows: Sequence[Values]
    whole: Values


def _read(job: Job, token: str, record: ResultRecord) -> _Found:
    store: ResultStore = current_app.extensions["results"]
    registry: PluginRegistry = current_app.extensions["plugins"]
    whole = adding.whole_result(job, record.name, record.info["rows"], registry=registry)

    def items() -> list[Values]:
        opened = store.open(ResultKey(job_id=job.id, token=token, name=record.name))
        return adding.rows_as_items(job, record.name, opened, None, registry=registry)

    rows = registry.guard.call(registry.archive_of(job.type).id, items, otherwise=[whole])
    return _Found(rows, whole)


def _note_all(job: Job, states: Sequence[dict[str, Any]]) -> None:
    owner, wish = _now(job)
    note_states(owner, wish.removeprefix(LINKS), states)


def _now(job: Job) -> tuple[str, str]:
    """Return the owner and the wish as they are now: the owner may have signed in meanwhile."""
    row = db.session.execute(select(Job.owner, Job.on_completion).where(Job.id == job.id)).one()
    return row.owner, row.on_completion or ""


def _put_all(job: Job, results: Sequence[_Found]) -> None:
    owner, wish = _now(job)
    held = try_hold(wish.removeprefix(ROWS), visitor_of(owner))
    if held is None:
        add_lines(job.id, ["The basket for these rows is gone, or no longer shared."])
        return
    for found in results:
        room = adding.MOST_ITEMS - adding.count_live(held.id)
        if not room:
            add_lines(job.id, [f"The basket {held.name} is full: the rows were not put there."])
            return
        adding.insert(held, found.rows if len(found.rows) <= room else [found.whole])
    add_lines(job.id, [f"The rows were put into the basket {held.name}."])

"""The saved queries of an owner, all at once: taken over, described, deleted."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete
from sqlalchemy import select

from portal.accounts.belongings import AfterCommit
from portal.accounts.belongings import Belongings
from portal.accounts.belongings import nothing_more
from portal.archives.models import SavedQuery
from portal.archives.saving import NAME_LENGTH
from portal.db import db


def _take_over(earlier: str, owner: str) -> None:
    """Rename what has a name that the new owner uses already; links to both stay good."""
    used = {(one.query_id, one.name) for one in _saved(owner)}
    for one in _saved(earlier):
        one.name = _free_name(one.query_id, one.name, used)
        one.owner = owner
        used.add((one.query_id, one.name))
    db.session.flush()


def _free_name(query_id: str, name: str, used: set[tuple[str, str]]) -> str:
    free, number = name, 1
    while (query_id, free) in used:
        number += 1
        ending = f" ({number})"
        free = name[: NAME_LENGTH - len(ending)] + ending
    return free


def _export(owner: str) -> Iterator[dict[str, Any]]:
    for one in _saved(owner):
        yield {
            "name": one.name,
            "query": one.query_id,
            "parameters": one.parameters,
            "creation_time": one.creation_time,
        }


def _delete(owner: str) -> AfterCommit:
    db.session.execute(delete(SavedQuery).where(SavedQuery.owner == owner))
    return nothing_more


def _saved(owner: str) -> list[SavedQuery]:
    query = select(SavedQuery).where(SavedQuery.owner == owner)
    return list(db.session.scalars(query.order_by(SavedQuery.creation_time, SavedQuery.id)))


SAVED_QUERIES = Belongings(id="saved-queries", take_over=_take_over, export=_export, delete=_delete)

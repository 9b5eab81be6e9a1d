"""What can be done with saved queries: save, list, open, rename, delete."""

import secrets
from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from portal.archives.models import SavedQuery
from portal.db import clock
from portal.db import db
from portal.problems import NotFoundError
from portal.problems import UsageError

KEY_BYTES = 16
MOST_SAVED = 200  # of one owner
MOST_CHARACTERS = 200_000  # of all values of one query
NAME_LENGTH = 100
NOT_THERE = "There is no such saved query, or no longer."


def save_query(
    owner: str, *, name: str, query_id: str, parameters: Sequence[tuple[str, str]]
) -> SavedQuery:
    """Save a filled-in form under a name, in place of an earlier one of that name.

    Raises UsageError without a name, and when there are too many or it is too long.
    """
    name = checked_name(name)
    if sum(len(one) + len(value) for one, value in parameters) > MOST_CHARACTERS:
        raise UsageError(f"A saved query has up to {MOST_CHARACTERS:,} characters.")
    values = [list(pair) for pair in parameters]
    saved = _find_by_name(owner, query_id, name)
    if saved is not None:
        saved.parameters, saved.creation_time = values, clock()
    else:
        count = select(func.count(SavedQuery.id)).where(SavedQuery.owner == owner)
        if db.session.execute(count).scalar_one() >= MOST_SAVED:
            raise UsageError(f"There are {MOST_SAVED} saved queries already. Delete one first.")
        saved = SavedQuery(
            owner=owner,
            name=name,
            query_id=query_id,
            parameters=values,
            creation_time=clock(),
            share_key=secrets.token_hex(KEY_BYTES),
        )
        db.session.add(saved)
    _commit()
    return saved


def list_saved(
    owner: str, *, query_id: str | None = None, limit: int = MOST_SAVED
) -> Sequence[SavedQuery]:
    """Return the owner's saved queries, the latest first; those of one form when it is given."""
    if not owner:
        return []
    query = select(SavedQuery).where(SavedQuery.owner == owner)
    if query_id is not None:
        query = query.where(SavedQuery.query_id == query_id)
    order = SavedQuery.creation_time.desc(), SavedQuery.id
    return db.session.scalars(query.order_by(*order).limit(limit)).all()


def get_saved(saved_id: str, *, owner: str) -> SavedQuery:
    """Return a saved query of the owner; raises NotFoundError."""
    return _found(SavedQuery.id == saved_id, SavedQuery.owner == (owner or None))


def get_shared(share_key: str) -> SavedQuery:
    """Return the saved query that this key opens, whoever asks; raises NotFoundError."""
    return _found(SavedQuery.share_key == share_key)


def rename_saved(saved_id: str, name: str, *, owner: str) -> None:
    """Give a saved query of the owner another name; raises NotFoundError and UsageError."""
    name = checked_name(name)
    try:
        changed = db.session.execute(
            update(SavedQuery)
            .where(SavedQuery.id == saved_id, SavedQuery.owner == (owner or None))
            .values(name=name)
            .execution_options(synchronize_session=False)
        ).rowcount  # type: ignore[attr-defined]
    except IntegrityError:
        db.session.rollback()
        raise UsageError(f"Another saved query is called {name} already.") from None
    db.session.commit()
    if not changed:
        raise NotFoundError(NOT_THERE)


def delete_saved(saved_id: str, *, owner: str) -> None:
    """Delete a saved query of the owner; its link opens nothing then. Raises NotFoundError."""
    deleted = db.session.execute(
        delete(SavedQuery).where(SavedQuery.id == saved_id, SavedQuery.owner == (owner or None))
    ).rowcount  # type: ignore[attr-defined]
    db.session.commit()
    if not deleted:
        raise NotFoundError(NOT_THERE)


def checked_name(name: str) -> str:
    """Return a name without what cannot be printed; raises UsageError when it is no name."""
    tidy = " ".join("".join(one if one.isprintable() else " " for one in name).split())
    if not tidy:
        raise UsageError("Give the query a name to save it under.")
    if len(tidy) > NAME_LENGTH:
        raise UsageError(f"A name has up to {NAME_LENGTH} characters.")
    return tidy


def _find_by_name(owner: str, query_id: str, name: str) -> SavedQuery | None:
    return db.session.scalar(
        select(SavedQuery).where(
            SavedQuery.owner == owner, SavedQuery.query_id == query_id, SavedQuery.name == name
        )
    )


def _found(*conditions: ColumnElement[bool]) -> SavedQuery:
    saved = db.session.scalar(select(SavedQuery).where(*conditions))
    if saved is None:
        raise NotFoundError(NOT_THERE)
    return saved


def _commit() -> None:
    try:
        db.session.commit()
    except IntegrityError:  # another tab was faster
        db.session.rollback()
        raise UsageError("This name was taken a moment ago; please save again.") from None

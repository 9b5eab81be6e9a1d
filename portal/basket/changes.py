"""The history of a basket: each change is written down with it, and can be undone."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement
from sqlalchemy import Delete
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import Select
from sqlalchemy import select
from sqlalchemy import Update
from sqlalchemy import update
from sqlalchemy.orm import aliased

from portal.basket.models import BasketChange
from portal.basket.models import BasketItem
from portal.basket.models import new_id
from portal.basket.reach import get_basket
from portal.basket.reach import Held
from portal.basket.reach import hold
from portal.basket.reach import may_edit
from portal.basket.reach import Visitor
from portal.db import clock
from portal.db import db
from portal.problems import NotFoundError
from portal.problems import UsageError

KEPT = timedelta(days=30)
MOST_UNDOABLE = 20  # of one basket
MOST_CHANGES = 1_000
ABOUT_LENGTH = 300
UNDOABLE = ("added", "removed", "moved")


def note_change(
    held: Held,
    kind: str,
    *,
    count: int = 0,
    about: str = "",
    change_id: str | None = None,
    target_id: str | None = None,
) -> str:
    """Write down what is done in this transaction; returns the change's id. Commits nothing."""
    change = BasketChange(
        id=change_id or new_id(),
        basket_id=held.id,
        version=held.version,
        time=clock(),
        via=held.via,
        kind=kind,
        count=count,
        about=about[:ABOUT_LENGTH],
        target_id=target_id,
    )
    db.session.add(change)
    db.session.flush()
    return change.id


def list_changes(
    ref: str, visitor: Visitor, *, offset: int = 0, limit: int | None = None
) -> Sequence[BasketChange]:
    """Return what was done with a basket, the latest first; raises NotFoundError."""
    query = _history(get_basket(ref, visitor).id)
    return db.session.scalars(query.offset(offset).limit(limit)).all()


def count_changes(ref: str, visitor: Visitor) -> int:
    """Count what was done with a basket; raises NotFoundError."""
    basket_id = get_basket(ref, visitor).id
    query = select(func.count(BasketChange.id)).where(BasketChange.basket_id == basket_id)
    return db.session.scalar(query) or 0


def last_undoable(basket_id: str) -> BasketChange | None:
    """Return the change that an undo would take back now."""
    query = _history(basket_id).where(*is_undoable())
    return db.session.scalar(query.limit(1))


def undoable_ids(basket_id: str) -> frozenset[str]:
    """Return the ids of the changes that can still be undone."""
    query = select(BasketChange.id).where(BasketChange.basket_id == basket_id, *is_undoable())
    return frozenset(db.session.scalars(query))


def is_undoable() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a change can be undone."""
    return (
        BasketChange.kind.in_(UNDOABLE),
        BasketChange.count > 0,
        BasketChange.undone_time.is_(None),
        BasketChange.time > clock() - KEPT,
    )


def undo_change(ref: str, change_id: str, visitor: Visitor) -> int:
    """Take a change back: what it removed is there again, what it added is not.

    Returns how many items that were. What came back by other ways meanwhile is left as it is.
    Raises NotFoundError, ForbiddenError, and UsageError for what cannot be undone any more.
    """
    basket_id = get_basket(ref, visitor).id
    change = db.session.scalar(
        select(BasketChange).where(
            BasketChange.id == change_id, BasketChange.basket_id == basket_id
        )
    )
    if change is None:
        raise NotFoundError("There is no such change.")
    targets = [change.target_id] if _is_within_reach(change.target_id, visitor) else []
    refs = {basket_id: ref} | {str(one): str(one) for one in targets}
    held = {one: hold(refs[one], visitor) for one in sorted(refs)}[basket_id]
    undo_id = new_id()
    claimed = _run(
        update(BasketChange)
        .where(BasketChange.id == change_id, *is_undoable())
        .values(undone_time=clock())
    )
    if not claimed:
        db.session.rollback()
        raise UsageError("This cannot be undone any more.")
    restored = _restore(basket_id, change_id)
    taken_out = _take_out(list(refs), change_id, undo_id)
    count = max(restored, taken_out)
    note_change(held, "undone", count=count, about=change.about, change_id=undo_id)
    db.session.commit()
    return count


def drop_old_removals(basket_id: str) -> None:
    """Forget for good what was removed too long or too many changes ago; commits nothing."""
    kept = (
        select(BasketChange.id)
        .where(BasketChange.basket_id == basket_id, BasketChange.time > clock() - KEPT)
        .where(BasketChange.kind.in_(("removed", "moved", "undone")))
        .order_by(BasketChange.version.desc())
        .limit(MOST_UNDOABLE)
    )
    still = set(db.session.scalars(kept))
    gone = (
        select(BasketItem.removed_by)
        .where(BasketItem.basket_id == basket_id, BasketItem.removed_by.is_not(None))
        .distinct()
    )
    old = [one for one in db.session.scalars(gone) if one not in still]
    if old:
        _run(
            delete(BasketItem).where(
                BasketItem.basket_id == basket_id, BasketItem.removed_by.in_(old)
            )
        )
        _run(
            update(BasketChange)
            .where(BasketChange.id.in_(old), BasketChange.undone_time.is_(None))
            .values(count=0)
        )
    oldest = _history(basket_id).with_only_columns(BasketChange.id).offset(MOST_CHANGES)
    _run(delete(BasketChange).where(BasketChange.id.in_(list(db.session.scalars(oldest)))))


def _restore(basket_id: str, change_id: str) -> int:
    """Bring back what a change removed, and what nobody has put there again since."""
    live = aliased(BasketItem)
    is_there = exists().where(
        live.basket_id == BasketItem.basket_id,
        live.identity == BasketItem.identity,
        live.removed_by.is_(None),
    )
    return _run(
        update(BasketItem)
        .where(BasketItem.basket_id == basket_id, BasketItem.removed_by == change_id, ~is_there)
        .values(removed_by=None)
    )


def _take_out(basket_ids: Sequence[str], change_id: str, undo_id: str) -> int:
    return _run(
        update(BasketItem)
        .where(
            BasketItem.basket_id.in_(basket_ids),
            BasketItem.added_by == change_id,
            BasketItem.removed_by.is_(None),
        )
        .values(removed_by=undo_id)
    )


def _is_within_reach(target_id: str | None, visitor: Visitor) -> bool:
    """Say whether what was moved can be taken out of the basket that it was moved to."""
    return target_id is not None and may_edit(target_id, visitor)


def _history(basket_id: str) -> Select[BasketChange]:
    return (
        select(BasketChange)
        .where(BasketChange.basket_id == basket_id)
        .order_by(BasketChange.version.desc(), BasketChange.id)
    )


def _run(statement: Update | Delete) -> int:
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]

"""Ways out of a basket: remove items, empty it, move items to another one."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from portal.basket.adding import about_items
from portal.basket.adding import insert
from portal.basket.changes import drop_old_removals
from portal.basket.changes import note_change
from portal.basket.models import BasketItem
from portal.basket.models import new_id
from portal.basket.reach import get_basket
from portal.basket.reach import hold
from portal.basket.reach import Visitor
from portal.db import db
from portal.problems import UsageError

AT_ONCE = 500  # variables in one statement
NOT_COPIED = frozenset({"id", "basket_id", "added_by", "removed_by"})


def remove_items(
    ref: str, visitor: Visitor, item_ids: Collection[str] | None, *, version: int | None = None
) -> int:
    """Remove these items from a basket, or all (None); returns how many were there.

    Raises NotFoundError, ForbiddenError and ChangedMeanwhileError.
    """
    held = hold(ref, visitor, version=version)
    change_id = new_id()
    first = _first_title(held.id, item_ids)
    count = sum(_mark(held.id, change_id, *one) for one in _conditions(item_ids))
    if not count:
        db.session.rollback()
        return 0
    about = (first or "") if count == 1 else f"{first} and others"
    note_change(held, "removed", count=count, about=about, change_id=change_id)
    drop_old_removals(held.id)
    db.session.commit()
    return count


def move_items(ref: str, visitor: Visitor, item_ids: Collection[str], *, target: str) -> int:
    """Move items to another basket; what is there already is only removed here.

    Returns how many were moved. Raises NotFoundError and ForbiddenError for either basket,
    UsageError when they are one, or the other would be too full.
    """
    source_id, target_id = (get_basket(one, visitor).id for one in (ref, target))
    if source_id == target_id:
        raise UsageError("The items are in this basket already.")
    # Whoever holds two baskets holds that with the smaller id first.
    pairs = sorted([(source_id, ref), (target_id, target)])
    held = {basket_id: hold(one, visitor) for basket_id, one in pairs}
    source, goal = held[source_id], held[target_id]
    rows = _copies(source.id, item_ids)
    if not rows:
        db.session.rollback()
        return 0
    change_id = new_id()
    about = about_items([row["title"] for row in rows], f"To {goal.name}")
    for one in _conditions(item_ids):
        _mark(source.id, change_id, *one)
    note_change(
        source,
        "moved",
        count=len(rows),
        about=about,
        change_id=change_id,
        target_id=goal.id,
    )
    # It is the change of the source that an undo takes back, so its items bear that one's id.
    moved = [row | {"added_by": change_id} for row in rows]
    insert(goal, moved, kind="received", source=f"From {source.name}")
    drop_old_removals(source.id)
    db.session.commit()
    return len(rows)


def _copies(basket_id: str, item_ids: Collection[str]) -> list[dict[str, Any]]:
    columns = [one for one in BasketItem.__table__.columns if one.name not in NOT_COPIED]
    return [
        dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
        for conditions in _conditions(item_ids)
        for row in db.session.execute(
            select(*columns).where(
                BasketItem.basket_id == basket_id, BasketItem.removed_by.is_(None), *conditions
            )
        )
    ]


def _conditions(item_ids: Collection[str] | None) -> list[tuple[ColumnElement[bool], ...]]:
    if item_ids is None:
        return [()]
    ids = list(dict.fromkeys(item_ids))
    return [
        (BasketItem.id.in_(ids[start : start + AT_ONCE]),) for start in range(0, len(ids), AT_ONCE)
    ]


def _mark(basket_id: str, change_id: str, *conditions: ColumnElement[bool]) -> int:
    statement = (
        update(BasketItem)
        .where(BasketItem.basket_id == basket_id, BasketItem.removed_by.is_(None), *conditions)
        .values(removed_by=change_id)
        .execution_options(synchronize_session=False)
    )
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _first_title(basket_id: str, item_ids: Collection[str] | None) -> str | None:
    query = select(func.min(BasketItem.title)).where(
        BasketItem.basket_id == basket_id, BasketItem.removed_by.is_(None)
    )
    for conditions in _conditions(item_ids)[:1]:
        query = query.where(*conditions)
    return db.session.scalar(query)

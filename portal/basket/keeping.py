"""The baskets of an owner, all at once: taken over, described, deleted."""

from collections.abc import Collection
from collections.abc import Iterator
from itertools import count
from typing import Any

from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import select
from sqlalchemy import Update
from sqlalchemy import update
from sqlalchemy.orm import aliased

from portal.accounts.belongings import AfterCommit
from portal.accounts.belongings import Belongings
from portal.accounts.belongings import nothing_more
from portal.basket.checking import LINKS
from portal.basket.completion import ROWS
from portal.basket.models import Basket
from portal.basket.models import BasketChange
from portal.basket.models import BasketItem
from portal.basket.models import BasketShare
from portal.basket.models import NAME_LENGTH
from portal.basket.wire import ItemOut
from portal.db import db
from portal.uws.models import Job


def _take_over(earlier: str, owner: str) -> None:
    """Make baskets another owner's; two of one name become one with the items of both.

    Where one of the two is shared both are kept: a link opens what it was made for, and no more.
    The basket that was the browser's current one is the current one then. Jobs whose rows were
    to go into a basket that became a part of another go on to that one.
    """
    own = {basket.name: basket for basket in _baskets(owner) if basket.deleted_time is None}
    coming = _baskets(earlier)
    taken = {*own, *(basket.name for basket in coming)}
    for basket in coming:
        rival = own.get(basket.name) if basket.deleted_time is None else None
        if rival is not None and _is_one_shared(basket, rival):
            basket.name = _free_name(basket.name, taken)
            taken.add(basket.name)
            rival = None
        if rival is None:
            basket.owner = owner
            db.session.flush()
            continue
        _unite(basket, rival)


def _is_one_shared(*baskets: Basket) -> bool:
    shared = BasketShare.basket_id.in_([one.id for one in baskets])
    return bool(db.session.scalar(select(exists().where(shared))))


def _free_name(name: str, taken: Collection[str]) -> str:
    tried = (f"{name[: NAME_LENGTH - 6]} ({number})" for number in count(2))
    return next(one for one in tried if one not in taken)


def _unite(basket: Basket, rival: Basket) -> None:
    """Move what the rival has not; its history comes along, then it is deleted."""
    there = aliased(BasketItem)
    is_known = exists().where(
        there.basket_id == rival.id,
        there.identity == BasketItem.identity,
        there.removed_by.is_(None),
    )
    mine = BasketItem.basket_id == basket.id
    _run(update(BasketItem).where(mine, BasketItem.removed_by.is_(None), ~is_known), rival.id)
    _run(update(BasketItem).where(mine, BasketItem.removed_by.is_not(None)), rival.id)
    statement = update(BasketChange).where(BasketChange.basket_id == basket.id)
    moved = statement.values(basket_id=rival.id, version=BasketChange.version + rival.version)
    db.session.execute(moved.execution_options(synchronize_session=False))
    for kind in (ROWS, LINKS):
        waiting = update(Job).where(Job.on_completion == kind + basket.id)
        goes_on = waiting.values(on_completion=kind + rival.id)
        db.session.execute(goes_on.execution_options(synchronize_session=False))
    rival.version += basket.version + 1
    rival.chosen_time = max(rival.chosen_time, basket.chosen_time)
    db.session.delete(basket)
    db.session.flush()


def _export(owner: str) -> Iterator[dict[str, Any]]:
    for basket in _baskets(owner):
        items = select(BasketItem).where(
            BasketItem.basket_id == basket.id, BasketItem.removed_by.is_(None)
        )
        changes = select(BasketChange).where(BasketChange.basket_id == basket.id)
        yield {
            "name": basket.name,
            "creation_time": basket.creation_time,
            "deleted_time": basket.deleted_time,
            "items": [ItemOut.of(item).model_dump() for item in db.session.scalars(items)],
            "changes": [
                {"time": one.time, "kind": one.kind, "count": one.count, "about": one.about}
                for one in db.session.scalars(changes.order_by(BasketChange.version))
            ],
        }


def _delete(owner: str) -> AfterCommit:
    db.session.execute(delete(Basket).where(Basket.owner == owner))
    return nothing_more


def _baskets(owner: str) -> list[Basket]:
    query = select(Basket).where(Basket.owner == owner).order_by(Basket.creation_time, Basket.id)
    return list(db.session.scalars(query))


def _run(statement: Update, basket_id: str) -> None:
    moved = statement.values(basket_id=basket_id).execution_options(synchronize_session=False)
    db.session.execute(moved)


BASKETS = Belongings(id="baskets", take_over=_take_over, export=_export, delete=_delete)

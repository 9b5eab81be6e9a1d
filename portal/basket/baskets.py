"""The baskets of an owner: make one, list them, choose, rename, delete, restore."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

from sqlalchemy import and_
from sqlalchemy import Delete
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import Update
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from portal.basket.changes import note_change
from portal.basket.models import Basket
from portal.basket.models import BasketItem
from portal.basket.models import BasketShare
from portal.basket.models import NAME_LENGTH
from portal.basket.reach import current_id
from portal.basket.reach import hold
from portal.basket.reach import NO_SUCH_BASKET
from portal.basket.reach import Visitor
from portal.db import clock
from portal.db import db
from portal.problems import NotFoundError
from portal.problems import UsageError

DEFAULT_NAME = "Basket"
MOST_BASKETS = 100  # of one owner
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketSummary:
    """One of an owner's baskets, as lists show it."""

    basket: Basket
    count: int
    is_current: bool


def list_baskets(owner: str) -> Sequence[BasketSummary]:
    """Return the owner's baskets by name, with how many items each has."""
    count = func.count(BasketItem.id)
    is_live = and_(BasketItem.basket_id == Basket.id, BasketItem.removed_by.is_(None))
    query = (
        select(Basket, count, Basket.id == current_id(owner))
        .outerjoin(BasketItem, is_live)
        .where(Basket.owner == owner, Basket.owner != "", Basket.deleted_time.is_(None))
        .group_by(Basket.id)
        .order_by(func.lower(Basket.name), Basket.id)
    )
    return [
        BasketSummary(basket=basket, count=number, is_current=bool(is_current))
        for basket, number, is_current in db.session.execute(query)
    ]


def list_shared(visitor: Visitor) -> Sequence[Basket]:
    """Return the baskets that others share with a group of the visitor, by name."""
    if not visitor.groups:
        return []
    lasts = or_(BasketShare.expires.is_(None), BasketShare.expires > clock())
    with_group = exists().where(
        BasketShare.basket_id == Basket.id, BasketShare.group_name.in_(visitor.groups), lasts
    )
    query = (
        select(Basket)
        .where(with_group, Basket.owner != visitor.owner, Basket.deleted_time.is_(None))
        .order_by(func.lower(Basket.name), Basket.id)
    )
    return db.session.scalars(query).all()


def list_deleted(owner: str) -> Sequence[Basket]:
    """Return the owner's deleted baskets that can be restored, the latest first."""
    query = (
        select(Basket)
        .where(Basket.owner == owner, Basket.owner != "", Basket.deleted_time > clock() - KEPT)
        .order_by(Basket.deleted_time.desc())
    )
    return db.session.scalars(query).all()


def make_basket(owner: str, name: str, *, choose: bool = True) -> Basket:
    """Make a basket, and make it the current one if `choose`.

    Raises UsageError for a name that is none, or is taken, and when there are too many.
    """
    basket = begin_basket(owner, name, choose=choose)
    db.session.commit()
    return basket


def begin_basket(owner: str, name: str, *, choose: bool) -> Basket:
    """Make a basket as `make_basket` does, without committing it."""
    name = checked_name(name)
    mine = Basket.owner == owner, Basket.deleted_time.is_(None)
    if (db.session.scalar(select(func.count(Basket.id)).where(*mine)) or 0) >= MOST_BASKETS:
        raise UsageError(f"There are {MOST_BASKETS} baskets already. Delete one of them first.")
    now = clock()
    first = db.session.scalar(select(func.min(Basket.chosen_time)).where(*mine))
    chosen = now if choose or first is None else first - timedelta(seconds=1)
    basket = Basket(owner=owner, name=name, creation_time=now, chosen_time=chosen, version=0)
    db.session.add(basket)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise UsageError(f"Another basket is called {name} already.") from None
    return basket


def ensure_current(owner: str) -> str:
    """Return the id of the owner's current basket, which is made if there is none."""
    for _ in range(2):
        if (found := db.session.scalar(select(current_id(owner)))) is not None:
            return str(found)
        now = clock()
        db.session.add(
            Basket(owner=owner, name=DEFAULT_NAME, creation_time=now, chosen_time=now, version=0)
        )
        try:
            db.session.commit()
        except IntegrityError:  # another tab was faster
            db.session.rollback()
    raise UsageError("The basket could not be made; please try again.")


def choose_basket(basket_id: str, owner: str) -> Basket:
    """Make one of the owner's baskets his current one; raises NotFoundError."""
    statement = (
        update(Basket)
        .where(Basket.id == basket_id, Basket.owner == (owner or None))
        .where(Basket.deleted_time.is_(None))
        .values(chosen_time=clock())
        .returning(Basket)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    basket = db.session.scalar(statement)
    db.session.commit()
    if basket is None:
        raise NotFoundError(NO_SUCH_BASKET)
    return basket


def rename_basket(ref: str, name: str, visitor: Visitor, *, version: int | None = None) -> None:
    """Give a basket another name, as its owner; raises UsageError for one that is taken."""
    name = checked_name(name)
    held = hold(ref, visitor, version=version, as_owner=True)
    try:
        _run(update(Basket).where(Basket.id == held.id).values(name=name))
    except IntegrityError:
        db.session.rollback()
        raise UsageError(f"Another basket is called {name} already.") from None
    note_change(held, "renamed", about=f"{held.name} → {name}")
    db.session.commit()


def delete_basket(ref: str, visitor: Visitor, *, version: int | None = None) -> str:
    """Delete a basket, as its owner; it can be restored for a while. Returns its id."""
    held = hold(ref, visitor, version=version, as_owner=True)
    now = clock()
    _run(update(Basket).where(Basket.id == held.id).values(deleted_time=now))
    db.session.commit()
    return held.id


def delete_old(now: datetime) -> None:
    """Forget what was deleted so long ago that nobody can restore it; does not commit."""
    _run(delete(Basket).where(Basket.deleted_time < now - KEPT))


def restore_basket(basket_id: str, owner: str) -> Basket:
    """Bring a deleted basket back, under another name when its own is taken meanwhile."""
    gone = Basket.id == basket_id, Basket.owner == (owner or None), Basket.deleted_time.is_not(None)
    name = db.session.scalar(select(Basket.name).where(*gone))
    if name is None:
        raise NotFoundError(NO_SUCH_BASKET)
    for attempt in range(1, MOST_BASKETS + 2):
        tried = name if attempt == 1 else f"{name[: NAME_LENGTH - 6]} ({attempt})"
        try:
            _run(update(Basket).where(*gone).values(deleted_time=None, name=tried))
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            continue
        break
    return choose_basket(basket_id, owner)


def checked_name(name: str) -> str:
    """Return a name without what cannot be printed; raises UsageError when it is no name."""
    tidy = " ".join("".join(one if one.isprintable() else " " for one in name).split())
    if not tidy:
        raise UsageError("Give the basket a name.")
    if len(tidy) > NAME_LENGTH:
        raise UsageError(f"A name has up to {NAME_LENGTH} characters.")
    return tidy


def _run(statement: Update | Delete) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))

"""Who reaches which basket: its owner by id, others by a link or as members of a group.

An address names a basket by a `ref`: its id, the key of a link, or "current". The condition
is a part of every statement, so that nothing is read or changed before it was checked.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from sqlalchemy import and_
from sqlalchemy import BindParameter
from sqlalchemy import ColumnElement
from sqlalchemy import exists
from sqlalchemy import false
from sqlalchemy import or_
from sqlalchemy import ScalarSelect
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import aliased

from portal.basket.models import Basket
from portal.basket.models import BasketItem
from portal.basket.models import BasketShare
from portal.db import clock
from portal.db import db
from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.uws.callers import ForbiddenError

CURRENT = "current"
NO_SUCH_BASKET = "There is no such basket. It may have been deleted, or is no longer shared."


class ChangedMeanwhileError(PortalError):
    """The basket is not as it was when the caller last looked."""

    status = HTTPStatus.PRECONDITION_FAILED
    title = "The basket was changed meanwhile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks: an owner, or nobody, and the groups that he is a member of."""

    owner: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A basket that is being changed: nobody else changes it until the transaction ends."""

    id: str
    owner: str
    name: str
    version: int
    via: str


def get_basket(ref: str, visitor: Visitor) -> Basket:
    """Return a basket that the visitor may look at; raises NotFoundError."""
    basket = db.session.scalar(
        select(Basket).where(is_reached(ref, visitor)).execution_options(populate_existing=True)
    )
    if basket is None:
        raise NotFoundError(NO_SUCH_BASKET)
    return basket


def may_edit(ref: str, visitor: Visitor) -> bool:
    """Say whether the visitor may change this basket's items."""
    query = select(exists().where(is_reached(ref, visitor, to_edit=True)))
    return bool(db.session.scalar(query))


def hold(ref: str, visitor: Visitor, *, version: int | None = None, as_owner: bool = False) -> Held:
    """Begin a change of a basket; it lasts until the transaction ends, and counts as one.

    With a `version` only where the basket still has it. Raises NotFoundError,
    ForbiddenError for a basket that the visitor may only look at, ChangedMeanwhileError.
    """
    held = try_hold(ref, visitor, version=version, as_owner=as_owner)
    if held is None:
        db.session.rollback()
        raise _refusal(ref, visitor, as_owner=as_owner)
    return held


def try_hold(
    ref: str, visitor: Visitor, *, version: int | None = None, as_owner: bool = False
) -> Held | None:
    """Begin a change as `hold` does; returns None, and rolls nothing back, where it cannot be."""
    conditions = [is_reached(ref, visitor, to_edit=True)]
    if as_owner:
        conditions.append(Basket.owner == visitor.owner)
    if version is not None:
        conditions.append(Basket.version == version)
    statement = (
        update(Basket)
        .where(*conditions)
        .values(version=Basket.version + 1)
        .returning(Basket.id, Basket.owner, Basket.name, Basket.version)
        .execution_options(synchronize_session=False)
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        return None
    via = "owner" if row.owner == visitor.owner else "link" if row.id != ref else "group"
    return Held(id=row.id, owner=row.owner, name=row.name, version=row.version, via=via)


def _refusal(ref: str, visitor: Visitor, *, as_owner: bool) -> PortalError:
    """Return why a basket cannot be changed; raises NotFoundError where there is none."""
    basket = get_basket(ref, visitor)
    if as_owner and basket.owner != visitor.owner:
        return ForbiddenError("Only its owner can do this with a basket.")
    if not may_edit(ref, visitor):
        return ForbiddenError("This basket is shared to be looked at, not to be changed.")
    return ChangedMeanwhileError("Look at the basket again, and then change it.")


def current_id(owner: str | BindParameter[Any]) -> ScalarSelect[str]:
    """Return, as a part of a statement, the id of the basket that the owner chose last."""
    basket = aliased(Basket)
    return (
        select(basket.id)
        .where(basket.owner == owner, basket.deleted_time.is_(None))
        .order_by(basket.chosen_time.desc(), basket.id)
        .limit(1)
        .scalar_subquery()
    )


def is_reached(ref: str, visitor: Visitor, *, to_edit: bool = False) -> ColumnElement[bool]:
    """Return the condition under which a visitor reaches the basket of a `ref`."""
    kept = Basket.deleted_time.is_(None)
    is_own = Basket.owner == visitor.owner if visitor.owner else false()
    if ref == CURRENT:
        return and_(kept, is_own, Basket.id == current_id(visitor.owner))
    by_key = _is_shared(to_edit, BasketShare.key == ref)
    by_group = _is_shared(to_edit, BasketShare.group_name.in_(visitor.groups))
    is_members = and_(Basket.id == ref, by_group) if visitor.groups else false()
    return and_(kept, or_(and_(Basket.id == ref, is_own), by_key, is_members))


def _is_shared(to_edit: bool, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:  # noqa: FBT001
    """Return whether a share of the basket meets the conditions and has not expired."""
    lasts = or_(BasketShare.expires.is_(None), BasketShare.expires > clock())
    edits = (BasketShare.may_edit,) if to_edit else ()
    return exists().where(BasketShare.basket_id == Basket.id, *conditions, lasts, *edits)


def has_result(basket_id: str, job_id: str, name: str) -> bool:
    """Say whether a result, or a row of it, is an item of a basket."""
    item = exists().where(
        BasketItem.basket_id == basket_id,
        BasketItem.removed_by.is_(None),
        BasketItem.job_id == job_id,
        BasketItem.result_name == name,
    )
    return bool(db.session.scalar(select(item)))

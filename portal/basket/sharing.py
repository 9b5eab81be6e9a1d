"""Sharing a basket: by links that nobody can guess, or with a group; each can be revoked."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from portal.basket.changes import note_change
from portal.basket.models import Basket
from portal.basket.models import BasketShare
from portal.basket.models import NAME_LENGTH
from portal.basket.reach import hold
from portal.basket.reach import Visitor
from portal.db import clock
from portal.db import db
from portal.problems import NotFoundError
from portal.problems import UsageError

KEY_BYTES = 16
MOST_SHARES = 50  # of one basket
LONGEST_DAYS = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShare:
    """For whom a basket is to be opened: whoever has the link, or a group.

    It ends after so many days, or when it is revoked.
    """

    may_edit: bool = False
    days: int | None = None
    label: str = ""
    group: str | None = None


def share_basket(ref: str, visitor: Visitor, wanted: NewShare) -> BasketShare:
    """Open a basket to others, as its owner; what has expired is forgotten.

    Raises NotFoundError and ForbiddenError for a basket that is not his, and UsageError for a
    group that he is no member of, and for too many shares.
    """
    if wanted.group is not None and wanted.group not in visitor.groups:
        raise UsageError("You can share a basket with a group that you are a member of.")
    if wanted.days is not None and not 0 < wanted.days <= LONGEST_DAYS:
        raise UsageError(f"A link may last between 1 and {LONGEST_DAYS:,} days.")
    held = hold(ref, visitor, as_owner=True)
    now = clock()
    ended = delete(BasketShare).where(BasketShare.basket_id == held.id, BasketShare.expires <= now)
    db.session.execute(ended.execution_options(synchronize_session=False))
    count = select(func.count(BasketShare.id)).where(BasketShare.basket_id == held.id)
    if (db.session.scalar(count) or 0) >= MOST_SHARES:
        db.session.rollback()
        raise UsageError(f"This basket is shared {MOST_SHARES} times already. Revoke one first.")
    share = BasketShare(
        basket_id=held.id,
        key=None if wanted.group else secrets.token_hex(KEY_BYTES),
        group_name=wanted.group,
        may_edit=wanted.may_edit,
        label="".join(filter(str.isprintable, wanted.label)).strip()[:NAME_LENGTH],
        creation_time=now,
        expires=None if wanted.days is None else now + timedelta(days=wanted.days),
    )
    db.session.add(share)
    whom = "With a group" if wanted.group else "By a link"  # whoever reads the history sees it
    note_change(held, "shared", about=f"{whom}, {'to edit' if share.may_edit else 'to look at'}")
    db.session.commit()
    return share


def find_share(basket: Basket, ref: str, visitor: Visitor) -> str | None:
    """Return the id of the share that lets a visitor in; None for the owner.

    Of several the one that lasts longest.
    """
    if visitor.owner and basket.owner == visitor.owner:
        return None
    by = or_(BasketShare.key == ref, BasketShare.group_name.in_(visitor.groups))
    query = select(BasketShare.id).where(BasketShare.basket_id == basket.id, by, _lasts())
    query = query.order_by(BasketShare.expires.desc().nulls_first(), BasketShare.id)
    return db.session.scalar(query.limit(1)) or ""


def lets_in(share_id: str, basket_id: str) -> bool:
    """Say whether a share of a basket is neither revoked nor over."""
    is_it = (BasketShare.id == share_id, BasketShare.basket_id == basket_id)
    return db.session.scalar(select(BasketShare.id).where(*is_it, _lasts())) is not None


def _lasts() -> ColumnElement[bool]:
    return or_(BasketShare.expires.is_(None), BasketShare.expires > clock())


def list_shares(ref: str, visitor: Visitor) -> Sequence[BasketShare]:
    """Return how a basket is shared, as its owner, the latest first; nothing to others."""
    query = (
        select(BasketShare)
        .join(Basket, Basket.id == BasketShare.basket_id)
        .where(Basket.id == ref, Basket.owner == (visitor.owner or None))
        .where(_lasts())
        .order_by(BasketShare.creation_time.desc(), BasketShare.id)
    )
    return db.session.scalars(query).all()


def revoke_share(ref: str, share_id: str, visitor: Visitor) -> None:
    """Let nobody in any more by this share; raises NotFoundError and ForbiddenError."""
    held = hold(ref, visitor, as_owner=True)
    statement = delete(BasketShare).where(
        BasketShare.id == share_id, BasketShare.basket_id == held.id
    )
    gone = db.session.execute(statement.execution_options(synchronize_session=False))
    if not gone.rowcount:  # type: ignore[attr-defined]
        db.session.rollback()
        raise NotFoundError("The basket is not shared like this.")
    note_change(held, "unshared")
    db.session.commit()

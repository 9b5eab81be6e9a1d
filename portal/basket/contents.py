"""What is in a basket: its items by page, search and order, their number and their size."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import BindParameter
from sqlalchemy import case
from sqlalchemy import ColumnElement
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from portal.basket.changes import note_change
from portal.basket.models import Basket
from portal.basket.models import BasketItem
from portal.basket.models import LARGEST
from portal.basket.reach import CURRENT
from portal.basket.reach import current_id
from portal.basket.reach import hold
from portal.basket.reach import is_reached
from portal.basket.reach import Visitor
from portal.db import db
from portal.problems import NotFoundError
from portal.problems import UsageError

KILOBYTE = 1_000  # ObsCore's access_estsize is in kbyte (ObsCore 1.1, section 3.3.4)
NOTE_LENGTH = 2_000
SEARCH_LENGTH = 200
SEARCHED = (
    BasketItem.title,
    BasketItem.obs_id,
    BasketItem.obs_collection,
    BasketItem.target_name,
    BasketItem.publisher_did,
    BasketItem.access_url,
    BasketItem.archive_id,
    BasketItem.note,
)
SORTS: Mapping[str, InstrumentedAttribute[Any]] = {
    "added": BasketItem.added_time,
    "title": BasketItem.title,
    "archive": BasketItem.archive_id,
    "collection": BasketItem.obs_collection,
    "type": BasketItem.dataproduct_type,
    "target": BasketItem.target_name,
    "ra": BasketItem.s_ra,
    "dec": BasketItem.s_dec,
    "size": BasketItem.access_estsize,
    "link": BasketItem.link_state,
}

OWNER: BindParameter[str] = bindparam("owner_")

# On every page, so it is built once.
NUMBER_OF_ITEMS = select(func.count(BasketItem.id)).where(
    BasketItem.basket_id == current_id(OWNER), BasketItem.removed_by.is_(None)
)
CURRENT_NAME = select(Basket.name).where(Basket.id == current_id(OWNER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """By what items are sorted; those that do not say it come last."""

    by: str = "added"
    descending: bool = True

    @classmethod
    def read(cls, text: str | None) -> "Order":
        """Read "title" or "-title"; raises UsageError for what is no order."""
        if not text:
            return cls()
        by = text.removeprefix("-")
        if by not in SORTS:
            raise UsageError(f"Items are sorted by one of {', '.join(SORTS)}.")
        return cls(by=by, descending=text.startswith("-"))

    def __str__(self) -> str:
        """Write it as `read` takes it."""
        return f"-{self.by}" if self.descending else self.by


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """How many items there are, how large their data, and how many do not say it."""

    count: int
    bytes: int
    unknown: int


def count_items(owner: str) -> int:
    """Count the items in the owner's current basket."""
    return db.session.scalar(NUMBER_OF_ITEMS, {"owner_": owner}) or 0 if owner else 0


def current_name(owner: str) -> str | None:
    """Return the name of the owner's current basket; None while there is none."""
    return db.session.scalar(CURRENT_NAME, {"owner_": owner}) if owner else None


def list_items(
    ref: str,
    visitor: Visitor,
    *,
    search: str = "",
    order: Order = Order(),
    offset: int = 0,
    limit: int | None = None,
) -> Sequence[BasketItem]:
    """Return items of a basket; none from one that the visitor does not reach."""
    column = SORTS[order.by]
    direction = column.desc() if order.descending else column.asc()
    query = (
        select(BasketItem)
        .where(*_in_basket(ref, visitor), *_matching(search))
        .order_by(direction.nulls_last(), BasketItem.row_number, BasketItem.id)
    )
    return db.session.scalars(query.offset(offset).limit(limit)).all()


def list_current(owner: str, *, limit: int | None = None) -> Sequence[BasketItem]:
    """Return the items in the owner's current basket, those added last first."""
    return list_items(CURRENT, Visitor(owner=owner), limit=limit)


def total(ref: str, visitor: Visitor, *, search: str = "") -> Total:
    """Count the items that a search finds, and sum up their sizes."""
    size = case((BasketItem.access_estsize.between(0, LARGEST), BasketItem.access_estsize))
    query = select(
        func.count(BasketItem.id),
        func.coalesce(func.sum(size), 0),
        func.count(size),
    ).where(*_in_basket(ref, visitor), *_matching(search))
    count, kilobytes, known = db.session.execute(query).one()
    return Total(count=count, bytes=int(kilobytes or 0) * KILOBYTE, unknown=count - known)


def get_item(ref: str, item_id: str, visitor: Visitor) -> BasketItem:
    """Return one item of a basket; raises NotFoundError."""
    query = select(BasketItem).where(*_in_basket(ref, visitor), BasketItem.id == item_id)
    item = db.session.scalar(query)
    if item is None:
        raise NotFoundError("There is no such item in this basket.")
    return item


def set_note(ref: str, item_id: str, note: str, visitor: Visitor) -> BasketItem:
    """Write a note at an item; raises NotFoundError, ForbiddenError and UsageError."""
    note = "\n".join(line.rstrip() for line in note.strip().splitlines()).replace("\0", "")
    if len(note) > NOTE_LENGTH:
        raise UsageError(f"A note has up to {NOTE_LENGTH:,} characters.")
    held = hold(ref, visitor)
    item = db.session.scalar(
        select(BasketItem).where(
            BasketItem.basket_id == held.id,
            BasketItem.id == item_id,
            BasketItem.removed_by.is_(None),
        )
    )
    if item is None:
        db.session.rollback()
        raise NotFoundError("There is no such item in this basket.")
    item.note = note
    note_change(held, "noted", count=1, about=item.title)
    db.session.commit()
    return item


def _in_basket(ref: str, visitor: Visitor) -> tuple[ColumnElement[bool], ...]:
    reached = select(Basket.id).where(is_reached(ref, visitor)).scalar_subquery()
    return BasketItem.basket_id == reached, BasketItem.removed_by.is_(None)


def _matching(search: str) -> list[ColumnElement[bool]]:
    """Return a condition for each word: one of the searched texts has it."""
    words = search[:SEARCH_LENGTH].replace("\0", "").split()
    return [or_(*(one.icontains(word, autoescape=True) for one in SEARCHED)) for word in words]

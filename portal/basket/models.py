"""Baskets, their items, what was done with them, and who else may open them."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy import text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.db import Base
from portal.db import UtcDateTime

WHOLE_RESULT = -1
LARGEST = 10**12  # kilobytes: of a whole basket they still are a number that SQLite can sum up
NAME_LENGTH = 100
IS_LIVE = text("removed_by IS NULL")
IS_KEPT = text("deleted_time IS NULL")


def new_id() -> str:
    """Return an unguessable id."""
    return uuid.uuid4().hex


class Basket(Base):
    """A named collection of items of one owner.

    The one chosen last is his current basket. `version` grows with every change of it or its
    items. A deleted one is kept for a while, to be restored, and opens to nobody.
    """

    __tablename__ = "basket"
    __table_args__ = (
        Index(
            "ix_basket_live_name",
            "owner",
            "name",
            unique=True,
            sqlite_where=IS_KEPT,
            postgresql_where=IS_KEPT,
        ),
        Index("ix_basket_chosen", "owner", "chosen_time"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    owner: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    creation_time: Mapped[datetime] = mapped_column(UtcDateTime)
    chosen_time: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    deleted_time: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BasketItem(Base):
    """One row of a result, a whole result (`row_number` is -1) or an address of its own.

    `identity` says what makes two items the same; a basket has it once. `origin` is "row",
    "result", "url" or "samp"; what was typed in or received has no job. The job may be gone
    one day; what the item says of itself, in ObsCore's words, stays. `added_by` and
    `removed_by` are the ids of changes; an item that was removed is kept until its change can
    no longer be undone. What a check of the link found is there since `checked_time`.
    """

    __tablename__ = "basket_item"
    __table_args__ = (
        Index(
            "ix_basket_item_identity",
            "basket_id",
            "identity",
            unique=True,
            sqlite_where=IS_LIVE,
            postgresql_where=IS_LIVE,
        ),
        Index("ix_basket_item_added", "basket_id", "added_time"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    basket_id: Mapped[str] = mapped_column(ForeignKey("basket.id", ondelete="CASCADE"))
    identity: Mapped[str] = mapped_column(String(128))
    origin: Mapped[str] = mapped_column(String(16), default="row")
    archive_id: Mapped[str] = mapped_column(String(64))
    job_id: Mapped[str | None] = mapped_column(String(32))
    result_name: Mapped[str | None] = mapped_column(String(64))
    row_number: Mapped[int | None] = mapped_column(BigInteger)
    row_count: Mapped[int] = mapped_column(BigInteger, default=1)
    source_query: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    added_time: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[str | None] = mapped_column(String(32))
    removed_by: Mapped[str | None] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(Text)
    publisher_did: Mapped[str | None] = mapped_column(Text)
    obs_id: Mapped[str | None] = mapped_column(Text)
    obs_collection: Mapped[str | None] = mapped_column(Text)
    dataproduct_type: Mapped[str | None] = mapped_column(Text)
    target_name: Mapped[str | None] = mapped_column(Text)
    s_ra: Mapped[float | None] = mapped_column()
    s_dec: Mapped[float | None] = mapped_column()
    access_url: Mapped[str | None] = mapped_column(Text)
    access_format: Mapped[str | None] = mapped_column(Text)
    access_estsize: Mapped[int | None] = mapped_column(BigInteger)
    checked_time: Mapped[datetime | None] = mapped_column(UtcDateTime)
    link_state: Mapped[str | None] = mapped_column(String(200))
    link_size: Mapped[int | None] = mapped_column(BigInteger)
    link_type: Mapped[str | None] = mapped_column(String(200))

    @property
    def is_whole_result(self) -> bool:
        """Whether the item stands for all rows of its result."""
        return self.row_number == WHOLE_RESULT


class BasketChange(Base):
    """What was done with a basket, by whom, and with how many items.

    `via` is "owner", "link" or "group": how whoever did it had come to the basket. `target_id`
    is the basket that items were moved to.
    """

    __tablename__ = "basket_change"
    __table_args__ = (Index("ix_basket_change_time", "basket_id", "time"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    basket_id: Mapped[str] = mapped_column(ForeignKey("basket.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column()
    time: Mapped[datetime] = mapped_column(UtcDateTime)
    via: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    count: Mapped[int] = mapped_column(default=0)
    about: Mapped[str] = mapped_column(String(300), default="")
    target_id: Mapped[str | None] = mapped_column(String(32))
    undone_time: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BasketShare(Base):
    """Who else may open a basket: whoever has `key`, or the members of a group."""

    __tablename__ = "basket_share"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    basket_id: Mapped[str] = mapped_column(ForeignKey("basket.id", ondelete="CASCADE"), index=True)
    key: Mapped[str | None] = mapped_column(String(32), unique=True)
    group_name: Mapped[str | None] = mapped_column(String(200), index=True)
    may_edit: Mapped[bool] = mapped_column()
    label: Mapped[str] = mapped_column(String(NAME_LENGTH), default="")
    creation_time: Mapped[datetime] = mapped_column(UtcDateTime)
    expires: Mapped[datetime | None] = mapped_column(UtcDateTime)

"""Baskets and their items: references to rows of results, never the rows themselves."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.db import Base
from portal.db import UtcDateTime

WHOLE_RESULT = -1


def _new_id() -> str:
    return uuid.uuid4().hex


class Basket(Base):
    """A named collection of items of one owner."""

    __tablename__ = "basket"
    __table_args__ = (UniqueConstraint("owner", "name"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=_new_id)
    owner: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100))
    creation_time: Mapped[datetime] = mapped_column(UtcDateTime)


class BasketItem(Base):
    """One row of a result, or a whole result (`row_number` is -1), with ObsCore's words for it.

    The job may be gone one day; what the item says of itself stays.
    """

    __tablename__ = "basket_item"
    __table_args__ = (
        UniqueConstraint("basket_id", "job_id", "result_name", "row_number"),
        Index("ix_basket_item_added", "basket_id", "added_time"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=_new_id)
    basket_id: Mapped[str] = mapped_column(ForeignKey("basket.id", ondelete="CASCADE"))
    archive_id: Mapped[str] = mapped_column(String(64))
    job_id: Mapped[str] = mapped_column(String(32))
    result_name: Mapped[str] = mapped_column(String(64))
    row_number: Mapped[int] = mapped_column(BigInteger)
    row_count: Mapped[int] = mapped_column(BigInteger, default=1)
    source_query: Mapped[str] = mapped_column(Text, default="")
    added_time: Mapped[datetime] = mapped_column(UtcDateTime)
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

    @property
    def is_whole_result(self) -> bool:
        """Whether the item stands for all rows of its result."""
        return self.row_number == WHOLE_RESULT

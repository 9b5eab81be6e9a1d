"""Offers to run something, and what becomes of them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import JSON
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.analysis.models import TITLE_LENGTH
from portal.db import Base
from portal.db import UtcDateTime


class Decision(StrEnum):
    """What its owner has made of an offer; an offer expires without anybody's doing."""

    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


class OfferSet(Base):
    """The answer to one request: what was asked for, and until when the offers hold.

    `accepted_id` is the one offer that was accepted: who sets it has won. `messages` are pairs
    of a level and a text, `data` those of a name and an address.
    """

    __tablename__ = "offer_set"
    __table_args__ = (
        Index("ix_offer_set_owner", "owner", "creation_time"),
        Index("ix_offer_set_expires", "expires"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    repository: Mapped[str] = mapped_column(Text)
    ref: Mapped[str] = mapped_column(Text)
    path: Mapped[str | None] = mapped_column(Text)
    cores: Mapped[float | None] = mapped_column()
    memory: Mapped[int | None] = mapped_column(BigInteger)
    messages: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    data: Mapped[list[list[str]]] = mapped_column(JSON, default=list, server_default="[]")
    accepted_id: Mapped[str | None] = mapped_column(String(32))
    creation_time: Mapped[datetime] = mapped_column(UtcDateTime)
    expires: Mapped[datetime] = mapped_column(UtcDateTime)


class Offer(Base):
    """A facility that would run it; `job_id` is the launch, once the offer is accepted."""

    __tablename__ = "offer"
    __table_args__ = (Index("ix_offer_set_id", "set_id", "position"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    set_id: Mapped[str] = mapped_column(ForeignKey("offer_set.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column()
    facility_id: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(Text)
    warning: Mapped[str] = mapped_column(Text, default="")
    decision: Mapped[str] = mapped_column(String(16), default=Decision.OFFERED)
    job_id: Mapped[str | None] = mapped_column(String(32))

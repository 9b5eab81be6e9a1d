"""What people are told, how they want to hear of it, and what has still to be sent."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import JSON
from sqlalchemy import LargeBinary
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.db import Base
from portal.db import UtcDateTime

TITLE_LENGTH = 250
TEXT_LENGTH = 500


class Event(StrEnum):
    """What a notice is about; PORTAL is what concerns notices themselves, and is always told."""

    FINISHED = "finished"
    FAILED = "failed"
    SESSION = "session"
    PORTAL = "portal"


class Channel(StrEnum):
    """How a notice leaves the portal."""

    MAIL = "mail"
    WEBHOOK = "webhook"


def _new_id() -> str:
    return uuid.uuid4().hex


class Notice(Base):
    """Something that an owner was told.

    `link` is a path below the portal's own address. A notice about a job goes with it.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_owner_creation", "owner", "creation_time"),
        Index("ix_notice_owner_read", "owner", "read_time"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=_new_id)
    owner: Mapped[str] = mapped_column(String(64))
    event: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    text: Mapped[str] = mapped_column(String(TEXT_LENGTH), default="")
    link: Mapped[str] = mapped_column(Text)
    job_id: Mapped[str | None] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), index=True)
    creation_time: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    read_time: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NoticeChoice(Base):
    """What an owner wants to hear of, instead of the defaults."""

    __tablename__ = "notice_choice"

    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    events: Mapped[list[str]] = mapped_column(JSON)
    min_seconds: Mapped[int] = mapped_column()
    by_mail: Mapped[bool] = mapped_column()


class Webhook(Base):
    """Where an owner's notices are posted; the `secret` that signs them is encrypted.

    `failures` counts those since the last success; after too many it is `off_time`.
    """

    __tablename__ = "webhook"

    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    failures: Mapped[int] = mapped_column(default=0)
    creation_time: Mapped[datetime] = mapped_column(UtcDateTime)
    last_success: Mapped[datetime | None] = mapped_column(UtcDateTime)
    off_time: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Sending(Base):
    """A notice on its way out by one channel.

    Nobody but the one who moved `due` on sends it; without `due` it is over, well (`sent_time`)
    or not.
    """

    __tablename__ = "notice_sending"
    __table_args__ = (Index("ix_notice_sending_owner", "owner", "channel", "sent_time"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=_new_id)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"), index=True)
    owner: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    due: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    sent_time: Mapped[datetime | None] = mapped_column(UtcDateTime)

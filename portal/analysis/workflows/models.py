"""Workflows that users added themselves."""

import uuid
from datetime import datetime

from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.db import Base
from portal.db import UtcDateTime

TITLE_LENGTH = 200


def _new_id() -> str:
    return uuid.uuid4().hex


class OwnWorkflow(Base):
    """A repository that its owner wants to run again; nobody else sees it."""

    __tablename__ = "own_workflow"
    __table_args__ = (Index("ix_own_workflow_owner", "owner", "creation_time"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=_new_id)
    owner: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    repository: Mapped[str] = mapped_column(Text)
    ref: Mapped[str] = mapped_column(Text)
    path: Mapped[str | None] = mapped_column(Text)
    type: Mapped[str] = mapped_column(String(16))
    creation_time: Mapped[datetime] = mapped_column(UtcDateTime)

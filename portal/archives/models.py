"""Queries that somebody saved under a name, to open them again or to share them."""

import uuid
from datetime import datetime

from sqlalchemy import JSON
from sqlalchemy import String
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.db import Base
from portal.db import UtcDateTime


def _new_id() -> str:
    return uuid.uuid4().hex


class SavedQuery(Base):
    """What the form of a query was filled in with: `parameters` are pairs of name and value.

    Whoever has `share_key` may open it; only its owner may change it.
    """

    __tablename__ = "saved_query"
    __table_args__ = (UniqueConstraint("owner", "query_id", "name"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=_new_id)
    owner: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100))
    query_id: Mapped[str] = mapped_column(String(64))
    parameters: Mapped[list[list[str]]] = mapped_column(JSON)
    creation_time: Mapped[datetime] = mapped_column(UtcDateTime)
    share_key: Mapped[str] = mapped_column(String(32), unique=True)

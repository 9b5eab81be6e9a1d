"""Sessions at facilities, and how the facilities are."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy import JSON
from sqlalchemy import LargeBinary
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.db import Base
from portal.db import UtcDateTime
from portal.plugins.facilities import Mode

TITLE_LENGTH = 200


class Stage(StrEnum):
    """How far a session is.

    PREPARING: the workflow is fetched and changed, nothing is at the facility yet. LAUNCHING:
    something may be there. READY: one can work. STOPPING: it is to be ended, or to be found
    ended. ENDED and FAILED: nothing is left of it anywhere.
    """

    PREPARING = "preparing"
    LAUNCHING = "launching"
    READY = "ready"
    STOPPING = "stopping"
    ENDED = "ended"
    FAILED = "failed"


OPEN = (Stage.PREPARING, Stage.LAUNCHING, Stage.READY)
LIVE = (*OPEN, Stage.STOPPING)
CLOSED = (Stage.STOPPING, Stage.ENDED, Stage.FAILED)


class AnalysisSession(Base):
    """What a launch makes: a workflow that runs at a facility, and what has to be cleaned up.

    `job_id` is the launch, one for each session. `workflow_id` is "<source>:<id>", or empty for
    a repository that somebody named. `handle`, which the facility needs to find the session
    again, and `url`, where its owner enters it, are encrypted; `handle` also holds the address
    of the repository as it was prepared. `publication` is the folder of that repository,
    `token_id` the API token that was made for the session: both end with it. `attempt` is which
    attempt at the launch may write here. Until `expires` the session is left alone, if its
    owner does not end it before. `problem` is why it cannot be looked at or ended just now;
    `missed_time` is when its facility first said that it is gone, which is asked twice.
    """

    __tablename__ = "analysis_session"
    __table_args__ = (
        Index("ix_analysis_session_owner", "owner", "creation_time"),
        Index("ix_analysis_session_stage", "stage", "checked_time"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    job_id: Mapped[str] = mapped_column(String(32), unique=True)
    facility_id: Mapped[str] = mapped_column(String(64))
    mode: Mapped[str] = mapped_column(String(16), default=Mode.LAUNCH)
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    workflow_id: Mapped[str] = mapped_column(Text, default="")
    repository: Mapped[str] = mapped_column(Text)
    ref: Mapped[str] = mapped_column(Text)
    commit: Mapped[str | None] = mapped_column(String(64))
    path: Mapped[str | None] = mapped_column(Text)
    basket_id: Mapped[str | None] = mapped_column(String(32))
    file_count: Mapped[int] = mapped_column(default=0)
    stage: Mapped[str] = mapped_column(String(16), default=Stage.PREPARING)
    message: Mapped[str] = mapped_column(Text, default="")
    notice: Mapped[str] = mapped_column(Text, default="")
    problem: Mapped[str] = mapped_column(Text, default="")
    handle: Mapped[bytes | None] = mapped_column(LargeBinary)
    url: Mapped[bytes | None] = mapped_column(LargeBinary)
    publication: Mapped[str | None] = mapped_column(String(64))
    token_id: Mapped[str | None] = mapped_column(String(32))
    attempt: Mapped[int] = mapped_column(default=0)
    creation_time: Mapped[datetime] = mapped_column(UtcDateTime)
    ready_time: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checked_time: Mapped[datetime | None] = mapped_column(UtcDateTime)
    missed_time: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_activity: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_time: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FacilityState(Base):
    """What a facility said when it was last asked how it is."""

    __tablename__ = "facility_state"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    is_up: Mapped[bool] = mapped_column()
    is_full: Mapped[bool] = mapped_column(default=False)
    message: Mapped[str] = mapped_column(Text, default="")
    capacity: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    checked_time: Mapped[datetime] = mapped_column(UtcDateTime)

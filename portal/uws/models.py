"""Jobs, their parameters, results and checkpoints: the rows that say what should happen."""

import uuid
from datetime import datetime
from typing import Any
from typing import NamedTuple

from sqlalchemy import BigInteger
from sqlalchemy import Enum
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import JSON
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship

from portal.db import Base
from portal.db import UtcDateTime
from portal.uws.phases import ABORTABLE
from portal.uws.phases import ExecutionPhase
from portal.uws.phases import TERMINAL


def new_id() -> str:
    """Return an unguessable id, in hexadecimal: some UWS clients trip over other letters."""
    return uuid.uuid4().hex


class Job(Base):
    """A UWS job (UWS 1.1, section 2.1), and what the queue needs to never lose it.

    `version` grows with every change that a follower should see. `token` names the attempt
    that holds the job; `lease` is until when it may stay silent. `request_key` makes a form
    that is sent twice one job. A job with an empty `owner` belongs to whoever knows its id;
    `client_address` is where it came from, to count such jobs. `type_version` and
    `schema_hash` say which declaration the parameters followed. Whoever has `share_key` may
    read the job. `host` is whom it asks, `host_limit` how many jobs may do so when it starts.
    `on_completion` is what the application wants done with its results when it completes.
    """

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("owner", "request_key"),
        Index("ix_job_owner_creation", "owner", "creation_time"),
        Index("ix_job_phase", "phase"),
        Index("ix_job_destruction", "destruction"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    type: Mapped[str] = mapped_column(String(64))
    owner: Mapped[str] = mapped_column(String(64))
    phase: Mapped[ExecutionPhase] = mapped_column(
        Enum(ExecutionPhase, native_enum=False, length=16), default=ExecutionPhase.PENDING
    )
    run_id: Mapped[str | None] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    creation_time: Mapped[datetime] = mapped_column(UtcDateTime)
    start_time: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_time: Mapped[datetime | None] = mapped_column(UtcDateTime)
    destruction: Mapped[datetime | None] = mapped_column(UtcDateTime)
    execution_duration: Mapped[int] = mapped_column(default=0)
    quote: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error_type: Mapped[str | None] = mapped_column(String(9))
    error_message: Mapped[str | None] = mapped_column(Text)
    error_detail: Mapped[str | None] = mapped_column(Text)
    progress: Mapped[float | None] = mapped_column()
    message: Mapped[str] = mapped_column(String(500), default="")
    version: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    token: Mapped[str | None] = mapped_column(String(32))
    lease: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hinted_time: Mapped[datetime | None] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    request_key: Mapped[str | None] = mapped_column(String(64))
    parent_id: Mapped[str | None] = mapped_column(
        ForeignKey("job.id", ondelete="CASCADE"), index=True
    )
    type_version: Mapped[str] = mapped_column(String(16), default="1", server_default="1")
    schema_hash: Mapped[str | None] = mapped_column(String(64))
    client_address: Mapped[str | None] = mapped_column(String(45))
    share_key: Mapped[str | None] = mapped_column(String(32), unique=True)
    on_completion: Mapped[str | None] = mapped_column(String(100))
    host: Mapped[str | None] = mapped_column(String(255), index=True)
    host_limit: Mapped[int | None] = mapped_column()

    parameters: Mapped[list["Parameter"]] = relationship(
        order_by="Parameter.position", cascade="all, delete-orphan", passive_deletes=True
    )
    results: Mapped[list["Result"]] = relationship(
        order_by="Result.id", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def is_finished(self) -> bool:
        """Whether the phase can no longer change by itself."""
        return self.phase in TERMINAL

    @property
    def is_settled(self) -> bool:
        """Whether nothing changes by itself: also what had come of an aborted job is kept."""
        is_kept = self.phase != ExecutionPhase.ABORTED or not any(
            result.partial for result in self.results
        )
        return self.is_finished and is_kept

    @property
    def is_abortable(self) -> bool:
        """Whether an abort would still do something."""
        return self.phase in ABORTABLE


class Parameter(Base):
    """One value of one parameter; a repeated parameter has several rows."""

    __tablename__ = "parameter"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column()
    name: Mapped[str] = mapped_column(String(64))
    value: Mapped[str] = mapped_column(Text)
    by_reference: Mapped[bool] = mapped_column(default=False)


class Result(Base):
    """A result of a job: where the result store keeps it, and what is known about it.

    While the job runs the row may be `partial`: rows so far, never to be listed by UWS.
    `info` holds columns, rows, bytes and overflow, as the result store reported them. A result
    that is a single file has `file` there instead: its title, bytes and SHA-256.
    """

    __tablename__ = "result"
    __table_args__ = (UniqueConstraint("job_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    token: Mapped[str] = mapped_column(String(32))
    mime_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int | None] = mapped_column(BigInteger)
    partial: Mapped[bool] = mapped_column(default=False)
    info: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    @property
    def is_file(self) -> bool:
        """Whether it is a single file and no table."""
        return "file" in self.info


class Checkpoint(Base):
    """What one attempt committed so that the next one can go on from it."""

    __tablename__ = "checkpoint"

    job_id: Mapped[str] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class LogLine(Base):
    """A line that a running job wrote for its owner."""

    __tablename__ = "log_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), index=True)
    time: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(String(1000))


class Upload(Base):
    """A file that came with a job, kept below the instance folder under the ids of both."""

    __tablename__ = "upload"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    job_id: Mapped[str | None] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    mime_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    creation_time: Mapped[datetime] = mapped_column(UtcDateTime)


class JobReference(NamedTuple):
    """What a list of jobs shows of each, without the rest of its row."""

    id: str
    phase: ExecutionPhase
    run_id: str | None
    creation_time: datetime

"""How many jobs may ask one host at once: the portal is a guest there.

A job that would be one too many stays QUEUED and occupies no worker; the claim counts those
that run. When one of them ends, the next is told.
"""

from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy import BindParameter
from sqlalchemy import ColumnElement
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy.orm import aliased

from portal.db import clock
from portal.db import db
from portal.db import UtcDateTime
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase

_asking = aliased(Job)
_running = (
    select(func.count(_asking.id))
    .where(_asking.phase == ExecutionPhase.EXECUTING, _asking.host == Job.host)
    .correlate(Job)
    .scalar_subquery()
)

HAS_ROOM: ColumnElement[bool] = or_(
    Job.host.is_(None), Job.host_limit.is_(None), _running < Job.host_limit
)


def may_start(now: datetime | BindParameter[datetime]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a worker may take a queued job at that time."""
    is_due = or_(Job.not_before.is_(None), Job.not_before <= now)
    return (Job.phase == ExecutionPhase.QUEUED, is_due, HAS_ROOM)


# Every end of a job needs this, so it is built once.
NEXT = (
    select(Job.id)
    .where(
        Job.host == select(_asking.host).where(_asking.id == bindparam("id_")).scalar_subquery(),
        *may_start(bindparam("now_", type_=UtcDateTime)),
    )
    .order_by(Job.creation_time)
    .limit(1)
)


def stand_in_line(job_id: str) -> None:
    """Let other claims of jobs that ask the same host wait until this transaction has ended.

    SQLite has one writer at a time anyway.
    """
    if db.engine.dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock(func.hashtext(Job.host))
        db.session.execute(select(lock).where(Job.id == job_id, Job.host.is_not(None)))


def next_for_host(job_id: str) -> list[str]:
    """Return the job that has waited longest for the host that this one has left, if any."""
    return list(db.session.scalars(NEXT, {"id_": job_id, "now_": clock()}))


def waits_for_host(job: Job) -> bool:
    """Return whether a job is queued because as many as may ask its host do so now."""
    if job.phase != ExecutionPhase.QUEUED or job.host is None:
        return False
    return db.session.scalar(select(Job.id).where(Job.id == job.id, ~HAS_ROOM)) is not None

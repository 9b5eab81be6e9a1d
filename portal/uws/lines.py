"""Lines that are written for a job's owner: by the job while it runs, and about its attempts."""

from collections.abc import Sequence

from sqlalchemy import func
from sqlalchemy import select

from portal.db import clock
from portal.db import db
from portal.uws.models import Job
from portal.uws.models import LogLine
from portal.uws.moves import held_by

LINE_LENGTH = 1000
LINES_PER_JOB = 1000
LAST_LINE = "No further lines are kept."


def add_lines(job_id: str, lines: Sequence[str]) -> None:
    """Add lines of a job, as long as there is room; the last of all says that it is.

    Does not commit.
    """
    query = select(func.count(LogLine.id)).where(LogLine.job_id == job_id)
    room = max(LINES_PER_JOB - (db.session.scalar(query) or 0), 0)
    kept = list(lines) if len(lines) < room else [*lines[: max(room - 1, 0)], LAST_LINE]
    now = clock()
    db.session.add_all(
        LogLine(job_id=job_id, time=now, text=line[:LINE_LENGTH]) for line in kept[:room]
    )


def note_attempt(job_id: str, attempt: int, why: str) -> None:
    """Add a line that says why an attempt is not the last one; does not commit."""
    text = f"Attempt {attempt} ended: {why}"
    db.session.add(LogLine(job_id=job_id, time=clock(), text=text[:LINE_LENGTH]))


def list_lines(job_id: str, *, owner: str, last: int) -> Sequence[LogLine]:
    """Return the last lines of the owner's job, the latest first."""
    query = (
        select(LogLine)
        .join(Job, Job.id == LogLine.job_id)
        .where(LogLine.job_id == job_id, held_by(owner))
        .order_by(LogLine.id.desc())
        .limit(last)
    )
    return db.session.scalars(query).all()


def count_lines(job_id: str, *, owner: str) -> int:
    """Count the lines of the owner's job."""
    query = (
        select(func.count(LogLine.id))
        .join(Job, Job.id == LogLine.job_id)
        .where(LogLine.job_id == job_id, held_by(owner))
    )
    return db.session.scalar(query) or 0

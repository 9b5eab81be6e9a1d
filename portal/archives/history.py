"""What an owner asked before with one form: the latest different questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.db import db
from portal.problems import NotFoundError
from portal.uws.models import Job

MOST_LOOKED_AT = 40
MOST_COMPARED = 2_000  # characters of a text; those that differ later look alike in a list


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question: the job that asked it last, and the title that this has."""

    job_id: str
    title: str
    time: datetime


def list_history(owner: str, query_id: str, *, limit: int) -> list[Asked]:
    """Return the owner's latest questions of one kind, each one once, the newest first."""
    if not owner:
        return []
    text = func.substr(Job.text, 1, MOST_COMPARED)
    rows = db.session.execute(
        select(Job.id, Job.title, Job.creation_time, text)
        .where(Job.owner == owner, Job.type == query_id, Job.parent_id.is_(None))
        .order_by(Job.creation_time.desc(), Job.id)
        .limit(MOST_LOOKED_AT)
    )
    found: dict[tuple[str, str], Asked] = {}
    for job_id, title, time, text_start in rows:
        found.setdefault((title, text_start), Asked(job_id=job_id, title=title, time=time))
    return list(found.values())[:limit]


def get_parameters(owner: str, job_id: str, query_id: str) -> Sequence[tuple[str, str]]:
    """Return what a job of the owner asked; raises NotFoundError when it is no such job."""
    query = select(Job).where(Job.id == job_id, Job.owner == (owner or None), Job.type == query_id)
    job = db.session.scalar(query.options(selectinload(Job.parameters)))
    if job is None:
        raise NotFoundError("There is no such job.")
    return [(one.name, one.value) for one in job.parameters]

"""Jobs made of other jobs: a parent that waits for its children, and then puts them together.

A parent that waits is EXECUTING without token and lease: no worker holds it, so none can be
lost. Whoever locks rows of a family locks those of children first.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import ColumnElement
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import Update
from sqlalchemy import update
from sqlalchemy.orm import aliased
from sqlalchemy.orm import selectinload

from portal.db import clock
from portal.db import db
from portal.uws.models import Job
from portal.uws.models import Result
from portal.uws.moves import move
from portal.uws.moves import moving
from portal.uws.phases import ABORTABLE
from portal.uws.phases import ExecutionPhase
from portal.uws.phases import TERMINAL

WITH_PARENT = "Aborted with the job that it is a part of"
OUT_OF_TIME = "Stopped: the time of the job that it is a part of was over"


def _is_settled(job: type[Job]) -> ColumnElement[bool]:
    """Return the condition of `Job.is_settled`: what had come of an aborted child is awaited."""
    is_arriving = exists().where(Result.job_id == job.id, Result.partial)
    return job.phase.in_(TERMINAL) & ~((job.phase == ExecutionPhase.ABORTED) & is_arriving)


def _is_waiting() -> Sequence[ColumnElement[bool]]:
    return (Job.phase == ExecutionPhase.EXECUTING, Job.token.is_(None), Job.lease.is_(None))


# Every end of a job needs these, so they are built once.
PARENT = select(Job.parent_id).where(Job.id == bindparam("id_"))
SETTLED = select(func.count(case((_is_settled(Job), 1))), func.count(Job.id)).where(
    Job.parent_id == bindparam("id_")
)
WAITING = update(Job).where(Job.id == bindparam("id_"), *_is_waiting())
TOLD = WAITING.values(version=Job.version + 1)
GOING_ON = WAITING.values(progress=bindparam("progress_"), message=bindparam("message_"))
AT_ONCE = {"synchronize_session": False}


def list_children(job_id: str) -> list[str]:
    """Return the ids of a job's children, in the order in which they were asked for."""
    query = select(Job.id).where(Job.parent_id == job_id).order_by(Job.creation_time, Job.id)
    return list(db.session.scalars(query))


def list_parts(job: Job) -> list[Job]:
    """Return a job's children with their results, in the order in which they were asked for."""
    query = (
        select(Job)
        .where(Job.parent_id == job.id)
        .options(selectinload(Job.results))
        .order_by(Job.creation_time, Job.id)
    )
    return list(db.session.scalars(query))


def let_wait(job_id: str) -> None:
    """Have a queued job wait for its children; does not commit."""
    move(
        job_id,
        ExecutionPhase.EXECUTING,
        allowed={ExecutionPhase.QUEUED},
        start_time=clock(),
        progress=0.0,
    )


def abort_children(
    job_id: str, *conditions: ColumnElement[bool], message: str = WITH_PARENT
) -> None:
    """Abort the children that have not ended; does not commit."""
    statement = moving(
        ExecutionPhase.ABORTED,
        Job.parent_id == job_id,
        *conditions,
        allowed=ABORTABLE,
        end_time=clock(),
        lease=None,
        message=message,
    )
    db.session.execute(statement)


def note_end(job_id: str) -> str | None:
    """Tell the parent of a job that may just have ended, if it has one; does not commit.

    Returns the parent's id when that was the last child, and the parent is queued now. Of
    two children that end at once the second waits for the row of the parent, and then sees
    that the first one has ended.
    """
    parent_id = db.session.scalar(PARENT, {"id_": job_id})
    if parent_id is None or not tell_waiting(parent_id):
        return None
    ended, all_of_them = _count_settled(parent_id)
    if ended == all_of_them:
        return parent_id if _queue_merge(parent_id) else None
    message = f"{ended} of {all_of_them} parts have ended"
    _update(GOING_ON, parent_id, progress_=ended / all_of_them, message_=message)
    return None


def tell_waiting(job_id: str) -> bool:
    """Have those who follow a job that waits for its children look again; does not commit.

    Others who change something of this family wait until then. False: it does not wait.
    """
    return _update(TOLD, job_id)


def queue_missed_merges() -> None:
    """Queue every parent whose children have all ended and that nobody has told."""
    child = aliased(Job)
    unfinished = exists().where(child.parent_id == Job.id, ~_is_settled(child))
    query = select(Job.id).where(*_is_waiting(), ~unfinished)
    for job_id in db.session.scalars(query).all():
        _queue_merge(job_id)
    db.session.commit()


def _update(statement: Update, job_id: str, **values: Any) -> bool:
    done = db.session.execute(statement, {"id_": job_id, **values}, execution_options=AT_ONCE)
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


def _queue_merge(job_id: str) -> bool:
    return move(
        job_id,
        ExecutionPhase.QUEUED,
        *_is_waiting(),
        hinted_time=None,
        message="All parts have ended",
    )


def _count_settled(parent_id: str) -> tuple[int, int]:
    """Return how many of a job's children have ended for good, and how many there are."""
    ended, all_of_them = db.session.execute(SETTLED, {"id_": parent_id}).one()
    return ended, all_of_them

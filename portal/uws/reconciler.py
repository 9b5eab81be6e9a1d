"""Mend what was lost: one pass over the rows, safe to run anywhere and in several copies."""

import logging
from collections.abc import Callable
from datetime import datetime
from datetime import timedelta

from sqlalchemy import ColumnElement
from sqlalchemy import exists
from sqlalchemy import or_
from sqlalchemy import select

from portal.db import clock
from portal.db import db
from portal.uws.family import abort_children
from portal.uws.family import OUT_OF_TIME
from portal.uws.family import queue_missed_merges
from portal.uws.hosts import may_start
from portal.uws.lines import note_attempt
from portal.uws.models import Job
from portal.uws.models import Result
from portal.uws.moves import archive
from portal.uws.moves import destroy
from portal.uws.moves import move
from portal.uws.moves import note_hints
from portal.uws.moves import requeue
from portal.uws.phases import ExecutionPhase
from portal.uws.types import JobTypes

OVERRUN_GRACE = timedelta(seconds=5)
SETTLED = timedelta(seconds=30)  # by then the process of an ended job is gone too
BATCH = 500

log = logging.getLogger(__name__)


def reconcile(
    types: JobTypes,
    delete_results: Callable[[str], None],
    drop_attempt: Callable[[str, str], None],
    *,
    archive_for: timedelta = timedelta(0),
) -> None:
    """Requeue or end lost jobs, abort overdue ones, and archive or destroy expired ones.

    Of an overdue job that waits for its children these are aborted, and it goes on.

    `delete_results` removes all files of a job, `drop_attempt` those of one token. A job that
    is kept for a while after its destruction, to be looked up, has no results any more.
    """
    now = clock()
    _end_overdue(now)
    _recover_lost(now, types, drop_attempt)
    queue_missed_merges()
    _drop_leftovers(now, drop_attempt)
    _destroy_expired(now, delete_results, archive_for)


def forgotten_jobs(patience: timedelta) -> list[str]:
    """Return queued jobs that no worker has taken since they were hinted, the oldest first.

    Not those that may not start yet.
    """
    now = clock()
    query = (
        select(Job.id)
        .where(
            or_(Job.hinted_time.is_(None), Job.hinted_time <= now - patience),
            *may_start(now),
        )
        .order_by(Job.creation_time)
        .limit(BATCH)
    )
    found = list(db.session.scalars(query))
    db.session.rollback()
    return found


def note_hint(job_id: str) -> None:
    """Remember that a job was hinted again, so that the next pass leaves it alone for a while."""
    note_hints([job_id])
    db.session.commit()


def _jobs_where(*conditions: ColumnElement[bool]) -> list[Job]:
    query = select(Job).where(*conditions).limit(BATCH)
    return list(db.session.scalars(query))


def _end_overdue(now: datetime) -> None:
    running = _jobs_where(Job.phase == ExecutionPhase.EXECUTING, Job.execution_duration > 0)
    for job in running:
        allowed = timedelta(seconds=job.execution_duration) + OVERRUN_GRACE
        if job.start_time is None or job.start_time + allowed >= now:
            continue
        log.warning("job %s is overdue", job.id, extra={"job_id": job.id})
        if job.token is None and job.lease is None:  # what its children have is put together
            abort_children(job.id, message=OUT_OF_TIME)
        else:
            move(
                job.id,
                ExecutionPhase.ABORTED,
                Job.token == job.token,
                allowed={ExecutionPhase.EXECUTING},
                end_time=now,
                lease=None,
                message="Stopped: it ran longer than its execution duration allows",
            )
    db.session.commit()


def _recover_lost(now: datetime, types: JobTypes, drop_attempt: Callable[[str, str], None]) -> None:
    lost = _jobs_where(Job.phase == ExecutionPhase.EXECUTING, Job.lease < now)
    requeued = []
    for job in lost:
        log.warning("job %s lost its worker", job.id, extra={"job_id": job.id})
        fence = (Job.token == job.token, Job.lease < now)
        if job.type in types and job.attempt < types[job.type].max_attempts:
            if requeue(job.id, *fence, message="The worker was lost; starting again"):
                note_attempt(job.id, job.attempt, "its worker was lost")
                requeued.append((job.id, str(job.token)))
        else:
            move(
                job.id,
                ExecutionPhase.ERROR,
                *fence,
                allowed={ExecutionPhase.EXECUTING},
                end_time=now,
                lease=None,
                error_type="transient",
                error_message=(
                    f"The worker that ran this job was lost {job.attempt} times. "
                    "Run it again; if that happens once more, ask for less at a time."
                ),
            )
    db.session.commit()
    for job_id, token in requeued:
        drop_attempt(job_id, token)


def _drop_leftovers(now: datetime, drop_attempt: Callable[[str, str], None]) -> None:
    """Drop the files of failed and aborted attempts; a row without a token has none.

    What an aborted one has listed as its results is kept.
    """
    listed = exists().where(Result.job_id == Job.id, Result.partial.is_(False))
    ended = select(Job.id, Job.token).where(
        Job.phase.in_({ExecutionPhase.ERROR, ExecutionPhase.ABORTED}),
        Job.token.is_not(None),
        Job.end_time < now - SETTLED,
        ~listed,
    )
    found = db.session.execute(ended.limit(BATCH)).all()
    db.session.rollback()
    for job_id, token in found:
        drop_attempt(job_id, str(token))
        cleared = (
            db.update(Job)
            .where(Job.id == job_id, Job.token == token)
            .values(token=None, version=Job.version + 1)
        )
        db.session.execute(cleared.execution_options(synchronize_session=False))
        db.session.execute(db.delete(Result).where(Result.job_id == job_id))
        db.session.commit()


def _destroy_expired(
    now: datetime, delete_results: Callable[[str], None], archive_for: timedelta
) -> None:
    query = select(Job.id, Job.phase).where(Job.destruction < now).limit(BATCH)
    for job_id, phase in db.session.execute(query).all():
        log.info("job %s has reached its destruction time", job_id, extra={"job_id": job_id})
        if archive_for and phase != ExecutionPhase.ARCHIVED:
            ended = archive(job_id, until=now + archive_for)
        else:
            ended = destroy(job_id)
        for one in ended:
            delete_results(one)

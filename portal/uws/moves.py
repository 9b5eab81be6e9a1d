"""The one move of a phase, and who holds a job: guarded statements, each owner in the query."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement
from sqlalchemy import Update
from sqlalchemy import update

from portal.db import clock
from portal.db import db
from portal.uws.callers import NOBODY
from portal.uws.models import Job
from portal.uws.models import Result
from portal.uws.phases import ABORTABLE
from portal.uws.phases import ENDS
from portal.uws.phases import ExecutionPhase
from portal.uws.phases import sources

Hint = Callable[[Sequence[str]], None]  # tells workers that these jobs wait
ON_END = "on_end"  # of an app's extensions: called with a job's id where its end is written


def held_by(owner: str) -> ColumnElement[bool]:
    """Return the condition under which an owner holds a job whose id he knows."""
    return Job.owner.in_({owner, NOBODY})


def move(
    job_id: str,
    to: ExecutionPhase,
    *conditions: ColumnElement[bool],
    allowed: Collection[ExecutionPhase] | None = None,
    **values: Any,
) -> bool:
    """Move a job to a phase by one guarded UPDATE.

    Returns whether the job was in one of the `allowed` phases (by default every phase from
    which UWS lets a job move there) and met the conditions. Does not commit.
    Whoever wants to know of ends is told of this one, in the same transaction.
    """
    statement = moving(to, Job.id == job_id, *conditions, allowed=allowed, **values)
    moved = bool(db.session.execute(statement).rowcount == 1)  # type: ignore[attr-defined]
    if moved and to in ENDS:
        on_end: Callable[[str], None] = current_app.extensions.get(ON_END, _tell_nobody)
        on_end(job_id)
    return moved


def requeue(job_id: str, *conditions: ColumnElement[bool], **values: Any) -> bool:
    """Queue a job again that an attempt held; nothing of that attempt's hold is left."""
    return move(
        job_id,
        ExecutionPhase.QUEUED,
        *conditions,
        allowed={ExecutionPhase.EXECUTING},
        lease=None,
        token=None,
        hinted_time=None,
        progress=None,
        **values,
    )


def note_hints(job_ids: Collection[str]) -> None:
    """Remember that workers are told of these jobs now; does not commit."""
    if job_ids:
        statement = update(Job).where(Job.id.in_(job_ids)).values(hinted_time=clock())
        db.session.execute(statement.execution_options(synchronize_session=False))


def moving(
    to: ExecutionPhase,
    *conditions: ColumnElement[bool],
    allowed: Collection[ExecutionPhase] | None = None,
    **values: Any,
) -> Update:
    """Return the UPDATE that moves jobs to a phase; nothing else writes a phase."""
    start = sources(to) if allowed is None else sources(to).intersection(allowed)
    return (
        update(Job)
        .where(Job.phase.in_(start), *conditions)
        .values(phase=to, version=Job.version + 1, **values)
        .execution_options(synchronize_session=False)
    )


def destroy(job_id: str) -> list[str]:
    """Forget a job, its children and all that hangs on them; return their ids.

    Whoever runs one of them finds no row, and stops.
    """
    children = _forget_children(job_id)
    db.session.execute(db.delete(Job).where(Job.id == job_id))
    db.session.commit()
    return [job_id, *children]


def archive(job_id: str, *, until: datetime) -> list[str]:
    """Abort a job if it still runs, and keep what it was, without results, until then.

    UWS 1.1, section 2.1.3: an archived job is one whose destruction time has come. Its
    children are forgotten. Returns the ids of all whose files are of no use now.
    """
    children = _forget_children(job_id)
    move(job_id, ExecutionPhase.ABORTED, allowed=ABORTABLE, end_time=clock())
    if move(job_id, ExecutionPhase.ARCHIVED, destruction=until):
        db.session.execute(db.delete(Result).where(Result.job_id == job_id))
    db.session.commit()
    return [job_id, *children]


def _tell_nobody(_job_id: str) -> None:
    """Do nothing, in an app where nobody asks for ends."""


def _forget_children(job_id: str) -> list[str]:
    statement = db.delete(Job).where(Job.parent_id == job_id).returning(Job.id)
    statement = statement.execution_options(synchronize_session=False)
    return list(db.session.scalars(statement))

"""What can be done with jobs: create, find, run, abort, destroy, and the one move of a phase."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import Update
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from portal.db import clock
from portal.db import db
from portal.parameters import Parameters
from portal.parameters import write_form
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.uws.callers import NOBODY
from portal.uws.models import Job
from portal.uws.models import new_id
from portal.uws.models import Parameter
from portal.uws.models import Result
from portal.uws.phases import ABORTABLE
from portal.uws.phases import ACTIVE
from portal.uws.phases import ExecutionPhase
from portal.uws.phases import RUNNABLE
from portal.uws.phases import sources
from portal.uws.types import JobTypes

EXTENSION = "uws"
TITLE_LENGTH = 200
RUN_ID_LENGTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a job gets when it does not ask, and what an owner may have at once."""

    execution_duration: int
    max_execution_duration: int
    retention: timedelta
    max_active_jobs: int


class JobService:
    """Jobs of every type, for the web and the worker alike; needs an application context.

    Each method is one transaction. `hint` tells a worker that a job waits; it may fail or
    be lost without harm. `delete_results` removes the stored results of a job.
    """

    def __init__(
        self,
        *,
        types: JobTypes,
        limits: Limits,
        hint: Callable[[str], None],
        delete_results: Callable[[str], None],
    ) -> None:
        """Keep what the app was joined with."""
        self.types = types
        self.limits = limits
        self._hint = hint
        self.delete_results = delete_results

    def create_job(
        self,
        type_name: str,
        parameters: Parameters,
        *,
        owner: str,
        run_id: str | None = None,
        run: bool = False,
        request_key: str | None = None,
    ) -> Job:
        """Create a job, and run it if asked; the row is committed when this returns.

        A `request_key` that the owner used before returns the job it made then. Raises
        UsageError when the owner has too many unfinished jobs.
        """
        if request_key and (earlier := self._find_by_request_key(owner, request_key)):
            return earlier
        job_type = self.types[type_name]
        if run:
            self._check_active_jobs(owner)
        description = job_type.describe(parameters)
        now = clock()
        job = Job(
            id=new_id(),
            type=job_type.name,
            owner=owner,
            phase=ExecutionPhase.QUEUED if run else ExecutionPhase.PENDING,
            run_id=run_id[:RUN_ID_LENGTH] if run_id else None,
            title=description.title[:TITLE_LENGTH],
            text=description.text,
            creation_time=now,
            hinted_time=now if run else None,
            destruction=now + self.limits.retention,
            execution_duration=self.limits.execution_duration,
            request_key=request_key,
            parameters=[
                Parameter(position=position, name=name, value=value)
                for position, (name, value) in enumerate(write_form(parameters))
            ],
        )
        db.session.add(job)
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            if request_key and (earlier := self._find_by_request_key(owner, request_key)):
                return earlier  # the other half of a double click was faster
            raise
        if run:
            self._hint(job.id)
        return job

    def get_job(self, job_id: str, *, owner: str) -> Job:
        """Return the owner's job; raises NotFoundError, also for somebody else's."""
        query = (
            select(Job)
            .where(Job.id == job_id, held_by(owner))
            .options(selectinload(Job.results), selectinload(Job.parameters))
            .execution_options(populate_existing=True)
        )
        job = db.session.scalar(query)
        if job is None:
            raise NotFoundError("There is no such job. It may have been deleted or have expired.")
        return job

    def list_jobs(
        self,
        *,
        owner: str,
        phases: Collection[ExecutionPhase] = (),
        after: datetime | None = None,
        last: int | None = None,
        type_name: str | None = None,
        offset: int = 0,
    ) -> Sequence[Job]:
        """Return the owner's jobs, newest first; all filters must hold."""
        query = select(Job).where(Job.owner == owner).options(selectinload(Job.results))
        query = query.where(
            Job.phase.in_(phases) if phases else Job.phase != ExecutionPhase.ARCHIVED
        )
        if after is not None:
            query = query.where(Job.creation_time > after)
        if type_name is not None:
            query = query.where(func.lower(Job.type) == type_name.lower())
        query = query.order_by(Job.creation_time.desc(), Job.id).limit(last).offset(offset)
        return db.session.scalars(query).all()

    def count_jobs(self, *, owner: str) -> int:
        """Count the owner's jobs that a list would show."""
        query = select(func.count(Job.id)).where(
            Job.owner == owner, Job.phase != ExecutionPhase.ARCHIVED
        )
        return db.session.scalar(query) or 0

    def run_job(self, job_id: str, *, owner: str) -> bool:
        """Queue a job that waits for it; False when it is past that, or not the owner's."""
        self._check_active_jobs(owner)
        moved = move(
            job_id,
            ExecutionPhase.QUEUED,
            held_by(owner),
            allowed=RUNNABLE,
            hinted_time=clock(),
        )
        db.session.commit()
        if moved:
            self._hint(job_id)
        return moved

    def abort_job(self, job_id: str, *, owner: str) -> bool:
        """Abort a job; whoever runs it sees that within a second. False when it had ended."""
        moved = move(
            job_id,
            ExecutionPhase.ABORTED,
            held_by(owner),
            allowed=ABORTABLE,
            end_time=clock(),
            message="Aborted by its owner",
        )
        db.session.commit()
        return moved

    def destroy_job(self, job_id: str, *, owner: str) -> None:
        """Abort a job if need be, forget it, and delete its results.

        Raises NotFoundError, also for somebody else's job.
        """
        self.get_job(job_id, owner=owner)
        destroy(job_id)
        self.delete_results(job_id)

    def get_result(self, job_id: str, name: str, *, owner: str) -> Result:
        """Return a result of the owner's job, a partial one too; raises NotFoundError."""
        query = (
            select(Result)
            .join(Job, Job.id == Result.job_id)
            .where(Result.job_id == job_id, Result.name == name, held_by(owner))
        )
        result = db.session.scalar(query)
        if result is None:
            raise NotFoundError("There is no such result.")
        return result

    def _find_by_request_key(self, owner: str, request_key: str) -> Job | None:
        return db.session.scalar(
            select(Job).where(Job.owner == owner, Job.request_key == request_key)
        )

    def _check_active_jobs(self, owner: str) -> None:
        query = select(func.count(Job.id)).where(Job.owner == owner, Job.phase.in_(ACTIVE))
        active = db.session.scalar(query) or 0
        if active >= self.limits.max_active_jobs:
            raise UsageError(
                f"You have {active} unfinished jobs, as many as are allowed at once. "
                "Wait for one to end, or abort one, and try again."
            )


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
    """
    statement = moving(to, Job.id == job_id, *conditions, allowed=allowed, **values)
    return bool(db.session.execute(statement).rowcount == 1)  # type: ignore[attr-defined]


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


def destroy(job_id: str) -> None:
    """Abort a job if it still runs, and forget its row and all that hangs on it."""
    move(job_id, ExecutionPhase.ABORTED, allowed=ABORTABLE, end_time=clock())
    db.session.execute(db.delete(Job).where(Job.id == job_id))
    db.session.commit()


def jobs() -> JobService:
    """Return the current app's job service."""
    service: JobService = current_app.extensions[EXTENSION]
    return service

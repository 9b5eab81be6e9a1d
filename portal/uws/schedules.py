"""Jobs that come round by themselves: one in every period, whoever looks and how often."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from datetime import UTC
from typing import NamedTuple

from sqlalchemy import select

from portal.db import clock
from portal.db import db
from portal.parameters import Parameters
from portal.uws.callers import SCHEDULER
from portal.uws.limits import Wishes
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from portal.uws.phases import TERMINAL
from portal.uws.service import JobService

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_PATIENCE = timedelta(hours=1)
UNSUCCESSFUL = frozenset({ExecutionPhase.ERROR, ExecutionPhase.ABORTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringJob:
    """What is made in every period of length `every`; the id is the run id of its jobs.

    Each of them is kept for the time of `keep`, and may run for as many seconds as `duration`;
    None stands for what other jobs are granted.
    """

    id: str
    title: str
    type: str
    parameters: Parameters
    every: timedelta
    keep: timedelta | None = None
    duration: int | None = None

    @property
    def patience(self) -> timedelta:
        """How long after a failure another job is made in the same period."""
        return min(self.every / 4, MOST_PATIENCE)


class LastJob(NamedTuple):
    """The last job that was made of a recurring one."""

    id: str
    phase: ExecutionPhase
    creation_time: datetime
    end_time: datetime | None
    error_message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A recurring job, and the last job that was made of it."""

    recurring: RecurringJob
    last: LastJob | None


class Timetable:
    """All recurring jobs; needs an application context. Any number of hosts may keep it."""

    def __init__(self, service: JobService, recurring: Iterable[RecurringJob]) -> None:
        """Keep what is to be made; nothing is made yet."""
        self._service = service
        self._recurring = tuple(recurring)

    def make_due(self) -> Sequence[str]:
        """Make the jobs whose time has come; return their ids.

        A job follows the one before it, and the database lets it follow once only.
        """
        now = clock()
        due = [one for one in self.standings() if is_due(one.recurring, one.last, now)]
        return [self._make(one.recurring, one.last) for one in due]

    def _make(self, recurring: RecurringJob, last: LastJob | None) -> str:
        return self._service.create_job(
            recurring.type,
            recurring.parameters,
            owner=SCHEDULER,
            wishes=Wishes(
                run_id=recurring.id,
                destruction=clock() + recurring.keep if recurring.keep else None,
                execution_duration=recurring.duration,
            ),
            run=True,
            request_key=f"{recurring.id} after {last.id if last else 'none'}",
        )

    def standings(self) -> list[Standing]:
        """Return every recurring job with its last job."""
        return [Standing(recurring=one, last=_find_last(one)) for one in self._recurring]


def is_due(recurring: RecurringJob, last: LastJob | None, now: datetime) -> bool:
    """Say whether another job is to be made.

    That is when a new period has begun and the last job has ended, or when that one failed
    and some time has passed.
    """
    if last is None:
        return True
    if last.phase not in TERMINAL:
        return False
    if _period(recurring, last.creation_time) < _period(recurring, now):
        return True
    ended = last.end_time or last.creation_time
    return last.phase in UNSUCCESSFUL and now - ended >= recurring.patience


def _period(recurring: RecurringJob, instant: datetime) -> int:
    return (instant - EPOCH) // recurring.every


def _find_last(recurring: RecurringJob) -> LastJob | None:
    query = (
        select(*(getattr(Job, name) for name in LastJob._fields))
        .where(Job.owner == SCHEDULER, Job.run_id == recurring.id)
        .order_by(Job.creation_time.desc())
        .limit(1)
    )
    row = db.session.execute(query).first()
    db.session.rollback()
    return None if row is None else LastJob(*row)

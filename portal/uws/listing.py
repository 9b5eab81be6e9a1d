"""Lists of an owner's jobs, newest first: narrowed by what is asked, read page by page."""

import re
from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import UTC
from typing import NamedTuple

from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import ColumnElement
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import Select
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.db import db
from portal.uws.models import Job
from portal.uws.models import JobReference
from portal.uws.models import Parameter
from portal.uws.phases import ExecutionPhase

MOST_COUNTED = 1000
PLACE = re.compile(r"([0-9T:.-]{26}Z)([0-9a-f]{0,32})", re.ASCII)
NEWEST_FIRST = (Job.creation_time.desc(), Job.id)
OLDEST_FIRST = (Job.creation_time, Job.id.desc())


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs a list shows; archived ones must be asked for.

    `after` and `before` are exclusive, `types` of None are all. `text` is looked for in the
    title and in the values of parameters, without regard to case. `parts` are jobs that
    another job made.
    """

    phases: Collection[ExecutionPhase] = ()
    types: Collection[str] | None = None
    text: str = ""
    after: datetime | None = None
    before: datetime | None = None
    parts: bool = True

    def conditions(self, owner: str) -> list[ColumnElement[bool]]:
        """Return the conditions for an owner's jobs; NOBODY has none."""
        conditions = [
            Job.owner == (owner or None),
            Job.phase.in_(self.phases) if self.phases else Job.phase != ExecutionPhase.ARCHIVED,
        ]
        if self.types is not None:
            conditions.append(Job.type.in_(self.types))
        if self.after is not None:
            conditions.append(Job.creation_time > self.after)
        if self.before is not None:
            conditions.append(Job.creation_time < self.before)
        if not self.parts:
            conditions.append(Job.parent_id.is_(None))
        if self.text:
            value = Parameter.value.icontains(self.text, autoescape=True)
            named = exists().where(Parameter.job_id == Job.id, value)
            conditions.append(or_(Job.title.icontains(self.text, autoescape=True), named))
        return conditions


ALL = JobFilter()


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of a list: just where a job of this time and id is, or was."""

    time: datetime
    job_id: str

    @classmethod
    def of(cls, job: Job) -> "Place":
        """Return the place of a job."""
        return cls(job.creation_time, job.id)

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """Read what `str` wrote; None for anything else."""
        found = PLACE.fullmatch(text)
        try:
            return cls(datetime.fromisoformat(found[1]), found[2]) if found else None
        except ValueError:
            return None

    def __str__(self) -> str:
        """Write the place as one word of an address."""
        time = self.time.astimezone(UTC).replace(tzinfo=None)
        return f"{time.isoformat(timespec='microseconds')}Z{self.job_id}"

    def older(self) -> ColumnElement[bool]:
        """Return the condition for jobs that follow this place."""
        tied = and_(Job.creation_time == self.time, Job.id > self.job_id)
        return and_(Job.creation_time <= self.time, or_(Job.creation_time < self.time, tied))

    def newer(self) -> ColumnElement[bool]:
        """Return the condition for jobs that precede this place."""
        tied = and_(Job.creation_time == self.time, Job.id < self.job_id)
        return and_(Job.creation_time >= self.time, or_(Job.creation_time > self.time, tied))


class JobLine(NamedTuple):
    """What a short list shows of a job."""

    id: str
    type: str
    title: str
    phase: ExecutionPhase
    creation_time: datetime


LATEST = (
    select(*(getattr(Job, name) for name in JobLine._fields))
    .where(
        Job.owner == bindparam("owner_"),
        Job.parent_id.is_(None),
        Job.phase != ExecutionPhase.ARCHIVED,
    )
    .order_by(*NEWEST_FIRST)
    .limit(bindparam("number_"))
)
BOTTOM = Place(datetime(1970, 1, 1, tzinfo=UTC), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """Some jobs of a list, and the places where it goes on; None where it does not."""

    jobs: Sequence[Job]
    newer_than: Place | None = None
    older_than: Place | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the list has no job but these."""
        return self.newer_than is None and self.older_than is None


def list_latest(owner: str, number: int) -> list[JobLine]:
    """Return an owner's newest jobs, without archived ones and parts of others."""
    found = db.session.execute(LATEST, {"owner_": owner or None, "number_": number})
    return [JobLine(*row) for row in found]


def list_jobs(*, owner: str, which: JobFilter = ALL, last: int | None = None) -> Sequence[Job]:
    """Return the owner's jobs with their results, newest first."""
    query = _query(owner, which).order_by(*NEWEST_FIRST).limit(last)
    return db.session.scalars(query).all()


def list_page(
    *,
    owner: str,
    which: JobFilter = ALL,
    size: int,
    older_than: Place | None = None,
    newer_than: Place | None = None,
) -> JobPage:
    """Return the page of a list on one side of a place; without one the newest jobs.

    It costs the same wherever the place is, because nothing before it is counted.
    """
    if newer_than is not None:
        return _page_above(newer_than, owner, which, size)
    query = _query(owner, which).order_by(*NEWEST_FIRST).limit(size + 1)
    if older_than is not None:
        query = query.where(older_than.older())
    found = db.session.scalars(query).all()
    shown = found[:size]
    return JobPage(
        jobs=shown,
        newer_than=Place.of(shown[0]) if shown and older_than is not None else None,
        older_than=Place.of(shown[-1]) if len(found) > size else None,
    )


def _page_above(place: Place, owner: str, which: JobFilter, size: int) -> JobPage:
    query = _query(owner, which).where(place.newer()).order_by(*OLDEST_FIRST).limit(size + 1)
    found = db.session.scalars(query).all()
    if len(found) <= size and place != BOTTOM:  # the first page is a full one
        return list_page(owner=owner, which=which, size=size)
    shown = found[:size][::-1]
    return JobPage(
        jobs=shown,
        newer_than=Place.of(shown[0]) if len(found) > size else None,
        older_than=Place.of(shown[-1]) if shown and place != BOTTOM else None,
    )


def list_references(
    *, owner: str, which: JobFilter = ALL, last: int | None = None
) -> list[JobReference]:
    """Return what a UWS list shows of the owner's jobs, newest first."""
    query = select(Job.id, Job.phase, Job.run_id, Job.creation_time)
    query = query.where(*which.conditions(owner)).order_by(*NEWEST_FIRST).limit(last)
    return [JobReference(*row) for row in db.session.execute(query)]


def count_jobs(*, owner: str, which: JobFilter = ALL) -> int:
    """Count the owner's jobs in a list; more than `MOST_COUNTED` are not told apart."""
    some = select(Job.id).where(*which.conditions(owner)).limit(MOST_COUNTED + 1)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _query(owner: str, which: JobFilter) -> Select[Job]:
    return select(Job).options(selectinload(Job.results)).where(*which.conditions(owner))


def queue_position(job: Job) -> int | None:
    """Return how many jobs start before this one, itself counted; None: it does not wait."""
    if job.phase != ExecutionPhase.QUEUED:
        return None
    before = (Job.phase == ExecutionPhase.QUEUED, Job.creation_time < job.creation_time)
    return 1 + (db.session.scalar(select(func.count(Job.id)).where(*before)) or 0)

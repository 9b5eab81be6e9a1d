"""Whether archives answer: the last job of each one's check is all that is known of it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

from sqlalchemy import select

from portal.db import db
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins.links import pairs_of
from portal.plugins.links import QueryLink
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import Archive
from portal.problems import NotFoundError
from portal.uws.callers import SCHEDULER
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from portal.uws.schedules import RecurringJob

EVERY = timedelta(minutes=15)
KEPT = timedelta(hours=6)
SECONDS = 20  # longer than that is no answer
log = logging.getLogger(__name__)

CHECKED = frozenset({ExecutionPhase.COMPLETED, ExecutionPhase.ERROR, ExecutionPhase.ABORTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether an archive answered when it was last asked; `reason` is in its own words."""

    answers: bool
    reason: str
    time: datetime


def health_checks(registry: PluginRegistry) -> Iterator[RecurringJob]:
    """Return what is to be done again and again to know how the archives are."""
    for archive in registry.archives:
        if archive.health:
            try:
                yield _check(archive, archive.health, registry)
            except (NotFoundError, InvalidParametersError) as error:  # of a plugin that is wrong
                log.warning("nothing tells whether %s answers: %s", archive.id, error)


def _check(archive: Archive, link: QueryLink, registry: PluginRegistry) -> RecurringJob:
    query = registry.query(link.query_id)
    return RecurringJob(
        id=_run_id(archive),
        title=f"See whether {archive.title} answers",
        type=query.id,
        parameters=read_form(query.Parameters, pairs_of(link.parameters)),
        every=EVERY,
        keep=KEPT,
        duration=SECONDS,
    )


def find_health(archive: Archive) -> Health | None:
    """Return what the last check said; None where there was none."""
    if archive.health is None:
        return None
    query = (
        select(Job.phase, Job.end_time, Job.error_message)
        .where(Job.owner == SCHEDULER, Job.run_id == _run_id(archive), Job.phase.in_(CHECKED))
        .order_by(Job.creation_time.desc())
        .limit(1)
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        return None
    return Health(
        answers=row.phase == ExecutionPhase.COMPLETED,
        reason=_reason(row.phase, row.error_message),
        time=row.end_time,
    )


def _reason(phase: ExecutionPhase, error: str | None) -> str:
    if phase == ExecutionPhase.ABORTED:
        return f"There was no answer within {SECONDS} s."
    return error or ""


def _run_id(archive: Archive) -> str:
    return f"health {archive.id}"[:64]

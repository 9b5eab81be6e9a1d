"""How much longer a job can be kept."""

from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from typing import NamedTuple

from portal.problems import UsageError
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase

OFFERED_DAYS = (30, 90, 365)
WORTH_IT = timedelta(days=1)


class KeepChoice(NamedTuple):
    """A number of days from now, and when they are over."""

    days: int
    until: datetime


def keep_choices(job: Job, *, now: datetime, most: timedelta) -> Sequence[KeepChoice]:
    """Return the times for which a job can be kept that are longer than what it has."""
    if job.phase == ExecutionPhase.ARCHIVED or job.destruction is None:
        return []
    days = [one for one in OFFERED_DAYS if timedelta(days=one) < most]
    choices = [KeepChoice(one, now + timedelta(days=one)) for one in [*days, most.days]]
    return [
        one
        for one in choices
        if one.days <= OFFERED_DAYS[-1] and one.until > job.destruction + WORTH_IT
    ]


def chosen_time(choices: Sequence[KeepChoice], days: int | None) -> datetime:
    """Return the end of the choice of so many days; raises UsageError for what is not offered."""
    for choice in choices:
        if choice.days == days:
            return choice.until
    raise UsageError("Choose one of the times that the page of the job offers.")

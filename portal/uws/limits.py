"""What jobs are granted, and how many of them an owner may have unfinished at once."""

from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import false
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from portal.db import clock
from portal.db import db
from portal.uws.callers import NOBODY
from portal.uws.callers import SCHEDULER
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from portal.uws.phases import UNFINISHED


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a job's owner asks of the service; None where he does not.

    An `execution_duration` of 0 asks for no limit. The service grants no more than its own
    limits (UWS 1.1, sections 2.1.4 and 2.1.5), and a job shows what it was granted.
    `on_completion` is what the application is to do with the results; an empty one, nothing.
    """

    run_id: str | None = None
    destruction: datetime | None = None
    execution_duration: int | None = None
    on_completion: str | None = None


NO_WISHES = Wishes()
WRITES_NOTHING = update(Job).where(false()).values(version=Job.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a job gets when it does not ask, at most, and what an owner may have at once.

    After its destruction a job is ARCHIVED for the time of `archive`, if there is one.
    """

    execution_duration: int
    max_execution_duration: int
    retention: timedelta
    max_retention: timedelta = timedelta(days=365)
    archive: timedelta = timedelta(0)
    max_active_jobs: int

    def granted(self, wishes: Wishes) -> dict[str, Any]:
        """Return the values of a job's row that grant the wishes, as far as may be."""
        granted: dict[str, Any] = {}
        if wishes.run_id is not None:
            granted["run_id"] = wishes.run_id or None
        if wishes.destruction is not None:
            granted["destruction"] = min(wishes.destruction, clock() + self.max_retention)
        if wishes.execution_duration is not None:
            most = self.max_execution_duration
            granted["execution_duration"] = min(wishes.execution_duration or most, most)
        return granted

    def started(self, owner: str, address: str | None) -> dict[str, Any]:
        """Return the values of a job that is run now: queued, or held with the reason.

        What comes round by itself is never held: nobody would run it later.
        """
        _one_at_a_time(owner)
        whole = Job.parent_id.is_(None)  # the parts of a job are one with it
        unfinished = [Job.owner == owner, Job.phase.in_(UNFINISHED), whole]
        if owner == NOBODY:
            unfinished.append(Job.client_address == address)
        active = db.session.scalar(select(func.count(Job.id)).where(*unfinished)) or 0
        if active < self.max_active_jobs or owner == SCHEDULER:
            return {"phase": ExecutionPhase.QUEUED, "hinted_time": clock(), "message": ""}
        message = (
            f"Held: you have {active} unfinished jobs, as many as may be so at once. "
            "Run this one when another has ended."
        )
        return {"phase": ExecutionPhase.HELD, "hinted_time": None, "message": message}


def _one_at_a_time(owner: str) -> None:
    """Let other transactions of the owner wait here: each is to count what those before started.

    SQLite has one writer at a time, who is this from the first statement on that could write.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(owner))))
    else:
        db.session.execute(WRITES_NOTHING.execution_options(synchronize_session=False))

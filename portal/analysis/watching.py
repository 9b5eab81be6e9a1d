"""What looks after sessions: ends those that are over or were left behind, and asks facilities."""

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import and_
from sqlalchemy import case
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts.credentials import has_stored_since
from portal.analysis.asking import ask_facilities
from portal.analysis.book import read_handle
from portal.analysis.ending import next_try
from portal.analysis.ending import SILENT
from portal.analysis.faults import faults_of
from portal.analysis.launching import ABORTED
from portal.analysis.launching import LaunchDesk
from portal.analysis.models import AnalysisSession
from portal.analysis.models import Stage
from portal.analysis.repository.publishing import list_publications
from portal.analysis.repository.publishing import unpublish
from portal.db import clock
from portal.db import db
from portal.parameters import QueryParameters
from portal.plugins.facilities import Handle
from portal.plugins.facilities import Mode
from portal.plugins.facilities import SessionState
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import JobContext
from portal.plugins.types import Query
from portal.problems import PortalError
from portal.tables import Column
from portal.tables import ResultTable
from portal.uws.callers import ForbiddenError
from portal.uws.callers import SCHEDULER
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from portal.uws.phases import TERMINAL
from portal.uws.schedules import RecurringJob

WATCH = "session.watch"
EVERY = timedelta(minutes=1)
KEPT = timedelta(hours=1)
LOOK_AGAIN = timedelta(minutes=1)
ORPHANED = timedelta(hours=1)
ASK_SECONDS = 15.0
WATCH_SECONDS = 600
AT_ONCE = {"synchronize_session": False}
ENDED_THERE = "It was ended at the facility, or ended by itself."
LEFT_BEHIND = "The launch did not come to an end."
EXPIRED = "Its time was over."

_IS_READY = AnalysisSession.stage == Stage.READY


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    """A session that was ready when it was last looked at."""

    id: str
    owner: str
    facility_id: str
    handle: Handle
    is_missed: bool


class WatchQuery(Query):
    """Looks after all sessions and facilities."""

    id = WATCH
    title = "Look after sessions"
    description = "Ends sessions that are over or were left behind; asks facilities how they are."
    Parameters = QueryParameters
    hidden = True
    local = True

    def __init__(self, registry: PluginRegistry, desk: LaunchDesk) -> None:
        """Keep whom to ask."""
        self._registry = registry
        self._desk = desk

    def text(self, parameters: QueryParameters) -> str:
        """Say that it is all of them."""
        return "all sessions"

    def run(self, parameters: QueryParameters, context: JobContext) -> ResultTable:
        """Mark what is over, end it, look at what runs, and then at the facilities.

        Nobody else has it done: its log is about everybody's sessions.
        """
        if context.owner != SCHEDULER:
            raise ForbiddenError("The portal looks after sessions by itself.")
        with self._transaction():
            _mark_left_behind()
            _mark_expired()
        silent: set[str] = set()  # facilities that are not asked again for the others' sake
        for session_id, facility_id in self._stopping():
            if facility_id not in silent and not self._desk.ender.end(session_id, context):
                silent.add(facility_id)
        running = self._running()
        for session in running:
            if session.facility_id not in silent and not self._look(session, context):
                silent.add(session.facility_id)
        self._remove_orphans()
        ask_facilities(self._registry, self._desk.book, context)
        return ResultTable.from_rows([Column(name="looked_at", datatype="int")], [(len(running),)])

    def _stopping(self) -> list[tuple[str, str]]:
        """Return sessions and their facilities, those first that were not tried for long."""
        with self._desk.book.page():
            query = (
                select(AnalysisSession)
                .where(AnalysisSession.stage == Stage.STOPPING)
                .order_by(AnalysisSession.checked_time.asc().nulls_first(), AnalysisSession.id)
            )
            now = clock()
            return [
                (row.id, row.facility_id) for row in db.session.scalars(query) if _is_due(row, now)
            ]

    def _running(self) -> list[_Running]:
        """Return those to look at; without their facility there is nobody to ask."""
        known = [facility.id for facility in self._registry.facilities]
        with self._desk.book.page():
            query = (
                select(AnalysisSession)
                .where(
                    AnalysisSession.stage == Stage.READY,
                    AnalysisSession.mode == Mode.LAUNCH,
                    AnalysisSession.facility_id.in_(known),
                    AnalysisSession.checked_time < clock() - LOOK_AGAIN,
                )
                .order_by(AnalysisSession.checked_time)
            )
            return [
                _Running(
                    id=row.id,
                    owner=row.owner,
                    facility_id=row.facility_id,
                    handle=handle,
                    is_missed=row.missed_time is not None,
                )
                for row in db.session.scalars(query)
                if (handle := read_handle(row)) is not None
            ]

    def _look(self, session: _Running, context: JobContext) -> bool:
        """Look how a session is; False when its facility does not answer.

        One that is said to be gone is asked for again, as hubs forget the way to their servers
        for a moment: only what was missed twice in a row is over.
        """
        asked_with = self._desk.ender.context_for(session.owner, context, seconds=ASK_SECONDS)
        try:
            with asked_with.http, faults_of(session.facility_id):
                facility = self._registry.facility(session.facility_id)
                status = facility.status(session.handle, asked_with)
        except PortalError as error:  # whether it is there is not known, so nothing is done
            context.log(f"{session.facility_id} did not say how a session is: {error.message}")
            is_silent = isinstance(error, SILENT)
            noted = {} if is_silent else {"problem": error.message}
            with self._transaction():
                checked = noted | {"checked_time": clock()}
                _update([AnalysisSession.id == session.id, _IS_READY], checked)
            return not is_silent
        now = self._desk.book.now()
        is_missing = status.state is SessionState.GONE
        values: dict[str, Any] = {"checked_time": now, "problem": ""}
        values["missed_time"] = now if is_missing else None
        if status.last_activity:
            values["last_activity"] = status.last_activity
        is_gone = is_missing and session.is_missed
        if is_gone:
            values |= {"stage": Stage.STOPPING, "message": status.message or ENDED_THERE}
        with self._transaction():
            _update([AnalysisSession.id == session.id, _IS_READY], values)
        if is_gone:
            self._desk.ender.end(session.id, context)
        return True

    def _remove_orphans(self) -> None:
        """Delete repositories that no session has: their worker was killed at a bad moment."""
        with self._desk.book.page():
            query = select(AnalysisSession.publication)
            known = set(db.session.scalars(query.where(AnalysisSession.publication.is_not(None))))
            now = clock()
        for one in list_publications(self._desk.publications):
            if one.name not in known and now - one.time > ORPHANED:
                unpublish(self._desk.publications, one.name)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._desk.book.page():
            yield
            db.session.commit()


def watch_job() -> RecurringJob:
    """Return what is to be done again and again to look after sessions."""
    return RecurringJob(
        id=WATCH,
        title="Look after sessions",
        type=WATCH,
        parameters=QueryParameters(maxrec=None),
        every=EVERY,
        keep=KEPT,
        duration=WATCH_SECONDS,
    )


def _is_due(row: AnalysisSession, now: datetime) -> bool:
    """Say whether to end a session now: at once where its owner has stored a token since."""
    if row.checked_time is None or row.end_time is None:
        return True
    is_time = next_try(row.end_time, row.checked_time) <= now
    return is_time or has_stored_since(row.owner, row.checked_time)


def _mark_left_behind() -> None:
    """Have ended what a launch has begun that is over, or was aborted as it ended."""
    job = select(Job.id).where(Job.id == AnalysisSession.job_id)
    is_over = or_(~job.exists(), job.where(Job.phase.in_(TERMINAL)).exists())
    is_begun = AnalysisSession.stage.in_((Stage.PREPARING, Stage.LAUNCHING))
    is_aborted = job.where(Job.phase == ExecutionPhase.ABORTED).exists()
    said = AnalysisSession.message
    message = case((is_aborted, ABORTED), (said != "", said), else_=LEFT_BEHIND)
    values = {"stage": Stage.STOPPING, "message": message}
    _update([or_(and_(is_begun, is_over), and_(_IS_READY, is_aborted))], values)


def _mark_expired() -> None:
    is_over = and_(_IS_READY, AnalysisSession.expires < clock())
    _update([is_over], {"stage": Stage.STOPPING, "message": EXPIRED})


def _update(conditions: Sequence[Any], values: dict[str, Any]) -> None:
    statement = update(AnalysisSession).where(*conditions).values(**values)
    db.session.execute(statement.execution_options(**AT_ONCE))

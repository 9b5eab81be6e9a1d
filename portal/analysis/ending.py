"""Ending sessions: at the facility, then the repository and the token that were made for them."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import update

from portal.accounts import credentials
from portal.accounts.tokens import revoke_token
from portal.analysis.book import Published
from portal.analysis.book import read_handle
from portal.analysis.book import SessionBook
from portal.analysis.faults import faults_of
from portal.analysis.models import AnalysisSession
from portal.analysis.models import Stage
from portal.analysis.repository.publishing import unpublish
from portal.credentials import RemoteCredential
from portal.db import clock
from portal.db import db
from portal.notifications import Event
from portal.notifications import tell
from portal.plugins.facilities import FacilityContext
from portal.plugins.facilities import Handle
from portal.plugins.http import DeadlineError
from portal.plugins.http import open_farewell
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import JobContext
from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.problems import TransientError

STOP_SECONDS = 30.0
TRIED_FOR = timedelta(days=1)
GIVEN_UP = "The portal could not end it in a day, and has given up."
LONGEST_PAUSE = timedelta(minutes=30)
SILENT = (TransientError, DeadlineError)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leftovers:
    """What there is of a session that is being ended; `sealed` is its handle as it is kept."""

    id: str
    owner: str
    title: str
    facility_id: str
    handle: Handle | None
    sealed: bytes | None
    publication: str | None
    token_id: str | None
    has_been_ready: bool
    tried_since: datetime
    is_given_up: bool


class SessionEnder:
    """Ends sessions; whatever is done a second time does no harm."""

    def __init__(self, registry: PluginRegistry, book: SessionBook, publications: Path) -> None:
        """Keep where sessions, facilities and published repositories are."""
        self._registry = registry
        self._book = book
        self._publications = publications

    def end(self, session_id: str, context: JobContext) -> bool:
        """End a session that is STOPPING; what cannot be ended now stays so, and says why.

        What the portal itself has made for it ends at once, whatever its facility says.
        Returns False where that does not answer.
        """
        left = self._leftovers(session_id)
        if left is None:
            return True
        self._take_back(left)
        problem = self._stop(left, context)
        if problem and not left.is_given_up:
            context.log(f"The session could not be ended: {problem.message}")
            self._note(
                left,
                {
                    "checked_time": self._book.now(),
                    "end_time": left.tried_since,
                    "problem": problem.message,
                },
            )
        else:
            self._close(left, problem)
        return not isinstance(problem, SILENT)

    def withdraw(self, published: Published) -> None:
        """Publish a repository no longer that nobody needs any more."""
        if published.publication:
            unpublish(self._publications, published.publication)

    def context_for(self, owner: str, context: JobContext, *, seconds: float) -> FacilityContext:
        """Return what a facility is asked with, about a session of that owner."""
        return FacilityContext(
            http=open_farewell(context.http, seconds=seconds),
            credential=lambda service: self._credential(owner, service),
            log=context.log,
        )

    def _stop(self, left: _Leftovers, context: JobContext) -> PortalError | None:
        """Stop the session; return why that was not possible, or nothing."""
        if left.handle is None:
            return None
        asked_with = self.context_for(left.owner, context, seconds=STOP_SECONDS)
        try:
            with asked_with.http, faults_of(left.facility_id):
                self._registry.facility(left.facility_id).stop(left.handle, asked_with)
        except NotFoundError:
            return NotFoundError(without_facility(left.facility_id))
        except PortalError as error:
            return error
        return None

    def _leftovers(self, session_id: str) -> _Leftovers | None:
        with self._book.page():
            row = db.session.get(AnalysisSession, session_id)
            if row is None or row.stage != Stage.STOPPING:
                return None
            now = clock()
            tried_since = row.end_time or now
            return _Leftovers(
                id=row.id,
                owner=row.owner,
                title=row.title,
                facility_id=row.facility_id,
                handle=read_handle(row),
                sealed=row.handle,
                publication=row.publication,
                token_id=row.token_id,
                has_been_ready=row.ready_time is not None,
                tried_since=tried_since,
                is_given_up=now - tried_since > TRIED_FOR,
            )

    def _take_back(self, left: _Leftovers) -> None:
        if left.publication:
            unpublish(self._publications, left.publication)
        if left.token_id:
            with self._book.page(), suppress(NotFoundError):  # its owner has revoked it
                revoke_token(left.token_id, owner=None)

    def _close(self, left: _Leftovers, problem: PortalError | None) -> None:
        values: dict[str, object] = {
            "stage": Stage.ENDED if left.has_been_ready else Stage.FAILED,
            "end_time": self._book.now(),
            "handle": None,
            "url": None,
            "publication": None,
            "token_id": None,
            "problem": "",
        }
        if problem is None:
            self._note(left, values)
        elif self._note(left, values | {"message": f"{GIVEN_UP} {problem.message}"}):
            with self._book.page():
                link = current_app.url_map.bind("").build("analysis.list_all")
                title = f"Could not be ended: {left.title}"
                tell(left.owner, Event.FAILED, title, link=link, text=problem.message)
                db.session.commit()

    def _note(self, left: _Leftovers, values: dict[str, object]) -> bool:
        """Write it down, unless its launch has started something more meanwhile."""
        statement = (
            update(AnalysisSession)
            .where(
                AnalysisSession.id == left.id,
                AnalysisSession.stage == Stage.STOPPING,
                AnalysisSession.handle.is_not_distinct_from(left.sealed),
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        with self._book.page():
            done = db.session.execute(statement)
            db.session.commit()
            return bool(done.rowcount)  # type: ignore[attr-defined]

    def _credential(self, owner: str, service: str) -> RemoteCredential | None:
        with self._book.page():
            found = credentials.resolve(owner, service)
            db.session.commit()
            return found


def next_try(tried_since: datetime, last: datetime) -> datetime:
    """Return when a session is to be ended again: the pauses grow with the time that it takes."""
    return last + min((last - tried_since) / 2, LONGEST_PAUSE)


def without_facility(facility_id: str) -> str:
    """Say what becomes of a session whose facility is in the settings no more."""
    return (
        f"This portal has no facility “{facility_id}” any more, so it can neither look at the "
        "session nor end it. End it at the facility itself, or let it end by itself."
    )

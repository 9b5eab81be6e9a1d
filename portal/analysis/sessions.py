"""Sessions as their owners see them: listed, entered, kept for longer and ended.

Who has no owner has no session, and meets those of nobody else without one.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.accounts.tokens import extend_token
from portal.analysis.book import read_url
from portal.analysis.models import AnalysisSession
from portal.analysis.models import CLOSED
from portal.analysis.models import LIVE
from portal.analysis.models import OPEN
from portal.analysis.models import Stage
from portal.config import Settings
from portal.db import clock
from portal.db import db
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.uws.models import Job

NO_SUCH_SESSION = "There is no such session. It may have been deleted."
MOST_ENDED = 50
AT_ONCE = {"synchronize_session": False}


def list_sessions(owner: str) -> Sequence[AnalysisSession]:
    """Return the live sessions of an owner, then those that ended last; the newest first."""
    mine = select(AnalysisSession).where(_owned(owner))
    newest = AnalysisSession.creation_time.desc()
    live = db.session.scalars(mine.where(AnalysisSession.stage.in_(LIVE)).order_by(newest)).all()
    ended = mine.where(AnalysisSession.stage.not_in(LIVE)).order_by(newest).limit(MOST_ENDED)
    return [*live, *db.session.scalars(ended)]


def find_launches(found: Iterable[AnalysisSession]) -> AbstractSet[str]:
    """Return the ids of the jobs that launched these sessions, of those that are still there."""
    ids = [one.job_id for one in found]
    return set(db.session.scalars(select(Job.id).where(Job.id.in_(ids))))


def count_live(session: Session) -> Mapping[str, int]:
    """Return how many sessions are not over yet, by the id of their facility."""
    facility = AnalysisSession.facility_id
    live = select(facility, func.count()).where(AnalysisSession.stage.in_(LIVE))
    rows = session.execute(live.group_by(facility).order_by(facility))
    return {row[0]: row[1] for row in rows}


def delete_old(now: datetime) -> None:
    """Delete sessions that ended long ago, if their launch is gone as well; does not commit."""
    settings: Settings = current_app.config["SETTINGS"]
    kept = timedelta(days=settings.retention_days)
    launch = select(Job.id).where(Job.id == AnalysisSession.job_id)
    old = delete(AnalysisSession).where(
        AnalysisSession.stage.in_((Stage.ENDED, Stage.FAILED)),
        AnalysisSession.end_time < now - kept,
        ~launch.exists(),
    )
    db.session.execute(old.execution_options(**AT_ONCE))


def get_session(session_id: str, *, owner: str) -> AnalysisSession:
    """Return a session of an owner; raises NotFoundError."""
    row = db.session.scalar(select(AnalysisSession).where(*_mine(session_id, owner)))
    if row is None:
        raise NotFoundError(NO_SUCH_SESSION)
    return row


def find_session_of(job_id: str, *, owner: str) -> AnalysisSession | None:
    """Return the session that a job has launched, or is about to."""
    query = select(AnalysisSession).where(AnalysisSession.job_id == job_id, _owned(owner))
    return db.session.scalar(query)


def entrance(session_id: str, *, owner: str) -> str:
    """Return where the owner enters a session, secrets and all.

    Raises NotFoundError, and UsageError for a session that is not ready or is over.
    """
    row = get_session(session_id, owner=owner)
    url = read_url(row) if row.stage == Stage.READY else None
    if url is None:
        raise UsageError(
            "This session is over." if row.stage in CLOSED else "This session is not ready yet."
        )
    return url


def keep_session(session_id: str, *, owner: str, hours: int, most_hours: int) -> AnalysisSession:
    """Let a session last for so many hours from now, at most so long after its beginning.

    So does what opens its basket there.
    """
    row = get_session(session_id, owner=owner)
    if row.stage != Stage.READY:
        raise UsageError("Only a session that is ready can be kept for longer.")
    end = min(clock() + timedelta(hours=hours), row.creation_time + timedelta(hours=most_hours))
    if row.expires is not None and end <= row.expires:
        raise UsageError(f"A session may last {most_hours} hours, and no longer.")
    if row.token_id:
        extend_token(row.token_id, expires=end)
    _change(session_id, owner, (AnalysisSession.stage == Stage.READY,), expires=end)
    return get_session(session_id, owner=owner)


def stop_session(session_id: str, *, owner: str) -> bool:
    """Have a session ended; False when it is over or is being ended already."""
    get_session(session_id, owner=owner)
    is_open = AnalysisSession.stage.in_(OPEN)
    return _change(session_id, owner, (is_open,), stage=Stage.STOPPING, problem="")


def _change(
    session_id: str, owner: str, conditions: Sequence[ColumnElement[bool]], **values: Any
) -> bool:
    statement = update(AnalysisSession).where(*_mine(session_id, owner), *conditions)
    done = db.session.execute(statement.values(**values).execution_options(**AT_ONCE))
    db.session.commit()
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _mine(session_id: str, owner: str) -> tuple[ColumnElement[bool], ...]:
    return AnalysisSession.id == session_id, _owned(owner)


def _owned(owner: str) -> ColumnElement[bool]:
    return AnalysisSession.owner == (owner or None)

"""Sessions as launches write them down: each attempt for itself, and the last one only."""

import json
import secrets
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Any

from flask import current_app
from flask import Flask
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from portal.accounts.sealing import Seal
from portal.analysis.models import AnalysisSession
from portal.analysis.models import CLOSED
from portal.analysis.models import LIVE
from portal.analysis.models import OPEN
from portal.analysis.models import Stage
from portal.db import clock
from portal.db import db
from portal.plugins.facilities import Handle
from portal.plugins.facilities import Mode
from portal.plugins.facilities import Session
from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.problems import UsageError
from portal.uws.models import Job

ID_BYTES = 12
LETTER = "s"  # hubs take no name that begins with a digit
HANDLE = "session handle"
URL = "session url"
AFRESH = {"populate_existing": True}


class SupersededError(PortalError):
    """Another attempt goes on with the session, or it is being ended."""

    title = "The session is not this attempt's any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """What is known of a session before anything is done."""

    owner: str
    job_id: str
    facility_id: str
    title: str
    workflow_id: str
    repository: str
    ref: str
    path: str | None
    basket_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A repository as it was prepared: where it is cloned, its commit, and its folder here.

    A repository that needed no change is its own, and has no folder.
    """

    repository: str = field(repr=False)
    commit: str
    publication: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """One attempt at a launch, and what earlier ones have left."""

    id: str
    attempt: int
    stage: Stage
    published: Published | None = None
    handle: Handle | None = field(default=None, repr=False)
    token_id: str | None = None


class SessionBook:
    """Where sessions are written down, from a worker of this portal; each call is a transaction."""

    def __init__(self, app: Flask) -> None:
        """Keep the app; its database is opened by the first call."""
        self._app = app
        self._seal = Seal(app.config["SECRET_KEY"])

    @contextmanager
    def page(self) -> Iterator[None]:
        """Open the database for a while; what is not committed is lost."""
        with self._app.app_context():
            yield

    def now(self) -> datetime:
        """Return what time it is, as the database says it."""
        with self.page():
            return clock()

    def begin(self, new: NewSession) -> Begun:
        """Begin an attempt: earlier ones at the same job write nothing any more.

        Raises SupersededError for a session that is being ended.
        """
        with self.page():
            if _find_id(new.job_id) is None:
                _insert(new)
            row = db.session.scalar(
                update(AnalysisSession)
                .where(AnalysisSession.job_id == new.job_id, AnalysisSession.stage.in_(OPEN))
                .values(attempt=AnalysisSession.attempt + 1)
                .returning(AnalysisSession)
                .execution_options(**AFRESH)
            )
            if row is None:
                raise SupersededError("The session of this launch was ended.")
            begun = _begun(row)
            db.session.commit()
            return begun

    def check_room(self, begun: Begun, most: int) -> None:
        """Raise UsageError for a first attempt where its owner has `most` other sessions."""
        own = select(AnalysisSession.owner).where(AnalysisSession.id == begun.id).scalar_subquery()
        query = select(func.count(AnalysisSession.id)).where(
            AnalysisSession.owner == own,
            AnalysisSession.id != begun.id,
            AnalysisSession.mode == Mode.LAUNCH,
            AnalysisSession.stage.in_(LIVE),
        )
        with self.page():
            is_full = begun.attempt == 1 and db.session.execute(query).scalar_one() >= most
        if is_full:
            raise UsageError(f"You have {most} sessions already. End one of them first.")

    def prepared(self, begun: Begun, published: Published, *, mode: str, files: int) -> None:
        """Note the repository that the facility will clone, before it is told of it."""
        self._note(
            begun,
            mode=mode,
            commit=published.commit,
            publication=published.publication,
            file_count=files,
            handle=self._seal.close(_state(published.repository, None), HANDLE, begun.id),
        )

    def launching(self, begun: Begun, published: Published, handle: Handle) -> None:
        """Keep what finds the session again at its facility.

        A session that was ended meanwhile is ended once more, with what was started since.
        """
        sealed = self._seal.close(_state(published.repository, handle), HANDLE, begun.id)
        try:
            self._note(begun, stage=Stage.LAUNCHING, handle=sealed)
        except SupersededError:
            with self.page():
                _update(begun, {"stage": Stage.STOPPING, "handle": sealed}, among=CLOSED)
                db.session.commit()
            raise

    def ready(self, begun: Begun, session: Session, *, expires: datetime) -> None:
        """Let the owner in."""
        now = self.now()
        self._note(
            begun,
            stage=Stage.READY,
            url=self._seal.close(session.url, URL, begun.id),
            notice=session.notice,
            message="",
            expires=min(expires, session.expires or expires),
            ready_time=now,
            checked_time=now,
        )

    def over(self, begun: Begun) -> None:
        """Note that a batch run has ended well: nothing of it is left to be ended."""
        now = self.now()
        self._note(begun, stage=Stage.ENDED, ready_time=now, end_time=now, handle=None)

    def note_token(self, begun: Begun, token_id: str) -> None:
        """Keep which API token the session has, before anybody gets it."""
        self._note(begun, token_id=token_id)

    def troubled(self, begun: Begun, message: str) -> None:
        """Say what has stopped this attempt, which may be the last or not."""
        with self.page():
            _update(begun, {"message": message})
            db.session.commit()

    def failed(self, begun: Begun, message: str) -> None:
        """Have what is left of the session ended; an attempt that is not the last notes nothing."""
        with self.page():
            _update(begun, {"stage": Stage.STOPPING, "message": message})
            db.session.commit()

    def row(self, session_id: str) -> AnalysisSession:
        """Return a session as it is now, to be read only; raises NotFoundError."""
        with self.page():
            row = db.session.get(AnalysisSession, session_id)
            if row is None:
                raise NotFoundError("There is no such session.")
            db.session.expunge(row)
            return row

    def _note(self, begun: Begun, **values: Any) -> None:
        with self.page():
            is_ours = _update(begun, values)
            db.session.commit()
        if not is_ours:
            raise SupersededError("Another attempt goes on with this launch, or it was ended.")


def seal() -> Seal:
    """Return what encrypts in the database of the current app."""
    return Seal(current_app.config["SECRET_KEY"])


def read_handle(row: AnalysisSession) -> Handle | None:
    """Return what the facility needs to find the session; None where nothing was started."""
    return _read_state(row).get("handle")


def read_url(row: AnalysisSession) -> str | None:
    """Return where the owner enters the session."""
    return seal().open(row.url, URL, row.id) if row.url else None


def _begun(row: AnalysisSession) -> Begun:
    state = _read_state(row)
    repository = state.get("repository")
    published = None
    if repository and row.commit:
        published = Published(repository=repository, commit=row.commit, publication=row.publication)
    return Begun(
        id=row.id,
        attempt=row.attempt,
        stage=Stage(row.stage),
        published=published,
        handle=state.get("handle"),
        token_id=row.token_id,
    )


def _insert(new: NewSession) -> None:
    """Write it down, as the session of whom its job belongs to: he may have signed in just now."""
    owner = select(Job.owner).where(Job.id == new.job_id).with_for_update(read=True)
    values = {name: getattr(new, name) for name in NewSession.__slots__}
    row = AnalysisSession(
        id=LETTER + secrets.token_hex(ID_BYTES),
        stage=Stage.PREPARING,
        creation_time=clock(),
        **values | {"owner": db.session.scalar(owner) or new.owner},
    )
    try:
        db.session.add(row)
        db.session.commit()
    except IntegrityError:  # another attempt was faster
        db.session.rollback()


def _find_id(job_id: str) -> str | None:
    return db.session.scalar(select(AnalysisSession.id).where(AnalysisSession.job_id == job_id))


def _update(begun: Begun, values: Mapping[str, Any], *, among: tuple[Stage, ...] = OPEN) -> bool:
    statement = (
        update(AnalysisSession)
        .where(
            AnalysisSession.id == begun.id,
            AnalysisSession.attempt == begun.attempt,
            AnalysisSession.stage.in_(among),
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _state(repository: str, handle: Handle | None) -> str:
    return json.dumps(
        {"repository": repository, "handle": None if handle is None else dict(handle)}
    )


def _read_state(row: AnalysisSession) -> dict[str, Any]:
    text = seal().open(row.handle, HANDLE, row.id) if row.handle else None
    state: dict[str, Any] = json.loads(text) if text else {}
    return state

"""Browsers in which somebody is signed in: begun, found by their cookie, ended."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from datetime import UTC

from flask import current_app
from flask import flash
from flask import request
from flask import session
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import Select
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.accounts.belongings import take_over_all
from portal.accounts.identity.people import bring_up_to_date
from portal.accounts.identity.people import owner_of
from portal.accounts.identity.provider import Arrival
from portal.accounts.models import Identity
from portal.accounts.models import LoginSession
from portal.accounts.models import Person
from portal.accounts.sealing import Seal
from portal.accounts.tickets import digest_of
from portal.db import clock
from portal.db import db

SESSION_KEY = "login"
FOUND = "portal.login"  # in the WSGI environment, which lives as long as the request
ENDED = "Your session has ended. Sign in again to see what is yours."
LIFETIME = timedelta(days=7)
RENEWED_LIFETIME = timedelta(days=30)
SOONEST_RENEWAL = timedelta(minutes=5)
LATEST_RENEWAL = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who is signed in in a browser; `renewal` is when the provider is to be asked again."""

    digest: str
    person_id: str
    provider_id: str
    name: str
    roles: tuple[str, ...]
    expires: datetime
    renewal: datetime | None

    @property
    def is_due(self) -> bool:
        """Whether the provider is to be asked now if the person may still come in."""
        return self.renewal is not None and self.renewal <= datetime.now(UTC)

    @property
    def owner(self) -> str:
        """The owner of what is made meanwhile."""
        return owner_of(self.person_id)


def sign_in(arrival: Arrival, *, earlier: str | None, terms_version: str | None = None) -> None:
    """Sign somebody in: a new session, and what the browser's owner had becomes the person's.

    All of it is one transaction. The browser's cookie is another one from here on, so that
    nobody who knew the old one is signed in with it. `terms_version` was just accepted.
    """
    secret = new_secret()
    try:
        _write(arrival, secret, earlier, terms_version)
    except IntegrityError:  # the same person came in another tab
        db.session.rollback()
        _write(arrival, secret, earlier, terms_version)
    forget_login()
    session.clear()
    session[SESSION_KEY] = secret
    session.permanent = True
    request.environ.pop(FOUND, None)


def new_secret() -> str:
    """Return a text that nobody guesses, for a cookie."""
    return secrets.token_urlsafe(32)


def find_login() -> Login | None:
    """Return who is signed in in this browser, looked up once a request.

    A browser whose session has ended is told so, once.
    """
    if FOUND not in request.environ:
        secret = session.get(SESSION_KEY)
        request.environ[FOUND] = _find(digest_of(secret)) if secret else None
        if secret and request.environ[FOUND] is None:
            session.pop(SESSION_KEY)
            flash(ENDED, "warning")
    found: Login | None = request.environ[FOUND]
    return found


def forget_login() -> None:
    """End the session of this browser, if there is one; its cookie opens nothing afterwards."""
    secret = session.pop(SESSION_KEY, None)
    request.environ[FOUND] = None
    if secret:
        db.session.execute(delete(LoginSession).where(LoginSession.digest == digest_of(secret)))
        db.session.commit()


def count_logins(person_id: str) -> int:
    """Return in how many browsers a person is signed in."""
    alive = (LoginSession.identity_id.in_(_identities(person_id)), LoginSession.expires > clock())
    count = select(func.count()).select_from(LoginSession).where(*alive)
    return db.session.scalar(count) or 0


def forget_all_logins(person_id: str) -> None:
    """End the sessions of a person in every browser; their cookies open nothing afterwards."""
    ended = delete(LoginSession).where(LoginSession.identity_id.in_(_identities(person_id)))
    db.session.execute(ended.execution_options(synchronize_session=False))
    db.session.commit()


def unseal(sealed: bytes | None, digest: str) -> str | None:
    """Return a token of the provider's that is kept with a session."""
    return None if sealed is None else _seal().open(sealed, "login", digest)


def seal(token: str | None, digest: str) -> bytes | None:
    """Encrypt a token of the provider's, to be kept with a session and to open there only."""
    return None if token is None else _seal().close(token, "login", digest)


def next_renewal(arrival: Arrival) -> datetime | None:
    """Return when the provider is to be asked again; None: it gave nothing to ask with."""
    if arrival.refresh_token is None:
        return None
    wait = LATEST_RENEWAL if arrival.seconds is None else timedelta(seconds=arrival.seconds)
    return clock() + min(max(wait, SOONEST_RENEWAL), LATEST_RENEWAL)


def _identities(person_id: str) -> Select[str]:
    return select(Identity.id).where(Identity.person_id == person_id)


def _write(arrival: Arrival, secret: str, earlier: str | None, terms_version: str | None) -> None:
    now = clock()
    digest = digest_of(secret)
    db.session.execute(delete(LoginSession).where(LoginSession.expires <= now))
    identity = bring_up_to_date(arrival)
    person = db.session.get_one(Person, identity.person_id)
    person.last_sign_in = now
    if terms_version is not None:
        person.terms_version, person.terms_time = terms_version, now
    db.session.add(
        LoginSession(
            digest=digest,
            identity_id=identity.id,
            provider_id=arrival.provider_id,
            provider_session=arrival.session_id,
            id_token=seal(arrival.id_token, digest),
            refresh_token=seal(arrival.refresh_token, digest),
            renewal=next_renewal(arrival),
            creation_time=now,
            expires=now + (RENEWED_LIFETIME if arrival.refresh_token else LIFETIME),
        )
    )
    if earlier:
        take_over_all(earlier, owner_of(identity.person_id))
    db.session.commit()


def _find(digest: str) -> Login | None:
    query = (
        select(
            LoginSession.digest,
            LoginSession.provider_id,
            LoginSession.expires,
            LoginSession.renewal,
            Person.id,
            Person.name,
            Person.roles,
        )
        .join(Identity, Identity.id == LoginSession.identity_id)
        .join(Person, Person.id == Identity.person_id)
        .where(LoginSession.digest == digest, LoginSession.expires > clock())
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        return None
    return Login(
        digest=row.digest,
        person_id=row.id,
        provider_id=row.provider_id,
        name=row.name,
        roles=tuple(row.roles),
        expires=row.expires,
        renewal=row.renewal,
    )


def _seal() -> Seal:
    return Seal(current_app.config["SECRET_KEY"])

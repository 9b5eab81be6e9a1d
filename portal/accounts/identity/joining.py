"""Several identities of one person: another sign-in is added to who is signed in, or taken away."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.accounts.identity.logins import Login
from portal.accounts.identity.logins import new_secret
from portal.accounts.identity.people import find_identity
from portal.accounts.identity.provider import Arrival
from portal.accounts.models import Identity
from portal.accounts.models import LoginSession
from portal.accounts.tickets import Tickets
from portal.db import db
from portal.problems import NotFoundError
from portal.problems import PortalError

SECONDS = 900


class JoinRefusedError(PortalError):
    """An identity cannot be added to a person, or taken away."""

    status = HTTPStatus.CONFLICT
    title = "This cannot be joined"


def keep_arrival(arrival: Arrival, login: Login) -> str:
    """Keep who came back from a provider until the person confirms it; return the key."""
    shown = {
        name: asdict(arrival)[name]
        for name in ("provider_id", "issuer", "subject", "name", "email")
    }
    key = new_secret()
    Tickets().set(key, json.dumps({"person": login.person_id, **shown}), SECONDS)
    return key


def read_arrival(key: str, login: Login) -> dict[str, str]:
    """Return who is to be added to the person who is signed in; raises NotFoundError."""
    kept: dict[str, str] = json.loads(Tickets().get(key) or "{}")
    if kept.get("person") != login.person_id:
        raise NotFoundError("There is no sign-in to be added, or it took too long. Begin again.")
    return kept


def join(key: str, login: Login) -> None:
    """Let a person sign in as this identity from now on, too.

    Raises NotFoundError as `read_arrival` does, the second time as well, and JoinRefusedError
    for what is another person's: two accounts are never made one.
    """
    kept = read_arrival(key, login)
    Tickets().delete(key)
    known = find_identity(kept["issuer"], kept["subject"])
    if known is not None:
        _refuse_another(known, login)
        return
    row = {"issuer": kept["issuer"], "subject": kept["subject"], "person_id": login.person_id}
    db.session.add(Identity(id=uuid.uuid4().hex, **row))
    try:
        db.session.commit()
    except IntegrityError:  # it signed in elsewhere meanwhile
        db.session.rollback()
        known = find_identity(kept["issuer"], kept["subject"])
        if known is not None:
            _refuse_another(known, login)


def list_identities(person_id: str) -> Sequence[Identity]:
    """Return what a person is known by."""
    query = select(Identity).where(Identity.person_id == person_id)
    return db.session.scalars(query.order_by(Identity.issuer, Identity.id)).all()


def current_identity(login: Login) -> str | None:
    """Return the id of the identity that is signed in in this browser."""
    query = select(LoginSession.identity_id).where(LoginSession.digest == login.digest)
    return db.session.scalar(query)


def leave(identity_id: str, login: Login) -> None:
    """Take an identity from a person; browsers in which it is signed in are so no more.

    Raises NotFoundError, and JoinRefusedError for the one in use and for the last one.
    """
    if identity_id == current_identity(login):
        raise JoinRefusedError("You are signed in with this one. Sign in with another one first.")
    theirs = Identity.person_id == login.person_id
    count = db.session.scalar(select(func.count(Identity.id)).where(theirs)) or 0
    if count <= 1:
        raise JoinRefusedError("This is the only way to sign in that you have.")
    gone = db.session.execute(delete(Identity).where(Identity.id == identity_id, theirs))
    db.session.commit()
    if not gone.rowcount:  # type: ignore[attr-defined]
        raise NotFoundError("You have no such way to sign in.")


def _refuse_another(known: Identity, login: Login) -> None:
    if known.person_id != login.person_id:
        raise JoinRefusedError(
            "Somebody has an account here under this identity already. If that is you, sign in "
            "with it, take away what you need, and delete that account; then add it here."
        )

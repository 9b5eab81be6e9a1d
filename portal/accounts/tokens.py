"""API tokens: made, found by their secret, listed and revoked; the secret itself is not kept."""

import hashlib
import re
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta
from datetime import UTC
from enum import StrEnum

from sqlalchemy import ColumnElement
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts.models import ApiToken
from portal.db import db
from portal.problems import NotFoundError
from portal.problems import UsageError

PREFIX = "apt_"
NAMED = "user:"
NAME = re.compile(r"[a-z0-9._@-]{1,50}")
PERSON = re.compile(r"[0-9a-f]{32}")
MOST_TOKENS = 100
LABEL_LENGTH = 100
NOTED_EVERY = timedelta(minutes=1)


class Scope(StrEnum):
    """What a token opens.

    All of its owner's, jobs that wait for a worker, baskets as in ESAP, or one basket to read.
    """

    USER = "user"
    WORKER = "worker"
    ESAP = "esap"
    SESSION = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token that was just made, with the secret that nobody can read again."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownToken:
    """What a request learns of the token it came with; `is_noted`: its use was written down.

    `basket_id` is what one of a session opens.
    """

    id: str
    owner: str
    scope: Scope
    is_noted: bool
    basket_id: str | None = None


def named_owner(name: str) -> str:
    """Return the owner that a name stands for; UsageError for a name that cannot be one."""
    if not NAME.fullmatch(name):
        raise UsageError(
            "A name has up to 50 lowercase letters, digits and the characters . _ @ and -."
        )
    return NAMED + name


def owner_name(owner: str) -> str | None:
    """Return the name of a named owner; None for a browser, which has none."""
    return owner.removeprefix(NAMED) if owner.startswith(NAMED) else None


def shown_name(owner: str) -> str:
    """Return what a list for the operator says of an owner: of a person no more than a hint."""
    name = owner_name(owner)
    if name is None:
        return "-"
    return f"person {name[:8]}…" if PERSON.fullmatch(name) else name


def make_token(
    owner: str,
    *,
    label: str = "",
    scope: Scope = Scope.USER,
    basket_id: str | None = None,
    lifetime: timedelta | None = None,
    write: Callable[[str, datetime | None], str] | None = None,
    token_id: str | None = None,
) -> NewToken:
    """Make a token and keep its digest; UsageError when the owner has too many.

    `write` makes the secret of the token's id and end, where it is more than random letters.
    `token_id` is for who has to know it before there is a token.

    A label keeps what can be printed: the operator lists it on a terminal.
    """
    count = select(func.count()).select_from(ApiToken).where(ApiToken.owner == owner)
    if db.session.execute(count).scalar_one() >= MOST_TOKENS:
        raise UsageError(f"There are {MOST_TOKENS} tokens already. Revoke one of them first.")
    now = datetime.now(UTC)
    expires = None if lifetime is None else now + lifetime
    token_id = token_id or new_token_id()
    secret = write(token_id, expires) if write else PREFIX + secrets.token_urlsafe(32)
    made = NewToken(id=token_id, secret=secret)
    db.session.add(
        ApiToken(
            id=made.id,
            owner=owner,
            digest=_digest(made.secret),
            label="".join(filter(str.isprintable, label))[:LABEL_LENGTH],
            scope=scope.value,
            basket_id=basket_id,
            creation_time=now,
            expires=expires,
        )
    )
    db.session.commit()
    return made


def new_token_id() -> str:
    """Return an id that no token has."""
    return uuid.uuid4().hex


def make_session_token(
    owner: str, basket_id: str, label: str, expires: datetime, *, token_id: str | None = None
) -> tuple[str, str]:
    """Make a token that reads one basket and the results in it; returns its id and its secret.

    Those of the owner's sessions that have expired go: nobody revokes them. Raises UsageError
    when the owner has too many, or `expires` is over.
    """
    lifetime = expires - datetime.now(UTC)
    if lifetime <= timedelta(0):
        raise UsageError("A token cannot end before it begins.")
    old = ApiToken.owner == owner, ApiToken.scope == Scope.SESSION.value
    db.session.execute(delete(ApiToken).where(*old, ApiToken.expires <= datetime.now(UTC)))
    made = make_token(
        owner,
        label=label,
        scope=Scope.SESSION,
        basket_id=basket_id,
        lifetime=lifetime,
        token_id=token_id,
    )
    return made.id, made.secret


def delete_expired_sessions(now: datetime) -> None:
    """Delete the tokens of sessions that have expired; does not commit."""
    old = ApiToken.scope == Scope.SESSION.value, ApiToken.expires <= now
    db.session.execute(delete(ApiToken).where(*old).execution_options(synchronize_session=False))


def find_token(secret: str) -> KnownToken | None:
    """Return the token with this secret; one that has expired is unknown."""
    now = datetime.now(UTC)
    query = select(
        *(ApiToken.id, ApiToken.owner, ApiToken.scope, ApiToken.basket_id, ApiToken.last_used)
    ).where(
        ApiToken.digest == _digest(secret), or_(ApiToken.expires.is_(None), ApiToken.expires > now)
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        return None
    is_noted = row.last_used is not None and now - row.last_used < NOTED_EVERY
    return KnownToken(
        id=row.id,
        owner=row.owner,
        scope=Scope(row.scope),
        is_noted=is_noted,
        basket_id=row.basket_id,
    )


def note_use(token_id: str) -> None:
    """Write down that a token was used now, unless that was done within the last minute."""
    now = datetime.now(UTC)
    stale = or_(ApiToken.last_used.is_(None), ApiToken.last_used <= now - NOTED_EVERY)
    db.session.execute(
        update(ApiToken)
        .where(ApiToken.id == token_id, stale)
        .values(last_used=now)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def list_tokens(owner: str | None) -> list[ApiToken]:
    """Return an owner's tokens, newest first; everybody's, for the operator, without an owner."""
    query = select(ApiToken).order_by(ApiToken.creation_time.desc(), ApiToken.id)
    return list(db.session.scalars(query.where(*_owned(owner))))


def get_token(token_id: str, *, owner: str) -> ApiToken:
    """Return one token of an owner; raises NotFoundError."""
    query = select(ApiToken).where(ApiToken.id == token_id, *_owned(owner))
    token = db.session.scalar(query)
    if token is None:
        raise NotFoundError("There is no such token.")
    return token


def revoke_token(token_id: str, *, owner: str | None) -> None:
    """Delete a token of an owner, or anybody's for the operator; raises NotFoundError."""
    result = db.session.execute(delete(ApiToken).where(ApiToken.id == token_id, *_owned(owner)))
    db.session.commit()
    if result.rowcount == 0:  # type: ignore[attr-defined]
        raise NotFoundError("There is no such token.")


def extend_token(token_id: str, *, expires: datetime) -> None:
    """Let a token that is still there open until another time; does not commit."""
    statement = update(ApiToken).where(ApiToken.id == token_id).values(expires=expires)
    db.session.execute(statement.execution_options(synchronize_session=False))


def is_expired(token: ApiToken) -> bool:
    """Say whether a token no longer opens anything."""
    return token.expires is not None and token.expires <= datetime.now(UTC)


def _owned(owner: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if owner is None else (ApiToken.owner == owner,)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

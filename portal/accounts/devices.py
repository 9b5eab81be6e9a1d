"""Programs that ask for a token of their own, which somebody confirms on a page (RFC 8628)."""

import secrets
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts.models import DeviceLogin
from portal.accounts.tickets import digest_of
from portal.accounts.tokens import LABEL_LENGTH
from portal.accounts.tokens import make_token
from portal.db import clock
from portal.db import db
from portal.problems import NotFoundError
from portal.problems import TransientError
from portal.problems import UsageError

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # without vowels they make no words
HALF = 4
PATIENCE = timedelta(minutes=15)
INTERVAL = timedelta(seconds=3)
LIFETIME = timedelta(days=90)
MOST_WAITING = 2_000
NO_SUCH_CODE = "No program waits with this code. It is valid for a quarter of an hour, and once."


class DeviceRefusalError(Exception):
    """What a program is told that has no token yet, in RFC 8628's words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What a program gets to begin with: its own secret, and the code that it shows."""

    device_code: str = field(repr=False)
    user_code: str


def begin(label: str) -> Begun:
    """Let a program wait; raises TransientError while too many do."""
    now = clock()
    db.session.execute(delete(DeviceLogin).where(DeviceLogin.expires <= now))
    waiting = db.session.scalar(select(func.count()).select_from(DeviceLogin)) or 0
    if waiting >= MOST_WAITING:
        db.session.commit()
        raise TransientError("Too many programs wait to be confirmed. Try again in some minutes.")
    letters = [secrets.choice(LETTERS) for _ in range(2 * HALF)]
    begun = Begun(device_code=secrets.token_urlsafe(32), user_code="".join(letters))
    shown = " ".join("".join(one if one.isprintable() else " " for one in label).split())
    db.session.add(
        DeviceLogin(
            digest=digest_of(begun.device_code),
            user_code=begun.user_code,
            label=shown[:LABEL_LENGTH] or "a program",
            expires=now + PATIENCE,
        )
    )
    db.session.commit()
    return begun


def written(user_code: str) -> str:
    """Return a code as people read it."""
    return f"{user_code[:HALF]}-{user_code[HALF:]}"


def get_waiting(typed: str) -> DeviceLogin:
    """Return the program that waits with a code, however it is typed; raises NotFoundError."""
    code = "".join(letter for letter in typed.upper() if letter in LETTERS)
    alive = (DeviceLogin.expires > clock(), DeviceLogin.owner.is_(None))
    found = select(DeviceLogin).where(
        DeviceLogin.user_code == code, DeviceLogin.is_refused.is_(False), *alive
    )
    device = db.session.scalar(found)
    if device is None:
        raise NotFoundError(NO_SUCH_CODE)
    return device


def decide(typed: str, *, owner: str, allow: bool) -> None:
    """Let a program have a token of an owner, or not; raises NotFoundError, the second time too."""
    device = get_waiting(typed)
    untouched = (DeviceLogin.owner.is_(None), DeviceLogin.is_refused.is_(False))
    statement = update(DeviceLogin).where(DeviceLogin.digest == device.digest, *untouched)
    values = {"owner": owner} if allow else {"is_refused": True}
    changed = db.session.execute(
        statement.values(values).execution_options(synchronize_session=False)
    ).rowcount  # type: ignore[attr-defined]
    db.session.commit()
    if not changed:
        raise NotFoundError(NO_SUCH_CODE)


def take_token(device_code: str) -> str:
    """Return the secret of a program's token, once; raises DeviceRefusalError until then."""
    digest = digest_of(device_code)
    now = clock()
    device = db.session.get(DeviceLogin, digest, populate_existing=True)
    if device is None:
        raise DeviceRefusalError("invalid_grant")
    if device.expires <= now:
        raise DeviceRefusalError("expired_token")
    if device.is_refused:
        raise DeviceRefusalError("access_denied")
    if device.owner is None:
        raise DeviceRefusalError(_note_question(digest))
    taken = delete(DeviceLogin).where(DeviceLogin.digest == digest)
    if db.session.execute(taken).rowcount != 1:  # type: ignore[attr-defined]
        db.session.rollback()
        raise DeviceRefusalError("invalid_grant")
    try:
        return make_token(device.owner, label=device.label, lifetime=LIFETIME).secret
    except UsageError as error:  # there are too many already
        db.session.commit()
        raise DeviceRefusalError("access_denied") from error


def _note_question(digest: str) -> str:
    """Return the answer to a program that asks too early, or again too soon."""
    now = clock()
    patient = or_(DeviceLogin.last_asked.is_(None), DeviceLogin.last_asked <= now - INTERVAL)
    statement = update(DeviceLogin).where(DeviceLogin.digest == digest, patient)
    noted = db.session.execute(
        statement.values(last_asked=now).execution_options(synchronize_session=False)
    ).rowcount  # type: ignore[attr-defined]
    db.session.commit()
    return "authorization_pending" if noted else "slow_down"

"""What owners use to log in at remote services: stored encrypted, never shown again."""

import logging
import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from datetime import UTC

from flask import current_app
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import Select
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import Credential
from portal.accounts.sealing import Seal
from portal.credentials import RemoteCredential
from portal.db import db
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.uws.callers import NOBODY

MOST_CREDENTIALS = 100
SERVICE_LENGTH = 200
SERVICE = re.compile(r"([a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCredential:
    """What may be shown of a credential; one that is not readable has to be entered again."""

    id: str
    service: str
    user_name: str
    creation_time: datetime
    last_used: datetime | None
    is_readable: bool


def service_name(text: str) -> str:
    """Return the host (with the port, if there is one) of an address, or a plugin's own id.

    Raises ValueError for anything else.
    """
    scheme, separator, rest = text.strip().lower().partition("://")
    name = (rest if separator else scheme).partition("/")[0]
    if len(name) > SERVICE_LENGTH or not SERVICE.fullmatch(name):
        raise ValueError("write the name of the host, such as archive.example.org")
    return name


def put_credential(owner: str, *, service: str, user_name: str, secret: str) -> None:
    """Store a credential, in place of an earlier one for the same service.

    Raises UsageError when the owner has too many, ValueError for an impossible service.
    """
    credential = Credential(
        id=uuid.uuid4().hex,
        owner=owner,
        service=service_name(service),
        user_name=user_name,
        creation_time=datetime.now(UTC),
    )
    credential.secret = _seal().close(secret, *_about(credential))
    if _replace(credential):
        return
    _check_room(owner)
    try:
        db.session.add(credential)
        db.session.commit()
    except IntegrityError:  # the same form was sent twice at the same moment
        db.session.rollback()
        _replace(credential)


def list_credentials(owner: str) -> list[StoredCredential]:
    """Return what is stored for an owner, by service."""
    query = select(Credential).where(Credential.owner == owner).order_by(Credential.service)
    return [_shown(credential) for credential in db.session.scalars(query)]


def get_credential(credential_id: str, *, owner: str) -> StoredCredential:
    """Return one of an owner's; raises NotFoundError."""
    query = select(Credential).where(Credential.id == credential_id, Credential.owner == owner)
    credential = db.session.scalar(query)
    if credential is None:
        raise NotFoundError("There is no such login.")
    return _shown(credential)


def delete_credential(credential_id: str, *, owner: str) -> None:
    """Delete one of an owner's; raises NotFoundError."""
    statement = delete(Credential).where(Credential.id == credential_id, Credential.owner == owner)
    result = db.session.execute(statement)
    db.session.commit()
    if result.rowcount == 0:  # type: ignore[attr-defined]
        raise NotFoundError("There is no such login.")


def has_stored_since(owner: str, time: datetime) -> bool:
    """Say whether an owner has stored a login after that time."""
    newer = Credential.owner == owner, Credential.creation_time > time
    return db.session.scalar(select(Credential.id).where(*newer).limit(1)) is not None


def resolve(owner: str, service: str) -> RemoteCredential | None:
    """Return what logs an owner in at a service, and note its use; the caller commits.

    None where nothing is stored, where it was stored under another secret key, and for the
    jobs of NOBODY.
    """
    credential = _find(owner, service)
    if credential is None:
        return None
    secret = _opened(credential)
    if secret is None:
        log.warning("credential %s does not open under this secret key", credential.id)
        return None
    credential.last_used = datetime.now(UTC)
    return RemoteCredential(user_name=credential.user_name, secret=secret)


def forget(owner: str, service: str, before: datetime) -> bool:
    """Delete a login that a service refused, if it was stored before; the caller commits."""
    credential = _find(owner, service)
    if credential is None or credential.creation_time > before:
        return False
    db.session.delete(credential)
    return True


def take_over_credentials(earlier: str, owner: str) -> None:
    """Make the logins of one owner another's; of two for one service the later stays.

    They are sealed anew for the owner. Does not commit.
    """
    own = {one.service: one for one in db.session.scalars(_of(owner))}
    for credential in db.session.scalars(_of(earlier)).all():
        rival = own.get(credential.service)
        if rival is not None and rival.creation_time >= credential.creation_time:
            db.session.delete(credential)
            continue
        if rival is not None:
            db.session.delete(rival)
            db.session.flush()
        secret = _opened(credential)
        credential.owner = owner
        if secret is not None:
            credential.secret = _seal().close(secret, *_about(credential))
    db.session.flush()


def _of(owner: str) -> Select[Credential]:
    return select(Credential).where(Credential.owner == owner)


def _find(owner: str, service: str) -> Credential | None:
    try:
        name = service_name(service)
    except ValueError:  # so nothing can have been stored for it
        return None
    query = select(Credential).where(Credential.owner == owner, Credential.service == name)
    return None if owner == NOBODY else db.session.scalar(query)


def _replace(credential: Credential) -> bool:
    statement = update(Credential).where(
        Credential.owner == credential.owner, Credential.service == credential.service
    )
    result = db.session.execute(
        statement.values(
            user_name=credential.user_name,
            secret=credential.secret,
            creation_time=credential.creation_time,
            last_used=None,
        ).execution_options(synchronize_session=False)
    )
    db.session.commit()
    return bool(result.rowcount)  # type: ignore[attr-defined]


def _check_room(owner: str) -> None:
    count = select(func.count()).select_from(Credential).where(Credential.owner == owner)
    if db.session.execute(count).scalar_one() >= MOST_CREDENTIALS:
        raise UsageError(f"There are {MOST_CREDENTIALS} logins already. Delete one of them first.")


def _shown(credential: Credential) -> StoredCredential:
    return StoredCredential(
        id=credential.id,
        service=credential.service,
        user_name=credential.user_name,
        creation_time=credential.creation_time,
        last_used=credential.last_used,
        is_readable=_opened(credential) is not None,
    )


def _opened(credential: Credential) -> str | None:
    return _seal().open(credential.secret, *_about(credential))


def _about(credential: Credential) -> tuple[str, str, str]:
    """Return what a secret is bound to: it opens in no other owner's row."""
    return credential.owner, credential.service, credential.user_name


def _seal() -> Seal:
    return Seal(current_app.config["SECRET_KEY"])

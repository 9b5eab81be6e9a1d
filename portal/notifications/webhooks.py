"""Notices are posted to an address of their owner's, signed with a secret that both know."""

import hashlib
import hmac
import json
import secrets
import time

from flask import current_app
from sqlalchemy import delete
from sqlalchemy import select

from portal.accounts.sealing import Seal
from portal.config import Settings
from portal.db import clock
from portal.db import db
from portal.display import iso
from portal.notifications.models import Notice
from portal.notifications.models import Webhook
from portal.plugins.http import HttpPolicy
from portal.plugins.http import open_session
from portal.problems import ServiceError
from portal.version import portal_version

PURPOSE = "webhook"
SECRET = "whs_"  # noqa: S105 - how one begins
SECRET_BYTES = 32
SECONDS = 10
MOST_BYTES = 10_000
MOST_FAILURES = 10
SIGNATURE = "X-Portal-Signature"
DELIVERY = "X-Portal-Delivery"


def set_webhook(owner: str, url: str) -> str:
    """Keep where an owner's notices are posted, and return the new secret that signs them."""
    secret = SECRET + secrets.token_urlsafe(SECRET_BYTES)
    row = Webhook(
        owner=owner,
        url=url,
        secret=_seal().close(secret, PURPOSE, owner),
        failures=0,
        creation_time=clock(),
        last_success=None,
        off_time=None,
    )
    db.session.merge(row)
    db.session.commit()
    return secret


def find_webhook(owner: str) -> Webhook | None:
    """Return where an owner's notices are posted."""
    return db.session.scalar(select(Webhook).where(Webhook.owner == owner))


def delete_webhook(owner: str) -> None:
    """Forget where an owner's notices are posted."""
    db.session.execute(delete(Webhook).where(Webhook.owner == owner))
    db.session.commit()


def sign(secret: str, body: bytes, seconds: int) -> str:
    """Return what the header says: when that was, and HMAC-SHA256 of this time and the body."""
    signed = f"{seconds}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def post(url: str, secret: str, notice: Notice) -> None:
    """Post a notice; raises a PortalError where nobody takes it.

    No private address is asked unless the operator allows it, and no redirect is followed.
    """
    settings: Settings = current_app.config["SETTINGS"]
    policy = HttpPolicy(
        allow=frozenset(settings.remote_allow),
        connect_timeout=SECONDS / 2,
        read_timeout=SECONDS,
        max_bytes=MOST_BYTES,
        user_agent=f"archive-portal/{portal_version()}",
    )
    body = _body(notice, settings.address)
    headers = {
        "Content-Type": "application/json",
        SIGNATURE: sign(secret, body, int(time.time())),
        DELIVERY: notice.id,
    }
    with (
        open_session(policy, deadline=time.monotonic() + SECONDS) as session,
        session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
    ):
        if not answer.ok or answer.is_redirect:
            raise ServiceError(f"The address answered {answer.status_code}.")


def open_secret(hook: Webhook) -> str | None:
    """Return the secret of a webhook; None when the portal's key has changed."""
    return _seal().open(hook.secret, PURPOSE, hook.owner)


def _body(notice: Notice, address: str) -> bytes:
    content = {
        "id": notice.id,
        "event": notice.event,
        "title": notice.title,
        "text": notice.text,
        "url": address + notice.link,
        "job": notice.job_id,
        "time": iso(notice.creation_time),
    }
    return json.dumps(content, ensure_ascii=False).encode()


def _seal() -> Seal:
    return Seal(current_app.config["SECRET_KEY"])

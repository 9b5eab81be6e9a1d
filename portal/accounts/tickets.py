"""Small secrets that are kept for minutes and taken once, by whoever has their key."""

import hashlib
from datetime import timedelta

from flask import current_app
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import Ticket
from portal.accounts.sealing import Seal
from portal.db import clock
from portal.db import db

PURPOSE = "ticket"


def digest_of(key: str) -> str:
    """Return what of a key is kept."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


class Tickets:
    """What Authlib keeps a sign-in in, instead of a cookie that everybody can read.

    Every method is a transaction of its own. Those that were never taken are deleted when
    others are put.
    """

    def set(self, key: str, content: str, seconds: int) -> None:
        """Keep a content under a key, in place of what was there."""
        self.delete(key)
        self.put_new(key, content, timedelta(seconds=seconds))

    def put_new(self, key: str, content: str, lifetime: timedelta) -> bool:
        """Keep a content under a key; False when there is something of it already."""
        now = clock()
        digest = digest_of(key)
        db.session.execute(delete(Ticket).where(Ticket.expires <= now))
        row = {
            "digest": digest,
            "content": _seal().close(content, PURPOSE, digest),
            "expires": now + lifetime,
        }
        try:
            db.session.execute(insert(Ticket).values(row))
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            return False
        return True

    def get(self, key: str) -> str | None:
        """Return what is kept under a key."""
        digest = digest_of(key)
        alive = (Ticket.digest == digest, Ticket.expires > clock())
        content = db.session.scalar(select(Ticket.content).where(*alive))
        return None if content is None else _seal().open(content, PURPOSE, digest)

    def take(self, key: str) -> str | None:
        """Return what is kept under a key, to one caller only."""
        content = self.get(key)
        return content if self.delete(key) else None

    def delete(self, key: str) -> bool:
        """Forget a key; False when it was not known."""
        statement = delete(Ticket).where(Ticket.digest == digest_of(key))
        deleted = db.session.execute(statement).rowcount  # type: ignore[attr-defined]
        db.session.commit()
        return bool(deleted)


def _seal() -> Seal:
    return Seal(current_app.config["SECRET_KEY"])

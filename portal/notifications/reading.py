"""An owner's notices: counted, listed, read."""

from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from portal.db import clock
from portal.db import db
from portal.notifications.models import Notice
from portal.notifications.models import Sending
from portal.problems import NotFoundError
from portal.uws.callers import NOBODY

KEPT = timedelta(days=90)
SENDING_KEPT = timedelta(days=1)


def count_unread(owner: str) -> int:
    """Count the notices that an owner has not read."""
    if owner == NOBODY:
        return 0
    unread = (Notice.owner == owner, Notice.read_time.is_(None))
    return db.session.scalar(select(func.count(Notice.id)).where(*unread)) or 0


def count_notices(owner: str) -> int:
    """Count all notices of an owner."""
    return db.session.scalar(select(func.count(Notice.id)).where(Notice.owner == owner)) or 0


def latest_unread(owner: str) -> Notice | None:
    """Return the notice that came last, of those that an owner has not read."""
    query = select(Notice).where(Notice.owner == owner, Notice.read_time.is_(None))
    return db.session.scalar(query.order_by(Notice.creation_time.desc(), Notice.id).limit(1))


def list_notices(owner: str, *, first: int, most: int) -> Sequence[Notice]:
    """Return some of the notices of an owner, the latest first."""
    query = select(Notice).where(Notice.owner == owner)
    query = query.order_by(Notice.creation_time.desc(), Notice.id).offset(first).limit(most)
    return db.session.scalars(query).all()


def read_notice(notice_id: str, *, owner: str) -> str:
    """Note that an owner has read a notice, and return its link; raises NotFoundError."""
    mine = (Notice.id == notice_id, Notice.owner == owner)
    link = db.session.scalar(select(Notice.link).where(*mine))
    if link is None:
        raise NotFoundError("There is no such notice. It may have gone with its job.")
    _note_read(*mine)
    return link


def read_all(owner: str, *, until: datetime) -> None:
    """Note that an owner has read all notices up to then: those that a page has shown."""
    _note_read(Notice.owner == owner, Notice.creation_time <= until)


def delete_old(now: datetime) -> None:
    """Delete what nobody looks at any more; does not commit."""
    old = (Sending.due.is_(None), Sending.notice_id == Notice.id)
    gone = select(Notice.id).where(Notice.creation_time < now - SENDING_KEPT, *old)
    for statement in (
        delete(Sending).where(Sending.due.is_(None), Sending.notice_id.in_(gone)),
        delete(Notice).where(Notice.creation_time < now - KEPT),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))


def _note_read(*conditions: object) -> None:
    statement = update(Notice).where(*conditions, Notice.read_time.is_(None))  # type: ignore[arg-type]
    statement = statement.values(read_time=clock())
    db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.commit()

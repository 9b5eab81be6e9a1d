"""What has to be sent is sent: each row by one process, later again when nobody takes it."""

import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from typing import NamedTuple

from flask import current_app
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from portal.config import Settings
from portal.db import clock
from portal.db import db
from portal.notifications import mail
from portal.notifications import webhooks
from portal.notifications.choices import find_address
from portal.notifications.models import Channel
from portal.notifications.models import Event
from portal.notifications.models import Notice
from portal.notifications.models import Sending
from portal.notifications.models import Webhook
from portal.notifications.telling import tell
from portal.notifications.unsubscribing import sign
from portal.problems import PortalError

LEASE = timedelta(minutes=5)  # by then whoever claimed it has sent it, or is dead
FIRST_DELAY = timedelta(minutes=1)
MOST_ATTEMPTS = 6
BATCH = 100
DIGEST_TIME = timedelta(minutes=10)
POSTING = 20.0  # seconds for one webhook in a turn: what is left then waits for the next one
AT_ONCE = 5  # notices by mail within that time; what comes then waits, and goes as one mail

log = logging.getLogger(__name__)


class _Claimed(NamedTuple):
    """Notices that nobody else sends, to one owner by one channel."""

    ids: Sequence[str]
    attempts: int
    notices: Sequence[Notice]


def send_due() -> int:
    """Send what is due, and return how much that was; each call of a channel is tried once."""
    now = clock()
    due = select(Sending.owner, Sending.channel).where(Sending.due <= now).distinct().limit(BATCH)
    found = [tuple(row) for row in db.session.execute(due)]
    db.session.rollback()
    return sum(_send_to(owner, Channel(channel)) for owner, channel in found)


def _send_to(owner: str, channel: Channel) -> int:
    now = clock()
    if channel is Channel.MAIL and (later := _waits_until(owner, now)):
        _write(Sending.owner == owner, Sending.channel == channel, Sending.due <= now, due=later)
        return 0
    claimed = _claim(owner, channel, now)
    if not claimed.notices:
        return 0
    if channel is Channel.MAIL:
        _mail(owner, claimed)
    else:
        _post(owner, claimed)
    return len(claimed.notices)


def _waits_until(owner: str, now: datetime) -> datetime | None:
    """Return until when an owner gets no more mail; None: he has not had much."""
    recent = (
        Sending.owner == owner,
        Sending.channel == Channel.MAIL,
        Sending.sent_time > now - DIGEST_TIME,
    )
    query = select(func.count(Sending.id), func.max(Sending.sent_time)).where(*recent)
    count, last = db.session.execute(query).one()
    return last + DIGEST_TIME if last is not None and count >= AT_ONCE else None


def _claim(owner: str, channel: Channel, now: datetime) -> _Claimed:
    """Take what is due, for as long as a lease; commits before anything is sent."""
    statement = (
        update(Sending)
        .where(Sending.owner == owner, Sending.channel == channel, Sending.due <= now)
        .values(due=now + LEASE, attempts=Sending.attempts + 1)
        .returning(Sending.id, Sending.notice_id, Sending.attempts)
        .execution_options(synchronize_session=False)
    )
    rows = db.session.execute(statement).all()
    db.session.commit()
    wanted = [row.notice_id for row in rows]
    query = select(Notice).where(Notice.id.in_(wanted)).order_by(Notice.creation_time, Notice.id)
    notices = db.session.scalars(query).all()
    db.session.rollback()
    attempts = max((row.attempts for row in rows), default=0)
    return _Claimed([row.id for row in rows], attempts, notices)


def _mail(owner: str, claimed: _Claimed) -> None:
    settings: Settings = current_app.config["SETTINGS"]
    address = find_address(owner)
    db.session.rollback()
    if address is None:
        _give_up(claimed.ids)
        return
    way = current_app.url_map.bind("").build(
        "notice_choices.unsubscribe", {"signature": sign(owner)}, method="POST"
    )
    try:
        message = mail.compose(claimed.notices, address, settings, way_out=settings.address + way)
        mail.send(message, settings)
    except ValueError:
        log.warning("the address of a person is none: no mail was sent")
        _give_up(claimed.ids)
    except PortalError as error:
        log.warning("a mail was not sent: %s", error.message)
        _later(claimed.ids, claimed.attempts, is_final=error.fatal)
    else:
        _note_sent(claimed.ids)


def _post(owner: str, claimed: _Claimed) -> None:
    """Post notices one by one; after the first that nobody takes the others wait as well.

    So they do after a while: a slow webhook keeps nobody else's notices.
    """
    hook = webhooks.find_webhook(owner)
    secret = webhooks.open_secret(hook) if hook and hook.off_time is None else None
    db.session.rollback()
    if hook is None or secret is None:
        _give_up(claimed.ids)
        return
    waiting = dict(_by_notice(claimed.ids))
    end = time.monotonic() + POSTING
    try:
        for notice in claimed.notices:
            webhooks.post(hook.url, secret, notice)
            _note_sent(waiting.pop(notice.id))
            _note_success(owner)
            if time.monotonic() > end:
                break
    except PortalError as error:
        log.info("a webhook did not take a notice: %s", error.message)
        left = [one for ids in waiting.values() for one in ids]
        _later(left, claimed.attempts, is_final=False)
        _count_failure(owner, error.message)
    else:
        left = [one for ids in waiting.values() for one in ids]
        _write(Sending.id.in_(left), due=clock(), attempts=Sending.attempts - 1)


def _by_notice(ids: Sequence[str]) -> dict[str, list[str]]:
    found = defaultdict(list)
    query = select(Sending.notice_id, Sending.id).where(Sending.id.in_(ids))
    for notice_id, one in db.session.execute(query):
        found[notice_id].append(one)
    db.session.rollback()
    return found


def _note_success(owner: str) -> None:
    statement = update(Webhook).where(Webhook.owner == owner)
    db.session.execute(statement.values(failures=0, last_success=clock()))
    db.session.commit()


def _count_failure(owner: str, why: str) -> None:
    """Count a failure; after too many of them nothing is posted any more, and the owner is told."""
    counted = (
        update(Webhook)
        .where(Webhook.owner == owner, Webhook.off_time.is_(None))
        .values(failures=Webhook.failures + 1)
        .returning(Webhook.failures)
        .execution_options(synchronize_session=False)
    )
    failures = db.session.scalar(counted)
    if failures is not None and failures >= webhooks.MOST_FAILURES:
        off = update(Webhook).where(Webhook.owner == owner, Webhook.off_time.is_(None))
        db.session.execute(off.values(off_time=clock()))
        link = current_app.url_map.bind("").build("notice_choices.show")
        title = "Your webhook is turned off: it did not take notices"
        tell(owner, Event.PORTAL, title, link=link, text=why)
    db.session.commit()


def _later(ids: Sequence[str], attempts: int, *, is_final: bool) -> None:
    if is_final or attempts >= MOST_ATTEMPTS:
        _give_up(ids)
    else:
        _write(Sending.id.in_(ids), due=clock() + FIRST_DELAY * 4 ** (attempts - 1))


def _give_up(ids: Sequence[str]) -> None:
    _write(Sending.id.in_(ids), due=None)


def _note_sent(ids: Sequence[str]) -> None:
    _write(Sending.id.in_(ids), due=None, sent_time=clock())


def _write(*conditions: object, **values: object) -> None:
    statement = update(Sending).where(*conditions).values(**values)  # type: ignore[arg-type]
    db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.commit()

"""What somebody wants to hear of, and how."""

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts.identity.people import find_person
from portal.config import Settings
from portal.db import db
from portal.notifications.models import Channel
from portal.notifications.models import Event
from portal.notifications.models import NoticeChoice
from portal.notifications.models import Sending
from portal.notifications.models import Webhook

DEFAULT_SECONDS = 30
MOST_SECONDS = 86_400
CHOSEN = (Event.FINISHED, Event.FAILED, Event.SESSION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What an owner wants to hear of: these events, and of jobs those that took so long."""

    events: frozenset[str] = frozenset(CHOSEN)
    min_seconds: int = DEFAULT_SECONDS
    by_mail: bool = False


DEFAULTS = Choices()


def choices_of(owner: str) -> Choices:
    """Return what an owner chose, or the defaults."""
    names = (NoticeChoice.events, NoticeChoice.min_seconds, NoticeChoice.by_mail)
    row = db.session.execute(select(*names).where(NoticeChoice.owner == owner)).one_or_none()
    if row is None:
        return DEFAULTS
    return Choices(events=frozenset(row[0]), min_seconds=row[1], by_mail=row[2])


def choose(owner: str, chosen: Choices) -> None:
    """Keep what an owner chose."""
    row = NoticeChoice(
        owner=owner,
        events=sorted(chosen.events),
        min_seconds=chosen.min_seconds,
        by_mail=chosen.by_mail,
    )
    db.session.merge(row)
    db.session.commit()


def send_no_mail(owner: str) -> None:
    """Have no more mail sent to an owner; what is on its way is not sent either."""
    statement = update(NoticeChoice).where(NoticeChoice.owner == owner).values(by_mail=False)
    waiting = (Sending.owner == owner, Sending.channel == Channel.MAIL, Sending.sent_time.is_(None))
    db.session.execute(statement)
    db.session.execute(update(Sending).where(*waiting).values(due=None))
    db.session.commit()


def is_person(owner: str) -> bool:
    """Say whether somebody who signed in is this owner; others have notices on the page only."""
    return find_person(owner) is not None


def channels_of(owner: str, chosen: Choices) -> list[Channel]:
    """Return how a notice to an owner leaves the portal."""
    channels = [Channel.MAIL] if chosen.by_mail and find_address(owner) else []
    on = (Webhook.owner == owner, Webhook.off_time.is_(None))
    if db.session.scalar(select(Webhook.owner).where(*on)):
        channels.append(Channel.WEBHOOK)
    return channels


def find_address(owner: str) -> str | None:
    """Return where mail to an owner goes; None for browsers, and where no mail is sent."""
    settings: Settings = current_app.config["SETTINGS"]
    person = find_person(owner) if settings.smtp_url else None
    return person.email or None if person else None

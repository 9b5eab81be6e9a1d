"""Notices are written: in the transaction in which what they tell of happens."""

from datetime import datetime
from datetime import timedelta
from typing import NamedTuple

from flask import current_app
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select

from portal.db import clock
from portal.db import db
from portal.notifications.choices import channels_of
from portal.notifications.choices import choices_of
from portal.notifications.choices import DEFAULT_SECONDS
from portal.notifications.models import Event
from portal.notifications.models import Notice
from portal.notifications.models import NoticeChoice
from portal.notifications.models import Sending
from portal.notifications.models import TEXT_LENGTH
from portal.notifications.models import TITLE_LENGTH
from portal.uws.callers import NOBODY
from portal.uws.callers import SCHEDULER
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase

SESSIONS = "orc."  # how the types of jobs begin that end with a running session


class _End(NamedTuple):
    """What is known of a job that has just ended."""

    id: str
    type: str
    owner: str
    phase: ExecutionPhase
    title: str
    creation_time: datetime
    start_time: datetime | None
    end_time: datetime
    execution_duration: int
    error_message: str | None
    min_seconds: int

    @property
    def event(self) -> Event | None:
        """What its owner is told of it; None of a job that its owner has aborted."""
        if self.phase == ExecutionPhase.COMPLETED:
            return Event.SESSION if self.type.startswith(SESSIONS) else Event.FINISHED
        if self.phase == ExecutionPhase.ERROR or self._has_overrun:
            return Event.FAILED
        return None

    @property
    def _has_overrun(self) -> bool:
        allowed = timedelta(seconds=self.execution_duration)
        return bool(
            allowed and self.start_time is not None and self.end_time - self.start_time >= allowed
        )


# Every end of a job asks this, so it is built once; of jobs that nobody watches it finds nothing.
END = (
    select(
        *(getattr(Job, name) for name in _End._fields[:-1]),
        func.coalesce(NoticeChoice.min_seconds, DEFAULT_SECONDS),
    )
    .outerjoin(NoticeChoice, NoticeChoice.owner == Job.owner)
    .where(
        Job.id == bindparam("id_"),
        Job.parent_id.is_(None),
        Job.owner.not_in((NOBODY, SCHEDULER)),
    )
)


def tell_end(job_id: str) -> None:
    """Write a notice of a job that has just ended, if its owner wants one; does not commit."""
    row = db.session.execute(END, {"id_": job_id}).one_or_none()
    if row is None or row.end_time is None:
        return
    end = _End(*row)
    if end.event is None:
        return
    took = (end.end_time - end.creation_time).total_seconds()
    if end.event != Event.SESSION and took < end.min_seconds:
        return
    name = end.title or end.type
    heading = {Event.FINISHED: "Finished", Event.FAILED: "Failed", Event.SESSION: "Ready"}
    text = end.error_message or ""
    if end.event == Event.FAILED and end.phase == ExecutionPhase.ABORTED:
        text = "It ran longer than its execution duration allows."
    link = current_app.url_map.bind("").build("jobs.show", {"job_id": job_id})
    tell(end.owner, end.event, f"{heading[end.event]}: {name}", link=link, text=text, job_id=job_id)


def tell(
    owner: str, event: Event, title: str, *, link: str, text: str = "", job_id: str | None = None
) -> None:
    """Write a notice, and that it is to be sent, if its owner wants one; does not commit.

    `link` is a path below the portal's address. A notice with a `job_id` goes with that job.
    """
    chosen = choices_of(owner)
    if owner in (NOBODY, SCHEDULER) or not (event == Event.PORTAL or event in chosen.events):
        return
    now = clock()
    notice = Notice(
        owner=owner,
        event=event,
        title=_cut(title, TITLE_LENGTH),
        text=_cut(text, TEXT_LENGTH),
        link=link,
        job_id=job_id,
        creation_time=now,
    )
    db.session.add(notice)
    db.session.flush()
    channels = channels_of(owner, chosen)
    db.session.add_all(
        Sending(notice_id=notice.id, owner=owner, channel=channel, due=now) for channel in channels
    )


def _cut(text: str, most: int) -> str:
    """Return a text as one line that is not too long, and that databases take."""
    line = " ".join(text.replace("\x00", "\ufffd").split())
    return line if len(line) <= most else line[: most - 1] + "…"

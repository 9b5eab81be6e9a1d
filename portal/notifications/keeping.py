"""The notices of an owner and what he chose about them, all at once."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts.belongings import AfterCommit
from portal.accounts.belongings import Belongings
from portal.accounts.belongings import nothing_more
from portal.db import db
from portal.notifications.models import Notice
from portal.notifications.models import NoticeChoice
from portal.notifications.models import Sending
from portal.notifications.models import Webhook

ALONE = (NoticeChoice, Webhook)  # one of each for an owner
AT_ONCE = {"synchronize_session": False}


def _take_over(earlier: str, owner: str) -> None:
    """Give notices to the new owner; of choices his own stay, if he made any."""
    for kept in (Notice, Sending):
        statement = update(kept).where(kept.owner == earlier).values(owner=owner)
        db.session.execute(statement.execution_options(**AT_ONCE))
    chosen = update(NoticeChoice).where(
        NoticeChoice.owner == earlier,
        ~select(NoticeChoice.owner).where(NoticeChoice.owner == owner).exists(),
    )
    db.session.execute(chosen.values(owner=owner).execution_options(**AT_ONCE))
    for table in ALONE:
        db.session.execute(delete(table).where(table.owner == earlier).execution_options(**AT_ONCE))


def _export(owner: str) -> Iterator[dict[str, Any]]:
    for choice in db.session.scalars(select(NoticeChoice).where(NoticeChoice.owner == owner)):
        yield {
            "events": choice.events,
            "min_seconds": choice.min_seconds,
            "by_mail": choice.by_mail,
        }
    for hook in db.session.scalars(select(Webhook).where(Webhook.owner == owner)):
        yield {"webhook": hook.url, "creation_time": hook.creation_time, "off_time": hook.off_time}
    notices = select(Notice).where(Notice.owner == owner).order_by(Notice.creation_time)
    for one in db.session.scalars(notices):
        yield {
            "event": one.event,
            "title": one.title,
            "text": one.text,
            "link": one.link,
            "creation_time": one.creation_time,
            "read_time": one.read_time,
        }


def _delete(owner: str) -> AfterCommit:
    for table in (Sending, Notice, *ALONE):
        statement = delete(table).where(table.owner == owner)
        db.session.execute(statement.execution_options(**AT_ONCE))
    return nothing_more


NOTICES = Belongings(id="notices", take_over=_take_over, export=_export, delete=_delete)

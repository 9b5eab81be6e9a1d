"""The offers of an owner, all at once: taken over, described, deleted."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts.belongings import AfterCommit
from portal.accounts.belongings import Belongings
from portal.accounts.belongings import nothing_more
from portal.analysis.planning.models import Offer
from portal.analysis.planning.models import OfferSet
from portal.db import db

AT_ONCE = {"synchronize_session": False}


def _take_over(earlier: str, owner: str) -> None:
    statement = update(OfferSet).where(OfferSet.owner == earlier).values(owner=owner)
    db.session.execute(statement.execution_options(**AT_ONCE))


def _export(owner: str) -> Iterator[dict[str, Any]]:
    query = (
        select(OfferSet, Offer)
        .join(Offer, Offer.set_id == OfferSet.id)
        .where(OfferSet.owner == owner)
        .order_by(OfferSet.creation_time, Offer.position)
    )
    for whole, offer in db.session.execute(query):
        yield {
            "title": whole.title,
            "repository": whole.repository,
            "ref": whole.ref,
            "path": whole.path,
            "data": whole.data,
            "creation_time": whole.creation_time,
            "facility": offer.facility_id,
            "decision": offer.decision,
            "job_id": offer.job_id,
        }


def _delete(owner: str) -> AfterCommit:
    statement = delete(OfferSet).where(OfferSet.owner == owner)
    db.session.execute(statement.execution_options(**AT_ONCE))
    return nothing_more


OFFERS = Belongings(id="offers", take_over=_take_over, export=_export, delete=_delete)

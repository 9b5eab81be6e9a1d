"""The workflows that an owner added, all at once: taken over, described, deleted."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts.belongings import AfterCommit
from portal.accounts.belongings import Belongings
from portal.accounts.belongings import nothing_more
from portal.analysis.workflows.models import OwnWorkflow
from portal.db import db


def _take_over(earlier: str, owner: str) -> None:
    db.session.execute(update(OwnWorkflow).where(OwnWorkflow.owner == earlier).values(owner=owner))


def _export(owner: str) -> Iterator[dict[str, Any]]:
    query = select(OwnWorkflow).where(OwnWorkflow.owner == owner)
    for one in db.session.scalars(query.order_by(OwnWorkflow.creation_time, OwnWorkflow.id)):
        yield {
            "title": one.title,
            "repository": one.repository,
            "ref": one.ref,
            "path": one.path,
            "type": one.type,
            "creation_time": one.creation_time,
        }


def _delete(owner: str) -> AfterCommit:
    db.session.execute(delete(OwnWorkflow).where(OwnWorkflow.owner == owner))
    return nothing_more


WORKFLOWS = Belongings(id="workflows", take_over=_take_over, export=_export, delete=_delete)

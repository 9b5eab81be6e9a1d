"""The sessions of an owner, all at once: taken over, described, ended."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy import update

from portal.accounts.belongings import AfterCommit
from portal.accounts.belongings import Belongings
from portal.accounts.belongings import nothing_more
from portal.analysis.models import AnalysisSession
from portal.analysis.models import LIVE
from portal.analysis.models import Stage
from portal.db import db
from portal.uws.callers import SCHEDULER

AT_ONCE = {"synchronize_session": False}
TOLD = (
    "id",
    "facility_id",
    "title",
    "repository",
    "ref",
    "commit",
    "path",
    "file_count",
    "stage",
    "creation_time",
    "ready_time",
    "end_time",
)


def _take_over(earlier: str, owner: str) -> None:
    """Make sessions another owner's."""
    statement = update(AnalysisSession).where(AnalysisSession.owner == earlier).values(owner=owner)
    db.session.execute(statement.execution_options(**AT_ONCE))


def _export(owner: str) -> Iterator[dict[str, Any]]:
    query = select(AnalysisSession).where(AnalysisSession.owner == owner)
    for row in db.session.scalars(query.order_by(AnalysisSession.creation_time)):
        yield {name: getattr(row, name) for name in TOLD}


def _delete(owner: str) -> AfterCommit:
    """Have what runs ended; the rows stay, as nobody's, until that is done."""
    mine = AnalysisSession.owner == owner
    live = update(AnalysisSession).where(mine, AnalysisSession.stage.in_(LIVE))
    db.session.execute(live.values(stage=Stage.STOPPING).execution_options(**AT_ONCE))
    anonymous = {
        "owner": SCHEDULER,
        "title": "",
        "repository": "",
        "ref": "",
        "path": None,
        "workflow_id": "",
        "basket_id": None,
        "message": "",
        "problem": "",
    }
    rest = update(AnalysisSession).where(mine).values(**anonymous)
    db.session.execute(rest.execution_options(**AT_ONCE))
    return nothing_more


SESSIONS = Belongings(id="sessions", take_over=_take_over, export=_export, delete=_delete)

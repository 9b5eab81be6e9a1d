"""Checking the links of a basket: the job that asks for them, and what it found at the items."""

import io
import json
from collections.abc import Sequence
from typing import Any

from flask import current_app
from sqlalchemy import bindparam
from sqlalchemy import update

from portal.basket.changes import note_change
from portal.basket.contents import list_items
from portal.basket.models import BasketItem
from portal.basket.reach import get_basket
from portal.basket.reach import try_hold
from portal.basket.reach import Visitor
from portal.basket.visitors import visitor_of
from portal.db import clock
from portal.db import db
from portal.links import safe_href
from portal.plugins.linkcheck.query import LinkCheckParameters
from portal.plugins.linkcheck.query import QUERY_ID
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.results.keys import ResultKey
from portal.results.store import ResultStore
from portal.uws.gateway import ResultRecord
from portal.uws.limits import Wishes
from portal.uws.models import Job
from portal.uws.service import jobs
from portal.uws.uploads import SentFile

LINKS = "links:"
TEXT_LENGTH = 200
NEEDED = frozenset({"item", "access_url", "state", "size", "type"})

NOTE_STATE = (
    update(BasketItem)
    .where(
        BasketItem.id == bindparam("item_"),
        BasketItem.basket_id == bindparam("basket_"),
        BasketItem.access_url == bindparam("url_"),
    )
    .values(
        checked_time=bindparam("now_", type_=BasketItem.checked_time.type),
        link_state=bindparam("state_"),
        link_size=bindparam("size_"),
        link_type=bindparam("type_"),
    )
)


def check_links(ref: str, visitor: Visitor) -> str:
    """Make a job that checks the links of a basket, and return its id.

    Raises NotFoundError, ForbiddenError, and UsageError for a basket without links.
    """
    basket = get_basket(ref, visitor)
    items = list_items(ref, visitor)
    links = [(one.id, one.access_url) for one in items if safe_href(one.access_url)]
    if not links:
        raise UsageError("No item of this basket has a link.")
    written = "\n".join(json.dumps({"item": item, "url": url}) for item, url in links)
    file = SentFile(
        name="links.jsonl", mime_type="application/jsonl", content=io.BytesIO(written.encode())
    )
    return jobs().create_job(
        QUERY_ID,
        LinkCheckParameters(links=file.reference, title=basket.name, maxrec=None),
        owner=visitor.owner,
        wishes=Wishes(on_completion=LINKS + ref),
        run=True,
        files=[file],
    )


def read_states(job: Job, token: str, records: Sequence[ResultRecord]) -> list[dict[str, Any]]:
    """Return what a check has found, as values of `NOTE_STATE`; nothing where there is no table."""
    store: ResultStore = current_app.extensions["results"]
    found: list[dict[str, Any]] = []
    for record in records:
        if job.type != QUERY_ID or "rows" not in record.info:
            continue
        try:
            opened = store.open(ResultKey(job_id=job.id, token=token, name=record.name))
        except NotFoundError:
            continue
        if {column.name for column in opened.columns} >= NEEDED:
            for batch in opened.batches():
                found += map(_values, batch.to_pylist())
    return found


def note_states(owner: str, ref: str, found: Sequence[dict[str, Any]]) -> None:
    """Write at the items what was found; commits nothing."""
    held = try_hold(ref, visitor_of(owner))
    if held is None or not found:
        return
    rest = {"basket_": held.id, "now_": clock()}
    connection = db.session.connection()
    connection.execute(NOTE_STATE, [one | rest for one in found])
    note_change(held, "checked", count=len(found))


def _values(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "item_": row["item"],
        "url_": row["access_url"],
        "state_": (row["state"] or "")[:TEXT_LENGTH],
        "size_": row["size"],
        "type_": None if row["type"] is None else row["type"][:TEXT_LENGTH],
    }

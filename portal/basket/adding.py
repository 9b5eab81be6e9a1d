"""Ways into a basket: rows of results, whole results, addresses, and what programs send."""

import hashlib
import math
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

from portal.basket.baskets import ensure_current
from portal.basket.changes import note_change
from portal.basket.models import BasketItem
from portal.basket.models import IS_LIVE
from portal.basket.models import LARGEST
from portal.basket.models import new_id
from portal.basket.models import WHOLE_RESULT
from portal.basket.reach import CURRENT
from portal.basket.reach import Held
from portal.basket.reach import hold
from portal.basket.reach import Visitor
from portal.db import clock
from portal.db import db
from portal.links import safe_href
from portal.links import short_address
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import DataItem
from portal.problems import UsageError
from portal.results.keys import ResultKey
from portal.results.opened import OpenResult
from portal.results.paging import take
from portal.results.store import ResultStore
from portal.uws.models import Job
from portal.uws.service import jobs

MOST_SINGLE_ROWS = 1_000
MOST_ITEMS = 20_000  # of one basket
MOST_ADDRESS = 4_000  # characters
MOST_RECEIVED = 1_000  # at once
SENDER_LENGTH = 100
LONGEST_TITLE = 2_000
LONGEST_TEXT = 20_000

Values = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """How many items were added, and how many were there already."""

    new: int
    known: int


def add_from_job(
    ref: str,
    visitor: Visitor,
    job_id: str,
    result_name: str,
    row_numbers: Collection[int] | None,
    *,
    version: int | None = None,
) -> Added:
    """Put rows of a result of the visitor's job into a basket; None stands for all rows.

    Raises NotFoundError for what is not his, UsageError for what cannot be added.
    """
    job = jobs().get_job(job_id, owner=visitor.owner)
    result = jobs().get_result(job.id, result_name, owner=visitor.owner)
    if result.partial:
        raise UsageError("This result is still arriving. Add its rows when the job has ended.")
    store: ResultStore = current_app.extensions["results"]
    opened = store.open(ResultKey(job_id=job.id, token=result.token, name=result.name))
    registry: PluginRegistry = current_app.extensions["plugins"]
    rows = rows_as_items(job, result.name, opened, row_numbers, registry=registry)
    return put(ref, visitor, rows, version=version)


def rows_as_items(
    job: Job,
    result_name: str,
    result: OpenResult,
    row_numbers: Collection[int] | None,
    *,
    registry: PluginRegistry,
) -> list[Values]:
    """Return rows of a result as values of items; None stands for all rows.

    All rows of a result longer than `MOST_SINGLE_ROWS` become one item. Raises UsageError when
    there is nothing to add, and for a row that is not there.
    """
    if row_numbers is None and result.rows > MOST_SINGLE_ROWS:
        return [whole_result(job, result_name, result.rows, registry=registry)]
    query = registry.query(job.type)
    numbers = sorted(set(range(result.rows) if row_numbers is None else row_numbers))
    _check_rows(numbers, result)
    items = query.to_items(result.columns, take(result, numbers).values.to_pylist())
    return [
        _of_job(job, result_name, number, item, registry)
        for number, item in zip(numbers, items, strict=True)
    ]


def whole_result(job: Job, result_name: str, rows: int, *, registry: PluginRegistry) -> Values:
    """Return the values of the item that stands for all rows of a result."""
    item = DataItem(title=f"All {rows:,} rows of: {job.title}")
    values = _of_job(job, result_name, WHOLE_RESULT, item, registry)
    return values | {"row_count": rows, "origin": "result"}


def add_address(
    ref: str,
    visitor: Visitor,
    url: str,
    *,
    title: str = "",
    note: str = "",
    version: int | None = None,
) -> Added:
    """Put an address that somebody typed into a basket; only whole http and https ones.

    Raises UsageError for any other.
    """
    values = address_as_item(url, title=title, source="Typed in by hand")
    return put(ref, visitor, [values | {"note": _storable(note.strip()[:2_000])}], version=version)


def address_as_item(url: str, *, title: str, source: str) -> Values:
    """Return the values of the item for an address; raises UsageError for what is none."""
    href = safe_href(url)
    if href is None or len(href) > MOST_ADDRESS:
        raise UsageError("Give the whole address of a file, which begins with https:// or http://.")
    tidy = " ".join("".join(one if one.isprintable() else " " for one in title).split())
    item = DataItem(title=tidy[:300] or short_address(href), access_url=href)
    return _of_item(item, origin="url", identity=_identity("url", href), source=source)


def add_received(
    owner: str, items: Sequence[DataItem], *, sender: str, ref: str = CURRENT
) -> Added:
    """Put what another program sent, by SAMP for example, into a basket of the owner.

    `sender` is that program's own name, and is shown. An item that the basket has already, by
    all that it says of itself, stays as it is. An address that is no whole http or https one is
    left out of its item. Raises UsageError for none and for too many items, NotFoundError for
    a basket that is not the owner's.
    """
    if not 0 < len(items) <= MOST_RECEIVED:
        raise UsageError(f"Between 1 and {MOST_RECEIVED:,} items can be received at once.")
    name = "".join(filter(str.isprintable, sender))[:SENDER_LENGTH] or "another program"
    rows = [_received(item, name) for item in items]
    return put(ref, Visitor(owner=owner), rows)


def put(ref: str, visitor: Visitor, rows: Sequence[Values], *, version: int | None = None) -> Added:
    """Put items into a basket, each once; what is there already stays as it is.

    The current basket is made if there is none. Raises NotFoundError, ForbiddenError,
    ChangedMeanwhileError, and UsageError when the basket would be too full.
    """
    if ref == CURRENT and version is None:
        ensure_current(visitor.owner)
    held = hold(ref, visitor, version=version)
    added = insert(held, rows)
    db.session.commit()
    return added


def insert(
    held: Held, rows: Sequence[Values], *, kind: str = "added", source: str | None = None
) -> Added:
    """Insert items into a basket that is being changed; commits nothing.

    It is written down as a change of this kind; `source` is the basket they were in.
    Raises UsageError, and takes everything back, when the basket would be too full.
    """
    change_id, now = new_id(), clock()
    before = count_live(held.id)
    filled = [
        {"id": new_id(), "basket_id": held.id, "added_time": now, "added_by": change_id, **row}
        for row in rows
    ]
    statement = _INSERTS[db.engine.dialect.name](_TABLE).on_conflict_do_nothing(
        index_elements=["basket_id", "identity"], index_where=IS_LIVE
    )
    db.session.execute(statement, filled)
    after = count_live(held.id)
    if after > MOST_ITEMS:
        db.session.rollback()
        raise UsageError(
            f"A basket holds up to {MOST_ITEMS:,} items. Add all rows of a result instead of "
            "single ones, or use another basket."
        )
    new = after - before
    if new:
        about = about_items([row["title"] for row in rows], source)
        note_change(held, kind, count=new, about=about, change_id=change_id)
    return Added(new=new, known=len(rows) - new)


def about_items(titles: Sequence[str], source: str | None = None) -> str:
    """Return in words which items a change is about."""
    words = titles[0] if len(titles) == 1 else f"{titles[0]} and others"
    return f"{source}: {words}" if source else words


def count_live(basket_id: str) -> int:
    """Count the items in a basket."""
    query = select(func.count(BasketItem.id)).where(
        BasketItem.basket_id == basket_id, BasketItem.removed_by.is_(None)
    )
    return db.session.scalar(query) or 0


_TABLE = BasketItem.__table__
_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def _check_rows(numbers: Sequence[int], result: OpenResult) -> None:
    if not numbers:
        raise UsageError("Tick the rows that you want to put into the basket first.")
    if numbers[0] < 0 or numbers[-1] >= result.rows:
        raise UsageError("One of these rows is not in the result.")


def _of_job(
    job: Job, result_name: str, number: int, item: DataItem, registry: PluginRegistry
) -> Values:
    return _values(item) | {
        "identity": f"{job.id}/{result_name}/{number}",
        "origin": "row",
        "archive_id": registry.archive_of(job.type).id,
        "job_id": job.id,
        "result_name": result_name,
        "row_number": number,
        "row_count": 1,
        "source_query": job.text[:LONGEST_TEXT],
        "note": "",
    }


def _received(item: DataItem, sender: str) -> Values:
    values = _values(item)
    values["access_url"] = safe_href(values["access_url"])
    values["title"] = (values["title"] or "Without a title")[:300]
    written = "\n".join(f"{name}={value}" for name, value in sorted(values.items()))
    return _of_item(
        DataItem(**values),
        origin="samp",
        identity=_identity("samp", written),
        source=f"Received from {sender}",
    )


def _of_item(item: DataItem, *, origin: str, identity: str, source: str) -> Values:
    return _values(item) | {
        "identity": identity,
        "origin": origin,
        "archive_id": "",
        "job_id": None,
        "result_name": None,
        "row_number": None,
        "row_count": 1,
        "source_query": source,
        "note": "",
    }


def _identity(kind: str, text: str) -> str:
    return f"{kind}/{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}"


def _values(item: DataItem) -> Values:
    """Return what an item says of itself, without what databases refuse or cannot sum up."""
    title = item.title[:LONGEST_TITLE]
    size = item.access_estsize
    is_size = size is not None and 0 <= size <= LARGEST
    known = asdict(item) | {"title": title, "access_estsize": size if is_size else None}
    return {name: _storable(value) for name, value in known.items()}


def _storable(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if not isinstance(value, str):
        return value
    text = value.encode(errors="replace").decode().replace("\0", "\ufffd")
    return text if len(text) <= LONGEST_TEXT else None

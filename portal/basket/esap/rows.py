"""The rows that items came from, where their results are still kept."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from flask import current_app

from portal.basket.models import BasketItem
from portal.problems import NotFoundError
from portal.results.keys import ResultKey
from portal.results.paging import take
from portal.results.store import ResultStore
from portal.uws.service import jobs


def rows_of(items: Sequence[BasketItem], owner: str) -> dict[str, dict[str, Any]]:
    """Return rows by the ids of their items; what is gone, or another's, is left out."""
    by_result: dict[tuple[str, str], list[BasketItem]] = defaultdict(list)
    for item in items:
        if item.origin == "row" and item.job_id and item.result_name:
            by_result[item.job_id, item.result_name].append(item)
    found: dict[str, dict[str, Any]] = {}
    for (job_id, name), wanted in by_result.items():
        found |= _read(job_id, name, wanted, owner)
    return found


def _read(
    job_id: str, name: str, items: Sequence[BasketItem], owner: str
) -> dict[str, dict[str, Any]]:
    store: ResultStore = current_app.extensions["results"]
    ordered = sorted(items, key=lambda item: item.row_number or 0)
    try:
        result = jobs().get_result(job_id, name, owner=owner)
        opened = store.open(ResultKey(job_id=job_id, token=result.token, name=name))
    except NotFoundError:
        return {}
    numbers = [item.row_number or 0 for item in ordered]
    if result.partial or numbers[-1] >= opened.rows:  # the job was run again
        return {}
    rows = take(opened, numbers).values.to_pylist()
    return {item.id: row for item, row in zip(ordered, rows, strict=True)}

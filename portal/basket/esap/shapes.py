"""Items in ESAP's shapes: one for each of its archives, and a JSON text inside of the JSON."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from flask import current_app

from portal.basket.models import BasketItem
from portal.plugins.registry import PluginRegistry
from portal.problems import NotFoundError

Row = Mapping[str, Any]

IN_LISTS = frozenset({"vo_reg", "samp"})
PROJECT = re.compile(  # what citizens have classified, of a project or one of its workflows
    r"(?P<archive>[a-z]+)://project/(?P<project>\d+)(?:/workflow/(?P<workflow>\d+))?/(?P<category>\w+)"
)
FIELDS = (
    *("title", "publisher_did", "obs_id", "obs_collection", "dataproduct_type", "target_name"),
    *("s_ra", "s_dec", "access_url", "access_format", "access_estsize"),
)
# ESAP's own names for what its pages showed.
NAMES = {
    "name": "target_name",
    "ra": "s_ra",
    "dec": "s_dec",
    "url": "access_url",
    "collection": "obs_collection",
    "size": "access_estsize",
}


def shopping_item(item: BasketItem, row: Row | None, user_profile: str) -> dict[str, Any]:
    """Return an item as a part of a shopping cart; `row` is the one it came from, if it is kept."""
    # One of ESAP's connectors takes every apostrophe for a quotation mark.
    text = json.dumps(_data(item, row), default=str).replace("'", "\\u0027")
    return {"item_data": text, "user_profile": user_profile}


def _data(item: BasketItem, row: Row | None) -> dict[str, Any]:
    classified = PROJECT.fullmatch(item.publisher_did or "")
    if classified is not None:
        return _project(classified)
    archive = _archive(item)
    record = _record(item, row)
    return {"archive": archive, "record": [*record.values()] if archive in IN_LISTS else record}


def _archive(item: BasketItem) -> str:
    if item.origin in ("samp", "url"):
        return item.origin
    registry: PluginRegistry = current_app.extensions["plugins"]
    try:
        known = registry.archive(item.archive_id).esap_name
    except NotFoundError:  # its plugin is gone
        known = ""
    return known or item.archive_id.replace("-", "_")


def _record(item: BasketItem, row: Row | None) -> dict[str, Any]:
    """Return the row under its own names, then what ObsCore and ESAP call things."""
    if item.is_whole_result:
        return {"title": item.title, "job": item.job_id, "rows": item.row_count}
    own = {name: _plain(value) for name, value in (row or {}).items()}
    if row is not None and _archive(item) in IN_LISTS:
        return own
    obscore = {name: _plain(getattr(item, name)) for name in FIELDS}
    if _archive(item) in IN_LISTS:
        return obscore
    return obscore | {name: obscore[source] for name, source in NAMES.items()} | own


def _project(found: re.Match[str]) -> dict[str, Any]:
    data: dict[str, Any] = {"archive": found["archive"], "catalog": "project"}
    data["project_id"] = int(found["project"])
    if found["workflow"]:
        data |= {"catalog": "workflow", "workflow_id": int(found["workflow"])}
    return data | {"category": found["category"]}


def _plain(value: Any) -> Any:
    """Return a value that JSON has: no NaN, no infinity."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

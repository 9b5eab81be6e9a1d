"""The caller's basket as JSON, for programs: list the items, add rows, remove, empty."""

from dataclasses import asdict
from typing import Annotated
from typing import Any
from typing import Literal
from typing import Self

from flask import Blueprint
from flask import request
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import ValidationError

from portal.accounts.owner import find_owner
from portal.basket import service
from portal.basket.models import BasketItem
from portal.display import iso
from portal.problems import UsageError
from portal.uws.callers import NOBODY
from portal.uws.callers import UnauthorizedError

bp = Blueprint("basket_api", __name__, url_prefix="/api/basket")
MOST_LISTED = 1000


class _Sent(BaseModel):
    """What a caller sends, read or refused."""

    @classmethod
    def read(cls, sent: object) -> Self:
        """Check what was sent; raises UsageError."""
        if not isinstance(sent, dict):
            raise UsageError("Send a JSON object.")
        try:
            return cls.model_validate(sent)
        except ValidationError as error:
            raise UsageError(_words(error)) from None


class _Addition(_Sent):
    """Rows of a result, by their numbers from 0, or all of them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    job: str
    result: str = "result"
    rows: Literal["all"] | list[Annotated[int, Field(ge=0)]]


class _Removal(_Sent):
    """Items by their ids."""

    model_config = ConfigDict(extra="forbid", strict=True)

    items: Annotated[list[str], Field(max_length=service.MOST_ITEMS)]


class _Piece(_Sent):
    """Which part of a long list is asked for."""

    offset: Annotated[int, Field(ge=0, le=service.MOST_ITEMS)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_LISTED)] = MOST_LISTED


@bp.get("/items")
def index() -> dict[str, Any]:
    """List the items, those added last first; `offset` and `limit` take a piece of the list."""
    piece = _Piece.read(request.args.to_dict())
    owner = find_owner()
    items = service.list_items(owner, offset=piece.offset, limit=piece.limit)
    return {"count": service.count_items(owner), "items": [_written(item) for item in items]}


@bp.post("/items")
def add() -> dict[str, Any]:
    """Put rows of a result into the basket; says how many are new, and how many known."""
    wanted = _Addition.read(_body())
    rows = None if wanted.rows == "all" else wanted.rows
    return asdict(service.add_from_job(_basket_owner(), wanted.job, wanted.result, rows))


@bp.post("/remove")
def remove() -> dict[str, Any]:
    """Remove items; says how many were there."""
    wanted = _Removal.read(_body())
    return {"removed": service.remove_items(_basket_owner(), wanted.items)}


@bp.delete("/items")
def empty() -> dict[str, Any]:
    """Remove every item; says how many there were."""
    return {"removed": service.empty_basket(_basket_owner())}


def _basket_owner() -> str:
    """Return whose basket is changed; a program without a token would never find its own again."""
    owner = find_owner()
    if owner == NOBODY:
        raise UnauthorizedError("A basket belongs to somebody: send an API token.")
    return owner


def _body() -> object:
    try:
        return request.get_json(silent=True)
    except RecursionError:  # nothing but brackets
        return None


def _words(error: ValidationError) -> str:
    """Write the first few errors of a body in one line each."""
    found = [(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors()[:5]]
    return "; ".join(f"{place}: {words}" if place else words for place, words in found)


def _written(item: BasketItem) -> dict[str, Any]:
    """Write an item: where it comes from, and ObsCore's words for it (ObsCore 1.1, table 1)."""
    return {
        "id": item.id,
        "archive": item.archive_id,
        "job": item.job_id,
        "result": item.result_name,
        "row": None if item.is_whole_result else item.row_number,
        "rows": item.row_count,
        "added": iso(item.added_time),
        "title": item.title,
        "dataproduct_type": item.dataproduct_type,
        "obs_collection": item.obs_collection,
        "obs_id": item.obs_id,
        "obs_publisher_did": item.publisher_did,
        "target_name": item.target_name,
        "s_ra": item.s_ra,
        "s_dec": item.s_dec,
        "access_url": item.access_url,
        "access_format": item.access_format,
        "access_estsize": item.access_estsize,
    }

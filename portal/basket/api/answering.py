"""What all addresses of the API have in common: errors, versions, and how a basket is written."""

import re
from http import HTTPStatus
from typing import Any

from flask import Blueprint
from flask import request
from flask import Response
from pydantic import BaseModel

from portal.basket import baskets
from portal.basket import contents
from portal.basket import wire
from portal.basket.models import Basket
from portal.basket.reach import CURRENT
from portal.basket.reach import get_basket
from portal.basket.reach import may_edit
from portal.basket.reach import Visitor
from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.problems import UsageError
from portal.uws.answers import problem_answer

TAG = "baskets"
ETAG = re.compile(r'\s*(?:W/)?"(\d{1,18})"\s*')

bp = Blueprint("basket_api", __name__, url_prefix="/api/baskets")


@bp.errorhandler(PortalError)
def show_problem(error: PortalError) -> Response:
    """Answer every error as JSON (RFC 9457), whatever the caller says that it accepts."""
    response = problem_answer(error.problem())
    for name, value in error.headers:
        response.headers.add(name, value)
    return response


def find(ref: str, visitor: Visitor) -> Basket:
    """Return a basket; raises NotFoundError, in other words while the caller has none."""
    if ref == CURRENT and visitor.owner and contents.current_name(visitor.owner) is None:
        raise NotFoundError("You have no basket yet. Add something, or make one.")
    return get_basket(ref, visitor)


def written(basket: Basket, ref: str, visitor: Visitor) -> wire.BasketOut:
    """Return a basket as it is answered, under the name by which the caller came to it."""
    owned = basket.owner == visitor.owner
    current = [one for one in baskets.list_baskets(visitor.owner) if one.is_current]
    return wire.BasketOut.of(
        basket,
        ref=ref,
        owned=owned,
        editable=owned or may_edit(ref, visitor),
        current=any(one.basket.id == basket.id for one in current),
        total=contents.total(ref, visitor),
    )


def expected_version() -> int | None:
    """Return the version that the caller thinks the basket has (If-Match, RFC 9110 13.1.1)."""
    sent = request.headers.get("If-Match", "").strip()
    if sent in ("", "*"):
        return None
    found = ETAG.fullmatch(sent)
    if found is None:
        raise UsageError("If-Match takes one ETag of this basket, or *.")
    return int(found[1])


def answer(body: BaseModel, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Answer a document."""
    return Response(body.model_dump_json(), status=status, mimetype="application/json")


def tagged(response: Response, basket: Basket) -> Response:
    """Give an answer the version of its basket as ETag; a caller who has it gets 304."""
    response.set_etag(str(basket.version))
    made: Any = response.make_conditional(request)
    return response if made is None else made

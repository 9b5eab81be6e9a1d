"""ESAP's address of baskets: `GET /esap-api/accounts/user-profiles/`, which its clients ask."""

from typing import Any

from flask import Blueprint
from flask import jsonify
from flask import request
from flask import Response

from portal.accounts.authorization import find_caller_token
from portal.accounts.esap_tokens import is_signed_here
from portal.accounts.owner import find_owner
from portal.accounts.tokens import owner_name
from portal.accounts.tokens import Scope
from portal.basket.contents import list_current
from portal.basket.esap.rows import rows_of
from portal.basket.esap.shapes import shopping_item
from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.uws.answers import problem_answer
from portal.uws.callers import NOBODY
from portal.uws.callers import UnauthorizedError

bp = Blueprint("esap", __name__, url_prefix="/esap-api")


@bp.errorhandler(PortalError)
def show_problem(error: PortalError) -> Response:
    """Answer every error as JSON (RFC 9457), whatever the caller says that it accepts."""
    response = problem_answer(error.problem())
    for name, value in error.headers:
        response.headers.add(name, value)
    return response


@bp.get("/accounts/user-profiles/")
def list_profiles() -> Response:
    """List the profiles that the caller may see, which is his own, with his current basket.

    Raises UnauthorizedError without a token; a name in the address opens nothing.
    """
    profile = _profile(_caller())
    return jsonify({"count": 1, "next": None, "previous": None, "results": [profile]})


@bp.get("/accounts/user-profiles/<name>/")
def show_profile(name: str) -> Response:
    """Show the caller's own profile by its name; raises NotFoundError for every other."""
    owner = _caller()
    if name != _user_name(owner):
        raise NotFoundError("There is no such profile.")
    return jsonify(_profile(owner))


def _caller() -> str:
    token = find_caller_token()
    if token is not None and token.scope is Scope.ESAP:
        presented = request.authorization
        if presented is None or not is_signed_here(presented.token or presented.password or ""):
            raise UnauthorizedError("This token was not signed here.")
        return token.owner
    owner = find_owner()
    if owner == NOBODY:
        raise UnauthorizedError("Send the token that the page of your account makes.")
    return owner


def _profile(owner: str) -> dict[str, Any]:
    name = _user_name(owner)
    items = list_current(owner)
    rows = rows_of(items, owner)
    return {
        "user_name": name,
        "full_name": name,
        "user_email": "",
        "query_schema": None,
        "software_repositories": [],
        "compute_resources": [],
        "shopping_cart": [shopping_item(item, rows.get(item.id), name) for item in items],
    }


def _user_name(owner: str) -> str:
    return owner_name(owner) or "me"

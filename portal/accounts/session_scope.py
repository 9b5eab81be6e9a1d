"""What the token of a session opens: one basket to read, its items, and the results in them.

It is held by a machine of a facility, and by everything that runs there.
"""

from collections.abc import Callable

from flask import current_app
from flask import request

from portal.accounts.tokens import KnownToken
from portal.uws.callers import ForbiddenError

EXTENSION = "session_scope"
BASKET_ENDPOINTS = frozenset(
    {"basket_api.show", "basket_api.list_items", "basket_api.show_item", "basket.download_script"}
)
RESULT_ENDPOINTS = frozenset({"results.download", "results.file", "uws_parts.show_result"})
READING = frozenset({"GET", "HEAD"})
ResultInBasket = Callable[[str, str, str], bool]
"""Gets the ids of a basket and of a job, and the name of a result."""


def check_session(token: KnownToken) -> None:
    """Raise ForbiddenError for every request that a session's token does not open."""
    if not _is_opened(token):
        raise ForbiddenError("This token is one of a session: it reads its basket, and no more.")


def _is_opened(token: KnownToken) -> bool:
    given = request.view_args or {}
    if request.method not in READING or not token.basket_id:
        return False
    if request.endpoint in BASKET_ENDPOINTS:
        return bool(given.get("ref") == token.basket_id)
    if request.endpoint in RESULT_ENDPOINTS and "job_id" in given:
        in_basket: ResultInBasket = current_app.extensions[EXTENSION]
        return in_basket(token.basket_id, given["job_id"], given["name"])
    return False

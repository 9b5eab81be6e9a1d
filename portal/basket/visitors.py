"""Who asks for a basket in this request."""

from portal.accounts.owner import current_owner
from portal.accounts.owner import find_owner
from portal.basket.reach import CURRENT
from portal.basket.reach import Visitor
from portal.uws.callers import NOBODY
from portal.uws.callers import UnauthorizedError


def find_visitor() -> Visitor:
    """Return who asks; a browser new here is nobody, and reaches what links open."""
    return Visitor(owner=find_owner())


def current_visitor() -> Visitor:
    """Return who asks, and make a browser new here an owner: it is about to have a basket."""
    return Visitor(owner=current_owner())


def api_visitor(ref: str = CURRENT, *, to_change: bool = False) -> Visitor:
    """Return who calls the API.

    Raises UnauthorizedError where a caller without credentials means a basket of his own: he
    would never find it again.
    """
    owner = find_owner()
    if owner == NOBODY and (ref == CURRENT and to_change):
        raise UnauthorizedError("A basket belongs to somebody: send an API token.")
    return Visitor(owner=owner)

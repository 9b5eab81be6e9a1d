"""Who asks for a basket: in this request, or in whose name a job does."""

from portal.accounts.identity.people import groups_of
from portal.accounts.owner import current_owner
from portal.accounts.owner import find_owner
from portal.basket.reach import CURRENT
from portal.basket.reach import Visitor
from portal.uws.callers import NOBODY
from portal.uws.callers import UnauthorizedError


def visitor_of(owner: str) -> Visitor:
    """Return an owner as one who asks, with his groups."""
    return Visitor(owner=owner, groups=groups_of(owner))


def find_visitor() -> Visitor:
    """Return who asks; a browser new here is nobody, and reaches what links open."""
    return visitor_of(find_owner())


def current_visitor() -> Visitor:
    """Return who asks, and make a browser new here an owner: it is about to have a basket."""
    return visitor_of(current_owner())


def api_visitor(ref: str = CURRENT, *, to_change: bool = False) -> Visitor:
    """Return who calls the API.

    Raises UnauthorizedError where a caller without credentials means a basket of his own: he
    would never find it again.
    """
    owner = find_owner()
    if owner == NOBODY and (ref == CURRENT and to_change):
        raise UnauthorizedError("A basket belongs to somebody: send an API token.")
    return visitor_of(owner)

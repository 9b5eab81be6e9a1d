"""Who is asking: an anonymous owner known by a signed cookie."""

import uuid

from flask import session

from portal.accounts import models  # noqa: F401 - its tables belong to the database
from portal.uws.callers import NOBODY

OWNER_KEY = "owner"


def find_owner() -> str:
    """Return the owner of this browser; NOBODY, who owns nothing, for one that is new here."""
    owner: str = session.get(OWNER_KEY, NOBODY)
    return owner


def current_owner() -> str:
    """Return the owner of this browser; one is made, and its cookie sent, on first need."""
    owner = find_owner()
    if owner == NOBODY:
        owner = uuid.uuid4().hex
        session[OWNER_KEY] = owner
    session.permanent = True
    return owner

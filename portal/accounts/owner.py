"""Who is asking: an anonymous owner known by a signed cookie."""

import uuid

from flask import session

OWNER_KEY = "owner"
NOBODY = ""


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

"""Who is asking: an anonymous owner known by a signed cookie."""

import uuid

from flask import session

OWNER_KEY = "owner"


def find_owner() -> str | None:
    """Return the owner of this browser, or None for one that has nothing yet."""
    owner: str | None = session.get(OWNER_KEY)
    return owner


def current_owner() -> str:
    """Return the owner of this browser; one is made, and its cookie sent, on first need."""
    owner = find_owner()
    if owner is None:
        owner = uuid.uuid4().hex
        session[OWNER_KEY] = owner
    session.permanent = True
    return owner

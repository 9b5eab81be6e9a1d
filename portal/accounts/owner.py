"""Who is asking: by API token, signed in, by a browser's cookie, or the one whom all share."""

import uuid

from flask import current_app
from flask import request
from flask import session

from portal.accounts import models  # noqa: F401 - its tables belong to the database
from portal.accounts.authorization import find_caller_token
from portal.accounts.identity.logins import find_login
from portal.accounts.session_scope import check_session
from portal.accounts.tokens import KnownToken
from portal.accounts.tokens import owner_name
from portal.accounts.tokens import Scope
from portal.config import Settings
from portal.uws.callers import Caller
from portal.uws.callers import ForbiddenError
from portal.uws.callers import NOBODY
from portal.uws.callers import UnauthorizedError

OWNER_KEY = "owner"
SHARED_OWNER = "shared"


def find_owner() -> str:
    """Return the owner of this token or browser; NOBODY, who owns nothing, for one new here.

    Where somebody signed in in the browser it is the person. Without any of them it is the
    shared owner where `uws_anonymous` has one, whatever the cookie.
    Raises UnauthorizedError for a token that is not known, ForbiddenError for a worker's, and
    for what the one of a session does not open.
    """
    if (token := find_caller_token()) is not None:
        return _owner_of(token)
    if (login := find_login()) is not None:
        return login.owner
    if _settings().uws_anonymous == "shared":
        return SHARED_OWNER
    owner: str = session.get(OWNER_KEY, NOBODY)
    return owner


def current_owner() -> str:
    """Return the owner as `find_owner` does; a browser new here gets one, and its cookie."""
    owner = find_owner()
    if owner == NOBODY:
        owner = uuid.uuid4().hex
        session[OWNER_KEY] = owner
    if OWNER_KEY in session:
        session.permanent = True
    return owner


def browser_owner() -> str | None:
    """Return the owner that a browser is by its cookie alone, to be taken over at a sign-in."""
    owner: str | None = session.get(OWNER_KEY)
    return owner


def uws_caller() -> Caller:
    """Return who calls the UWS service: by token, by cookie, or as `uws_anonymous` has it."""
    address = request.remote_addr
    if (token := find_caller_token()) is not None:
        owner = _owner_of(token)
        return Caller(owner=owner, name=owner_name(owner), address=address)
    owner = find_owner()
    if (login := find_login()) is not None:
        return Caller(owner=owner, name=owner_name(login.owner), address=address)
    if owner == NOBODY and _settings().uws_anonymous == "off":
        raise UnauthorizedError("This portal takes jobs from callers with an API token only.")
    return Caller(owner=owner, address=address)


def worker_caller() -> Caller:
    """Return the worker that calls; a cookie is nothing here.

    Raises UnauthorizedError without a known token, ForbiddenError with a user's.
    """
    token = find_caller_token()
    if token is None:
        raise UnauthorizedError("Workers send a token that was made for them.")
    if token.scope is not Scope.WORKER:
        raise ForbiddenError("This token is not one of a worker.")
    return Caller(owner=token.owner, name=owner_name(token.owner), address=request.remote_addr)


def _owner_of(token: KnownToken) -> str:
    if token.scope is Scope.SESSION:
        check_session(token)
    elif token.scope is not Scope.USER:
        what = "one of a worker" if token.scope is Scope.WORKER else "one for ESAP's clients"
        raise ForbiddenError(f"This token is {what}; it opens nothing else.")
    return token.owner


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings

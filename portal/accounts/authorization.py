"""The token of a request, from its Authorization header (RFC 7617, RFC 6750)."""

import logging
from functools import partial

from flask import after_this_request
from flask import current_app
from flask import Flask
from flask import request
from flask import Response
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import Authorization

from portal.accounts.identity.bearer import find_bearer_owner
from portal.accounts.tokens import find_token
from portal.accounts.tokens import KnownToken
from portal.accounts.tokens import note_use
from portal.accounts.tokens import PREFIX
from portal.accounts.tokens import Scope
from portal.uws.callers import UnauthorizedError

FOUND = "portal.token"  # in the WSGI environment, which lives as long as the request

log = logging.getLogger(__name__)


def find_caller_token() -> KnownToken | None:
    """Return the token that this request came with, looked up once; None: no credentials.

    Basic carries it as the password, with any user name, or as the user name with an empty
    password; with neither it is no credentials. Raises UnauthorizedError for a token that is
    not known here or has expired, and for a header of any other kind.
    """
    if FOUND not in request.environ:
        presented = _presented_secret()
        request.environ[FOUND] = None if presented is None else _look_up(*presented)
    found: KnownToken | None = request.environ[FOUND]
    return found


def _presented_secret() -> tuple[str, bool] | None:
    """Return the secret of the header, and whether it came as Bearer; None: there is none."""
    header = request.headers.get("Authorization", "").strip()
    if not header:
        return None
    presented = Authorization.from_header(header)
    if presented is not None and presented.type == "basic":
        secret = presented.password or presented.username
        return (secret, False) if secret else None
    if presented is not None and presented.type == "bearer":
        return presented.token or "", True
    return "", False


def _look_up(secret: str, is_bearer: bool) -> KnownToken:  # noqa: FBT001
    token = find_token(secret) or (_of_a_provider(secret) if is_bearer else None)
    if token is None:
        raise UnauthorizedError("This token is not known here, or has expired.")
    if not token.is_noted:
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
        after_this_request(partial(_note_afterwards, app, token.id))
    return token


def _of_a_provider(secret: str) -> KnownToken | None:
    """Return a provider's access token as if it were one of ours, whose use nobody notes."""
    owner = None if secret.startswith(PREFIX) else find_bearer_owner(secret)
    if owner is None:
        return None
    return KnownToken(id="", owner=owner, scope=Scope.USER, is_noted=True)


def _note_afterwards(app: Flask, token_id: str, response: Response) -> Response:
    """Write down the token's use once the answer is sent, so that nobody waits for the disk."""

    def note() -> None:
        with app.app_context():
            try:
                note_use(token_id)
            except OperationalError as error:
                log.warning("the use of a token was not written down: %s", error.orig)

    response.call_on_close(note)
    return response

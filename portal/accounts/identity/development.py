"""Signing in by typing a name, for people who work at the portal itself, and for nobody else."""

from flask import current_app
from flask import request

from portal.accounts.identity.provider import Arrival
from portal.accounts.tokens import NAME
from portal.config import LOOPBACK
from portal.config import Settings
from portal.problems import NotFoundError
from portal.problems import UsageError

ID = "development"
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")


def arrival(name: str) -> Arrival:
    """Return an arrival under a name; raises UsageError for a name that cannot be one.

    Raises NotFoundError where this is not switched on, which settings allow on a portal for
    this computer alone, and for requests that came through a proxy or over the network.
    """
    settings: Settings = current_app.config["SETTINGS"]
    is_near = request.remote_addr in LOOPBACK
    if not settings.has_development_login or not is_near or _is_forwarded():
        raise NotFoundError("Nobody signs in there.")
    if not NAME.fullmatch(name):
        raise UsageError(
            "A name has up to 50 lowercase letters, digits and the characters . _ @ and -."
        )
    return Arrival(provider_id=ID, issuer=ID, subject=name, name=name, email="", roles=[])


def _is_forwarded() -> bool:
    return any(header in request.headers for header in FORWARDED)

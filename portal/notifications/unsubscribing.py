"""The way out that every mail has: an address that ends mail to one owner, and no more."""

from flask import current_app
from itsdangerous import BadData
from itsdangerous import URLSafeSerializer

from portal.problems import NotFoundError

SALT = "portal.notices.unsubscribe"


def sign(owner: str) -> str:
    """Return the signature that ends mail to an owner; it does not end itself."""
    return str(_signer().dumps(owner))


def owner_of(signature: str) -> str:
    """Return whose mail a signature ends; raises NotFoundError for one not made here."""
    try:
        return str(_signer().loads(signature))
    except BadData as error:
        raise NotFoundError("This address is not one of a mail of this portal.") from error


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=SALT)

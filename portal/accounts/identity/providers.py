"""The identity providers of an app, and what else decides how people sign in."""

from flask import current_app
from flask import Flask

from portal.accounts.identity.provider import Provider
from portal.config import Settings
from portal.problems import NotFoundError

EXTENSION = "identity_providers"


def init_app(app: Flask, settings: Settings) -> None:
    """Make the configured providers; none is asked anything before somebody signs in."""
    app.extensions[EXTENSION] = {
        config.id: Provider(config, settings) for config in settings.identity_providers
    }


def providers() -> dict[str, Provider]:
    """Return the providers of the current app, by their ids, as the operator ordered them."""
    found: dict[str, Provider] = current_app.extensions[EXTENSION]
    return found


def get_provider(provider_id: str) -> Provider:
    """Return a provider; raises NotFoundError."""
    if provider_id not in providers():
        raise NotFoundError("Nobody signs in there.")
    return providers()[provider_id]


def can_sign_in() -> bool:
    """Say whether there is any way to sign in."""
    settings: Settings = current_app.config["SETTINGS"]
    return bool(providers()) or settings.has_development_login

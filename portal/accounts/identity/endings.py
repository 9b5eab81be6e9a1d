"""The end of a session at both sides: what we tell the provider, and what it tells us."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from portal.accounts.identity.failures import ProviderAwayError
from portal.accounts.identity.failures import SignInRefusedError
from portal.accounts.identity.failures import told_in_our_words
from portal.accounts.identity.logins import Login
from portal.accounts.identity.logins import unseal
from portal.accounts.identity.people import find_identity
from portal.accounts.identity.provider import LEEWAY_SECONDS
from portal.accounts.identity.provider import Provider
from portal.accounts.models import LoginSession
from portal.accounts.tickets import Tickets
from portal.db import db

BACK_CHANNEL = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_TOKEN_SECONDS = 600

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Farewell:
    """What of a session the provider is told about its end."""

    id_token: str | None
    refresh_token: str | None


def read_farewell(login: Login) -> Farewell:
    """Return what the provider gave for a session that is about to end."""
    row = db.session.get(LoginSession, login.digest)
    if row is None:
        return Farewell(id_token=None, refresh_token=None)
    return Farewell(
        id_token=unseal(row.id_token, login.digest),
        refresh_token=unseal(row.refresh_token, login.digest),
    )


def tell_provider(provider: Provider, farewell: Farewell, back: str) -> str | None:
    """Revoke the refresh token, and return where the browser ends its session there.

    None where the provider has no such page, or does not answer: our side has ended anyway.
    """
    if farewell.refresh_token:
        _revoke(provider, farewell.refresh_token)
    try:
        with told_in_our_words(provider.title):
            client = provider.client()
            if "end_session_endpoint" not in client.server_metadata:
                return None
            made = client.create_logout_url(
                post_logout_redirect_uri=back,
                id_token_hint=farewell.id_token,
                client_id=provider.config.client_id,
            )
            return str(made["url"])
    except (SignInRefusedError, ProviderAwayError):
        return None


def _revoke(provider: Provider, refresh_token: str) -> None:
    try:
        with told_in_our_words(provider.title):
            if "revocation_endpoint" in provider.client().server_metadata:
                provider.revoke(refresh_token)
    except (SignInRefusedError, ProviderAwayError):
        log.info("a refresh token was not revoked at %s", provider.id)


def end_told_sessions(provider: Provider, logout_token: str) -> int:
    """End the sessions that a logout token names (OpenID Connect Back-Channel Logout 1.0).

    Returns how many. Raises SignInRefusedError for a token that cannot be believed.
    """
    with told_in_our_words(provider.title):
        claims = provider.read_token(logout_token)
        _check(claims, provider)
        subject, sid = claims.get("sub"), claims.get("sid")
        if not Tickets().put_new(
            f"logout {provider.id} {claims['jti']}",
            "",
            timedelta(seconds=LOGOUT_TOKEN_SECONDS + LEEWAY_SECONDS),
        ):
            raise ValueError("seen before")
    return _end(provider, subject, sid)


def _end(provider: Provider, subject: str | None, sid: str | None) -> int:
    ended = delete(LoginSession).where(LoginSession.provider_id == provider.id)
    if sid is not None:
        ended = ended.where(LoginSession.provider_session == sid)
    if subject is not None:
        identity = find_identity(provider.config.issuer, subject)
        if identity is None:
            return 0
        ended = ended.where(LoginSession.identity_id == identity.id)
    count: int = db.session.execute(ended).rowcount  # type: ignore[attr-defined]
    db.session.commit()
    return count


def _check(claims: Mapping[str, Any], provider: Provider) -> None:
    """Raise ValueError or LookupError for claims that are not those of a logout token."""
    now = time.time()
    audience = claims["aud"]
    named = audience if isinstance(audience, list) else [audience]
    texts = [claims["jti"], *(claims[one] for one in ("sub", "sid") if one in claims)]
    is_right = (
        claims["iss"] == provider.config.issuer
        and provider.config.client_id in named
        and now - LOGOUT_TOKEN_SECONDS < claims["iat"] <= now + LEEWAY_SECONDS
        and claims.get("exp", now) > now - LEEWAY_SECONDS
        and isinstance(claims["events"][BACK_CHANNEL], dict)
        and "nonce" not in claims
        and len(texts) > 1
        and all(isinstance(one, str) and one for one in texts)
    )
    if not is_right:
        raise ValueError("no logout token")

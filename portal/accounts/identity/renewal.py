"""Signed-in people are asked about again: whom the provider refuses is signed out here too."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

from authlib.integrations.base_client import OAuthError
from sqlalchemy import delete
from sqlalchemy import update

from portal.accounts.identity.failures import ProviderAwayError
from portal.accounts.identity.failures import SignInRefusedError
from portal.accounts.identity.failures import told_in_our_words
from portal.accounts.identity.logins import next_renewal
from portal.accounts.identity.logins import seal
from portal.accounts.identity.logins import unseal
from portal.accounts.identity.people import bring_up_to_date
from portal.accounts.identity.people import find_identity
from portal.accounts.identity.provider import Provider
from portal.accounts.identity.providers import providers
from portal.accounts.models import Identity
from portal.accounts.models import LoginSession
from portal.db import clock
from portal.db import db

AGAIN = timedelta(minutes=1)  # longer than all requests to a provider take together
REFUSED = frozenset({"invalid_grant", "access_denied", "unauthorized_client"})

log = logging.getLogger(__name__)


def renew_session(digest: str) -> bool:
    """Ask the provider about a session that is due; False when somebody else does already.

    Of all who look at the same moment one asks: a provider that sees a refresh token twice
    takes it for stolen and ends the session. Nothing is locked meanwhile. A session whose
    refresh is refused ends; one whose provider does not answer is asked about again later.
    """
    if not _claim(digest):
        return False
    row = db.session.get(LoginSession, digest, populate_existing=True)
    provider = providers().get(row.provider_id) if row else None
    refresh_token = unseal(row.refresh_token, digest) if row else None
    db.session.commit()  # no transaction waits for the network
    if row is None or provider is None or refresh_token is None:
        _end(digest)
        return True
    try:
        with told_in_our_words(provider.title):
            _renew(provider, row, refresh_token)
    except SignInRefusedError:
        log.info("a session at %s has ended: its renewal was refused", provider.id)
        _end(digest)
    except ProviderAwayError:
        db.session.rollback()
    return True


def _claim(digest: str) -> bool:
    now = clock()
    due = (LoginSession.digest == digest, LoginSession.renewal <= now)
    claimed = update(LoginSession).where(*due).values(renewal=now + AGAIN)
    statement = claimed.execution_options(synchronize_session=False)
    count = db.session.execute(statement).rowcount  # type: ignore[attr-defined]
    db.session.commit()
    return bool(count)


def _renew(provider: Provider, row: LoginSession, refresh_token: str) -> None:
    try:
        token = provider.refresh(refresh_token)
    except OAuthError as error:
        if error.error in REFUSED:
            raise SignInRefusedError("The provider no longer lets this person in.") from error
        raise ProviderAwayError("The provider cannot renew sessions at the moment.") from error
    kept = token.get("refresh_token") or refresh_token  # not every provider rotates
    _update(row.digest, refresh_token=seal(kept, row.digest))
    identity = db.session.get_one(Identity, row.identity_id)
    claims = {"sub": identity.subject}
    if "id_token" in token:
        claims = provider.read_token(token["id_token"])
        if (claims["iss"], claims["sub"]) != (identity.issuer, identity.subject):
            raise SignInRefusedError("The provider speaks of somebody else now.")
    db.session.commit()
    arrival = provider.arrival(token, provider.with_userinfo(provider.client(), token, claims))
    if find_identity(identity.issuer, identity.subject) is None:
        return  # whoever deleted everything meanwhile is not to come back by this
    values: dict[str, Any] = {"renewal": next_renewal(replace(arrival, refresh_token=kept))}
    if arrival.id_token:
        values["id_token"] = seal(arrival.id_token, row.digest)
    if "id_token" in token or "userinfo_endpoint" in provider.client().server_metadata:
        bring_up_to_date(arrival)  # else nothing was said of the person
    _update(row.digest, **values)


def _update(digest: str, **values: object) -> None:
    statement = update(LoginSession).where(LoginSession.digest == digest).values(**values)
    db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.commit()


def _end(digest: str) -> None:
    db.session.rollback()
    db.session.execute(delete(LoginSession).where(LoginSession.digest == digest))
    db.session.commit()

"""Access tokens of the providers, sent by programs: whose they are, and if they are for us."""

import base64
import json
import threading
import time
from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask import request
from sqlalchemy.exc import IntegrityError

from portal.accounts.identity.failures import SignInRefusedError
from portal.accounts.identity.failures import told_in_our_words
from portal.accounts.identity.people import bring_up_to_date
from portal.accounts.identity.people import find_identity
from portal.accounts.identity.people import find_person
from portal.accounts.identity.people import owner_of
from portal.accounts.identity.provider import Arrival
from portal.accounts.identity.provider import LEEWAY_SECONDS
from portal.accounts.identity.provider import Provider
from portal.accounts.identity.providers import providers
from portal.accounts.models import Identity
from portal.accounts.models import Person
from portal.accounts.terms import needs_acceptance
from portal.accounts.tickets import digest_of
from portal.db import db
from portal.throttle import Throttle
from portal.uws.callers import ForbiddenError

EXTENSION = "bearer_tokens"
CACHE_SECONDS = 60
MOST_CACHED = 10_000
LONGEST = 16_000
QUESTIONS = 30  # that one client's unknown tokens may make us put to providers in a minute
JWT_PARTS = 3


class KnownBearers:
    """What was learnt of tokens within the last minute, by their digests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, str | None]] = {}
        self._questions = Throttle(per_minute=QUESTIONS, burst=QUESTIONS)

    def may_ask(self, address: str) -> None:
        """Count a question that a client makes us put; raises TooManyRequestsError."""
        self._questions.take(address)

    def find(self, digest: str) -> tuple[str | None] | None:
        """Return the owner in a tuple, who is None for a token that is none; None: unknown."""
        with self._lock:
            until, owner = self._known.get(digest, (0.0, None))
        return (owner,) if until > time.monotonic() else None

    def keep(self, digest: str, owner: str | None) -> None:
        """Remember for a minute whose a token is."""
        with self._lock:
            if len(self._known) >= MOST_CACHED:
                self._known.clear()
            self._known[digest] = (time.monotonic() + CACHE_SECONDS, owner)


def find_bearer_owner(token: str) -> str | None:
    """Return the owner that an access token of a provider stands for; None: it is none.

    Raises ProviderAwayError, ForbiddenError for somebody who has not accepted the texts, and
    TooManyRequestsError where a client sends many tokens that nobody has seen.
    """
    if not providers() or not 0 < len(token) <= LONGEST:
        return None
    known: KnownBearers = current_app.extensions[EXTENSION]
    digest = digest_of(token)
    found = known.find(digest)
    if found is None or (found[0] is not None and find_person(found[0]) is None):
        known.may_ask(request.remote_addr or "")
        db.session.commit()  # no transaction waits for the network
        found = (_look_up(token),)
        known.keep(digest, found[0])
    return found[0]


def _look_up(token: str) -> str | None:
    issuer = _issuer_of(token)
    if issuer is None:
        return _introspected(token)
    for provider in providers().values():
        if provider.config.issuer == issuer:
            return _verified(provider, token)
    return None


def _verified(provider: Provider, token: str) -> str | None:
    try:
        with told_in_our_words(provider.title):
            claims = provider.read_token(token)
            now = time.time()
            is_valid = (
                claims["iss"] == provider.config.issuer
                and claims["exp"] > now - LEEWAY_SECONDS
                and claims.get("nbf", now) < now + LEEWAY_SECONDS
                and "nonce" not in claims  # which an ID token has: it opens nothing
                and "events" not in claims  # nor does a logout token
                and _is_for_us(provider, claims)
            )
            return _owner(provider, token, claims) if is_valid else None
    except SignInRefusedError:
        return None


def _introspected(token: str) -> str | None:
    """Ask about a token that says nothing itself (RFC 7662).

    Only where there is one provider: a token is nothing that others should get to see.
    """
    asked = list(providers().values())
    if len(asked) != 1:
        return None
    provider = asked[0]
    try:
        with told_in_our_words(provider.title):
            claims = provider.introspect(token)
            is_valid = claims.get("active") is True and _is_for_us(provider, claims)
            return _owner(provider, token, claims) if is_valid else None
    except SignInRefusedError:
        return None


def _is_for_us(provider: Provider, claims: Mapping[str, Any]) -> bool:
    """Say whether a token was made for the portal, not for somebody who now passes it on."""
    audience = claims.get("aud") or []
    named = set(audience if isinstance(audience, list) else [audience])
    ours = {provider.config.client_id, *provider.config.audiences}
    client = claims.get("client_id") or claims.get("azp")
    return bool(named & ours) if named else client == provider.config.client_id


def _owner(provider: Provider, token: str, claims: Mapping[str, Any]) -> str:
    whole = provider.with_userinfo(provider.client(), {"access_token": token}, claims)
    arrival = provider.arrival({}, whole)
    identity = find_identity(arrival.issuer, arrival.subject)
    person = db.session.get(Person, identity.person_id) if identity else None
    if needs_acceptance(person):
        raise ForbiddenError("Sign in on the pages of this portal once, and accept its terms.")
    if identity is None or person is None:
        identity = _meet(arrival)
    else:
        person.roles = arrival.roles
        person.groups = arrival.groups
    db.session.commit()
    return owner_of(identity.person_id)


def _meet(arrival: Arrival) -> Identity:
    try:
        return bring_up_to_date(arrival)
    except IntegrityError:  # another request of the same person was faster
        db.session.rollback()
        return bring_up_to_date(arrival)


def _issuer_of(token: str) -> str | None:
    """Return who a token claims to be of, which is not verified; None: it is no JWT."""
    parts = token.split(".")
    if len(parts) != JWT_PARTS:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        issuer = claims["iss"]
    except (ValueError, LookupError, TypeError):
        return None
    return issuer if isinstance(issuer, str) else None

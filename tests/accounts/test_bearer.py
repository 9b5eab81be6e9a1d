"""Access tokens of providers at our APIs: for us, from them, not expired, or nothing."""

import json
import time

import pytest
from sqlalchemy import select

from portal.accounts.identity import bearer as bearers
from portal.accounts.identity import people
from portal.accounts.identity.people import owner_of
from portal.accounts.leaving import delete_everything
from portal.accounts.models import Person
from portal.db import db
from tests.support.callers import basic
from tests.support.callers import bearer
from tests.support.evil_provider import CLIENT_ID
from tests.support.evil_provider import CLIENT_SECRET
from tests.support.evil_provider import EvilProvider
from tests.support.loopback import Loopback

pytestmark = pytest.mark.slow  # a provider that is asked over HTTP

NOW = time.time()
API = "/uws/jobs"


@pytest.fixture
def options():
    """Name more settings."""
    return {}


@pytest.fixture
def settings(settings_with_evil, options):
    return settings_with_evil(**options)


@pytest.fixture
def token(evil):
    """Return a function that makes an access token, and describes its bearer."""
    evil.metadata["userinfo_endpoint"] = f"{evil.issuer}/me"
    evil.userinfo = {"sub": "mallory", "groups": ["staff/admins"], "name": "Mallory"}

    def make(**changes):
        return evil.signed(evil.honest_claims(**changes))

    return make


def status(client, token):
    return client.get(API, headers=bearer(token)).status_code


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": ["https://other.example.org", "https://portal.example.org"]},
        {"aud": None, "client_id": CLIENT_ID},
        {"aud": None, "azp": CLIENT_ID},
    ],
)
def test_a_token_for_the_portal_opens_what_is_its_bearers(app, client, evil, token, claims):
    assert status(client, token(**claims)) == 200

    with app.app_context():
        assert db.session.scalar(select(Person.roles)) == ["admin"]


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://other.example.org"},
        {"aud": "https://wlcg.cern.ch/jwt/v1/any"},
        {"aud": None},
        {"aud": None, "client_id": "other"},
        {"aud": "other", "azp": CLIENT_ID},
        {"iss": "https://other.example.org"},
        {"exp": NOW - 3600},
        {"exp": None},
        {"nbf": NOW + 3600},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
        {"nonce": "of an ID token"},
        {"sub": None},
        {"exp": "soon"},
    ],
)
def test_a_token_that_is_not_for_the_portal_is_none(app, client, token, claims):
    assert status(client, token(**claims)) == 401


def test_forged_tokens_are_none(client, evil, token):
    claims = evil.honest_claims()
    for forged in (
        EvilProvider(Loopback(port=1)).signed(claims),
        evil.signed_with(CLIENT_SECRET, claims),
        token().rpartition(".")[0] + ".",
        token()[:-3] + "AAA",
        "a.b.c",
        "x" * 20_000,
        "",
    ):
        assert status(client, forged) == 401


def test_what_the_provider_says_holds_for_a_minute(client, evil, token, monkeypatch):
    sent = token()
    assert status(client, sent) == 200
    evil.server.routes["/me"] = lambda one: one.answer("gone", status=401)
    assert status(client, sent) == 200

    later = time.monotonic() + 61
    monkeypatch.setattr("portal.accounts.identity.bearer.time.monotonic", lambda: later)
    assert status(client, sent) == 503


def test_a_token_that_says_nothing_itself_is_asked_about(client, evil, token):
    evil.metadata["introspection_endpoint"] = f"{evil.issuer}/introspect"
    told = {"active": True, "sub": "mallory", "client_id": CLIENT_ID}
    evil.server.routes["/introspect"] = lambda one: one.answer(
        json.dumps(told), content_type="application/json"
    )
    assert status(client, "opaque-1") == 200

    told["client_id"] = "other"
    assert status(client, "opaque-2") == 401
    told |= {"client_id": CLIENT_ID, "active": False}
    assert status(client, "opaque-3") == 401
    told["active"] = "true"
    assert status(client, "opaque-4") == 401


def test_passwords_are_no_providers_business(client, evil, token):
    evil.metadata["introspection_endpoint"] = f"{evil.issuer}/introspect"
    evil.server.routes["/introspect"] = lambda one: one.answer("{}")

    for headers in (basic("alice", "opaque"), basic("opaque", ""), basic("alice", token())):
        assert client.get(API, headers=headers).status_code == 401

    assert evil.server.asked() == []


def test_a_client_with_many_unknown_tokens_is_asked_to_wait_and_others_are_not(client, evil, token):
    evil.metadata["introspection_endpoint"] = f"{evil.issuer}/introspect"
    evil.server.routes["/introspect"] = lambda one: one.answer(
        '{"active": false}', content_type="application/json"
    )
    known = token()
    assert status(client, known) == 200

    tried = [status(client, f"opaque-{number}") for number in range(bearers.QUESTIONS + 1)]
    assert tried[0] == 401
    assert tried[-1] == 429
    assert status(client, "opaque-0") == 401
    assert status(client, known) == 200
    other = {"REMOTE_ADDR": "192.0.2.1"}
    elsewhere = client.get(API, headers=bearer("opaque"), environ_base=other)
    assert elsewhere.status_code == 401
    assert client.get(API, headers=bearer("new")).headers["Retry-After"]


@pytest.mark.parametrize("options", [{"acceptable_use": "Be kind."}])
def test_who_has_not_accepted_the_terms_does_so_on_the_pages_first(client, token):
    assert status(client, token()) == 403


def test_a_person_is_the_same_by_token_and_by_sign_in(app, client, evil, token):
    evil.sign_in(client)
    browser = client.get("/account").text
    assert status(app.test_client(), token()) == 200

    assert "Mallory" in browser
    with app.app_context():
        assert len(db.session.scalars(select(Person)).all()) == 1


def test_two_first_requests_of_a_person_at_one_moment_are_both_answered(
    app, client, evil, token, monkeypatch
):
    evil.sign_in(client)
    find = people.find_identity
    unknown = iter([True, True])  # what both of them see first

    def find_too_early(*about):
        return None if next(unknown, False) else find(*about)

    for module in (people, bearers):
        monkeypatch.setattr(module, "find_identity", find_too_early)

    assert status(app.test_client(), token()) == 200
    with app.app_context():
        assert len(db.session.scalars(select(Person)).all()) == 1


def test_a_token_stands_for_nobody_who_was_deleted(app, client, token):
    sent = token()
    assert status(client, sent) == 200
    with app.app_context():
        gone = db.session.scalars(select(Person.id)).one()
        delete_everything(owner_of(gone))

    assert status(client, sent) == 200
    with app.app_context():
        assert db.session.scalars(select(Person.id)).one() != gone

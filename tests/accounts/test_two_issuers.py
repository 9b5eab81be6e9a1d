"""Two providers at one portal: their people are never taken for one another."""

import pytest
from sqlalchemy import select

from portal.accounts.models import Identity
from portal.accounts.models import Person
from portal.config import IdentityProvider
from portal.db import db
from tests.services.state import free_port
from tests.support.evil_provider import CLIENT_ID
from tests.support.evil_provider import EvilProvider
from tests.support.instances import settings_in
from tests.support.loopback import loopback

pytestmark = pytest.mark.slow  # whole sign-ins


@pytest.fixture
def two(signing_key):
    """Two providers with the same key, the same client id and the same people."""
    with loopback() as one, loopback() as other:
        yield {name: EvilProvider(at, key=signing_key) for name, at in (("a", one), ("b", other))}


@pytest.fixture
def settings(tmp_path, two):
    configured = tuple(
        IdentityProvider(id=name, title=f"Provider {name}", issuer=at.issuer, client_id=CLIENT_ID)
        for name, at in two.items()
    )
    gone = IdentityProvider(
        id="gone", title="Gone", issuer=f"http://127.0.0.1:{free_port()}", client_id=CLIENT_ID
    )
    return settings_in(tmp_path, identity_providers=(*configured, gone))


def test_equal_subjects_and_names_at_two_issuers_are_two_people(app, two):
    for name, provider in two.items():
        provider.sign_in(app.test_client(), at=name, sub="1", name="Ada", email="ada@x.org")

    with app.app_context():
        issuers = set(db.session.scalars(select(Identity.issuer)))
        assert issuers == {provider.issuer for provider in two.values()}
        assert len(db.session.scalars(select(Person)).all()) == 2


def test_a_provider_that_is_away_is_a_503_and_the_others_let_people_in(client, two):
    answer = client.get("/login/at/gone")

    assert answer.status_code == 503
    assert "Gone does not answer as it should." in answer.text
    assert answer.headers["Retry-After"]
    assert two["a"].sign_in(client, at="a").status_code == 303


def test_a_state_of_one_provider_is_nothing_at_the_other(client, two):
    page = client.get("/login").text
    assert "Sign in with Provider a" in page
    assert "Sign in with Provider b" in page

    answer = two["a"].sign_in(client, at="a", answer={"iss": two["b"].issuer})
    assert answer.status_code == 400
    client.get("/login/at/a")
    assert two["b"].sign_in(client, at="b", iss=two["a"].issuer).status_code == 400


def test_a_session_of_one_provider_is_not_ended_by_the_other(client, two):
    two["a"].sign_in(client, at="a", sub="1")
    claims = two["b"].honest_claims(
        sub="1",
        jti="1",
        events={"http://schemas.openid.net/event/backchannel-logout": {}},
    )
    sent = {"logout_token": two["b"].signed(claims)}

    assert client.post("/login/at/b/backchannel-logout", data=sent).status_code == 200
    assert "Signed in as" in client.get("/jobs").text


def test_a_public_client_sends_its_id_and_the_verifier_but_no_secret(client, two):
    two["a"].sign_in(client, at="a")

    asked = next(one for one in two["a"].server.requests if one.path == "/token")
    assert asked.form["client_id"] == CLIENT_ID
    assert len(asked.form["code_verifier"]) >= 43
    assert "authorization" not in asked.headers
    assert "client_secret" not in asked.form

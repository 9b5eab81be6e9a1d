"""A provider says that somebody is no longer signed in: believed once, when all of it is right."""

import time

import pytest
from sqlalchemy import select

from portal.accounts.identity.endings import BACK_CHANNEL
from portal.accounts.models import LoginSession
from portal.db import db
from tests.support.evil_provider import CLIENT_SECRET
from tests.support.evil_provider import EvilProvider
from tests.support.loopback import Loopback

pytestmark = pytest.mark.slow  # a whole sign-in each

NOW = time.time()


@pytest.fixture
def settings(settings_with_evil):
    return settings_with_evil()


@pytest.fixture
def logout_token(evil):
    """Return a function that makes the claims of a logout token."""

    def make(**changes):
        event = {"events": {BACK_CHANNEL: {}}, "jti": "1", "name": None}
        return evil.honest_claims(**(event | changes))

    return make


def tell(app, token):
    provider = app.test_client(use_cookies=False)
    answer = provider.post("/login/at/evil/backchannel-logout", data={"logout_token": token})
    return answer.status_code


def signed_in(client):
    return "Signed in as" in client.get("/jobs").text


def test_all_sessions_of_a_subject_end(app, client, evil, logout_token):
    other, stranger = app.test_client(), app.test_client()
    evil.sign_in(client)
    evil.sign_in(other)
    evil.sign_in(stranger, sub="alice")

    assert tell(app, evil.signed(logout_token())) == 200

    assert [signed_in(one) for one in (client, other, stranger)] == [False, False, True]


def test_one_session_ends_by_its_own_name(app, client, evil, logout_token):
    other = app.test_client()
    evil.sign_in(client, sid="one")
    evil.sign_in(other, sid="two")

    assert tell(app, evil.signed(logout_token(sub=None, sid="one"))) == 200

    assert [signed_in(one) for one in (client, other)] == [False, True]


def test_a_token_counts_once(app, client, evil, logout_token):
    token = evil.signed(logout_token())
    assert tell(app, token) == 200
    evil.sign_in(client)

    assert tell(app, token) == 400
    assert signed_in(client)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://127.0.0.1:1"},
        {"aud": "other"},
        {"aud": None},
        {"iat": NOW - 3600},
        {"iat": NOW + 3600},
        {"iat": None},
        {"exp": NOW - 3600},
        {"jti": None},
        {"jti": 1},
        {"events": None},
        {"events": {}},
        {"events": {BACK_CHANNEL: "yes"}},
        {"events": BACK_CHANNEL},
        {"nonce": "x"},
        {"sub": None},
        {"sub": ["mallory"]},
        {"sub": None, "sid": 1},
    ],
)
def test_a_token_that_is_not_right_ends_nothing(app, client, evil, logout_token, claims):
    evil.sign_in(client, sid="one")

    assert tell(app, evil.signed(logout_token(**claims))) == 400
    assert signed_in(client)


def test_a_forged_token_ends_nothing(app, client, evil, logout_token):
    evil.sign_in(client)
    claims = logout_token()

    for forged in (
        EvilProvider(Loopback(port=1)).signed(claims),
        evil.signed_with(CLIENT_SECRET, claims),
        evil.signed(claims).rpartition(".")[0] + ".",
        "",
        "x",
        "a.b.c",
    ):
        assert tell(app, forged) == 400
    assert signed_in(client)


def test_an_unknown_subject_ends_nobody(app, client, evil, logout_token):
    evil.sign_in(client)

    assert tell(app, evil.signed(logout_token(sub="somebody else"))) == 200
    with app.app_context():
        assert db.session.scalars(select(LoginSession)).all()


def test_nobody_is_signed_out_by_looking(client, evil):
    evil.sign_in(client)

    assert client.get("/logout").status_code == 405
    assert client.get("/logged-out").status_code == 200
    assert signed_in(client)

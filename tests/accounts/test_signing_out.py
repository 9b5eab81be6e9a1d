"""Signing out: ours ends whatever the provider does, and the provider is told what it can hear."""

from urllib.parse import parse_qs
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from portal.accounts.models import LoginSession
from portal.db import db


@pytest.fixture
def settings(settings_with_evil):
    return settings_with_evil()


@pytest.fixture
def revoked(evil):
    """Return the list of what the provider is asked to revoke."""
    asked = []
    evil.metadata["revocation_endpoint"] = f"{evil.issuer}/revoke"

    def revoke(exchange):
        asked.append(exchange.form)
        exchange.answer(b"")

    evil.server.routes["/revoke"] = revoke
    evil.token = {"refresh_token": "canary-refresh"}
    return asked


def is_out(app, client):
    with app.app_context():
        assert db.session.scalars(select(LoginSession)).all() == []
    return "Signed in as" not in client.get("/jobs").text


def test_a_provider_without_an_end_is_named_and_its_refresh_token_revoked(
    app, client, evil, revoked
):
    evil.sign_in(client)

    page = client.post("/logout").text

    assert "You are signed out" in page
    assert "Your session at The Evil Provider may still be open." in page
    assert f'href="{evil.issuer}"' in page
    assert 'http-equiv="refresh"' not in page
    assert [one["token"] for one in revoked] == ["canary-refresh"]
    assert is_out(app, client)


def test_a_provider_with_an_end_gets_what_it_needs_for_it(app, client, evil):
    evil.metadata["end_session_endpoint"] = f"{evil.issuer}/end?x=1"
    evil.sign_in(client)

    page = client.post("/logout").text

    there = page.partition('class="button" href="')[2].partition('"')[0].replace("&amp;", "&")
    asked = {name: value[0] for name, value in parse_qs(urlsplit(there).query).items()}
    assert there.startswith(f"{evil.issuer}/end?")
    assert asked["post_logout_redirect_uri"] == "http://localhost/logged-out"
    assert asked["id_token_hint"].count(".") == 2
    assert asked["x"] == "1"
    assert is_out(app, client)


@pytest.mark.parametrize(
    "trouble",
    [
        lambda one: one.answer("down", status=500),
        lambda one: None,
        lambda one: one.answer("no", status=401),
    ],
)
def test_our_side_ends_whatever_the_provider_does(app, client, evil, revoked, trouble):
    evil.metadata["end_session_endpoint"] = f"{evil.issuer}/end"
    evil.sign_in(client)
    evil.server.routes["/revoke"] = trouble

    assert f'href="{evil.issuer}/end?' in client.post("/logout").text
    assert is_out(app, client)


def test_a_person_signs_out_in_all_browsers_at_once(app, client, evil):
    others = [app.test_client(), app.test_client()]
    stranger = app.test_client()
    evil.sign_in(stranger, sub="alice")
    for browser in (client, *others):
        evil.sign_in(browser)
    assert "Sign out in all 3 browsers" in client.get("/account").text
    assert "Sign out in all" not in stranger.get("/account").text

    client.post("/logout", data={"everywhere": "1"})

    pages = [one.get("/jobs").text for one in (client, *others, stranger)]
    assert ["Signed in as" in page for page in pages] == [False, False, False, True]


def test_signing_out_twice_is_no_harm(client, evil):
    evil.sign_in(client)
    client.post("/logout")

    assert client.post("/logout").location == "/logged-out"
    assert "You are signed out" in client.get("/logged-out").text


def test_what_is_made_afterwards_is_not_the_persons(client, evil):
    evil.sign_in(client)
    client.post("/account/tokens", data={"label": "mine", "lifetime": "30"})
    client.post("/logout")
    client.post("/account/tokens", data={"label": "anybody's", "lifetime": "30"})

    page = client.get("/account").text
    assert "anybody" in page
    assert "mine" not in page

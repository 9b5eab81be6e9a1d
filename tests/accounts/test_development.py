"""Signing in by typing a name: on a portal for this computer alone."""

import pytest
from sqlalchemy import select

from portal.accounts.models import Identity
from portal.db import db
from tests.support.callers import make_token
from tests.support.instances import settings_in


@pytest.fixture
def is_on():
    """Say whether it is switched on."""
    return True


@pytest.fixture
def settings(tmp_path, is_on):
    return settings_in(tmp_path, development_login=is_on)


def sign_in(client, name="ada", **options):
    form = {"name": name, "next": "/jobs"}
    return client.post("/login/development", data=form, **options)


def signed_in(client):
    return "Signed in as" in client.get("/jobs").text


def test_a_typed_name_signs_in_and_the_page_says_what_that_is(app, client):
    assert "Development login" in client.get("/login").text

    assert sign_in(client).location == "/jobs"

    assert signed_in(client)
    with app.app_context():
        identity = db.session.scalar(select(Identity))
        assert (identity.issuer, identity.subject) == ("development", "ada")


def test_who_signs_in_is_told_of_tokens_that_somebody_made_in_this_browser_before(app, client):
    make_token(client)
    sign_in(client)
    assert "API tokens that were made in this browser" in client.get("/jobs").text

    other = app.test_client()
    sign_in(other)
    assert "API tokens that were made in this browser" not in other.get("/jobs").text


@pytest.mark.parametrize("is_on", [False])
def test_where_it_is_off_there_is_no_such_page(client):
    assert sign_in(client).status_code == 404
    assert client.get("/login").status_code == 404
    assert "Sign in" not in client.get("/").text


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP"]
)
def test_nobody_comes_in_through_a_proxy(client, header):
    assert sign_in(client, headers={header: "1"}).status_code == 404
    assert not signed_in(client)


def test_nobody_comes_in_over_the_network(client):
    answer = sign_in(client, environ_base={"REMOTE_ADDR": "192.0.2.1"})

    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["", "Ada", "a b", "x" * 51, "<b>"])
def test_a_name_that_cannot_be_one_is_refused(client, name):
    assert sign_in(client, name).status_code == 400
    assert not signed_in(client)


def test_it_is_checked_as_every_form(app, client):
    app.config["WTF_CSRF_ENABLED"] = True
    client.get("/login")

    assert sign_in(client).status_code == 403

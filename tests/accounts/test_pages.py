"""The account page, as a browser without JavaScript and as a program sees it."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts import tokens
from portal.accounts.models import ApiToken
from portal.accounts.models import Credential
from portal.db import db
from tests.support.callers import basic
from tests.support.callers import bearer
from tests.support.callers import make_token
from tests.support.callers import shown_token
from tests.support.pages import body

LOGIN = {"service": "archive.example.org", "user_name": "kepler", "secret": "harmonices mundi"}


def page(client):
    return unescape(client.get("/account").text)


def links(client, word):
    return re.findall(rf'href="(/account/[^"]+/{word})"', client.get("/account").text)


def forms(text):
    return re.findall(r"<form[^>]*>.*?</form>", text, re.DOTALL)


@pytest.fixture
def stranger(app):
    return app.test_client()


def test_a_token_is_shown_once_and_opens_what_is_mine(app, client, stranger):
    answer = client.post("/account/tokens", data={"label": "observatory", "lifetime": "30"})
    secret = shown_token(answer)

    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.count(secret) == 1
    assert "Authorization: Bearer" in answer.text
    assert secret not in page(client)
    assert "observatory" in page(client)
    assert "observatory" in stranger.get("/account", headers=bearer(secret)).text
    assert "observatory" not in page(stranger)


@pytest.mark.parametrize(
    ("lifetime", "days"), [("30", 30), ("90", 90), ("365", 365), ("unlimited", None)]
)
def test_a_token_lasts_as_long_as_was_chosen(app, client, lifetime, days):
    make_token(client, lifetime=lifetime)

    with app.app_context():
        [kept] = tokens.list_tokens(None)
    assert (kept.expires and kept.expires - kept.creation_time) == (days and timedelta(days=days))


@pytest.mark.parametrize(
    ("form", "message"),
    [({"lifetime": "for ever"}, "choose one of"), ({"label": "x" * 101}, "longer than 100")],
)
def test_a_token_that_cannot_be_made_says_why(client, form, message):
    answer = client.post("/account/tokens", data={"label": "mine", "lifetime": "30", **form})

    assert answer.status_code == 422
    assert message in answer.text
    assert 'aria-invalid="true"' in answer.text or "field-error" in answer.text
    assert "You have no tokens." in page(client)


def test_an_expired_token_is_marked(app, client):
    make_token(client)
    assert "expired" not in page(client)
    with app.app_context():
        db.session.execute(update(ApiToken).values(expires=ApiToken.creation_time))
        db.session.commit()

    assert "expired" in page(client)


def test_a_token_is_revoked_after_a_question(client, stranger):
    secret = make_token(client)
    [address] = links(client, "revoke")

    assert "observatory" in client.get(address).text
    assert client.get("/account", headers=bearer(secret)).status_code == 200
    answer = client.post(address)

    assert (answer.status_code, answer.location) == (303, "/account")
    assert stranger.get("/account", headers=bearer(secret)).status_code == 401
    assert "The token is revoked" in page(client)


def test_a_token_makes_no_token(client, stranger):
    secret = make_token(client)

    for headers in (bearer(secret), basic("", secret)):
        assert stranger.post("/account/tokens", headers=headers).status_code == 403
        assert 'action="/account/tokens"' not in stranger.get("/account", headers=headers).text
    assert len(links(client, "revoke")) == 1


def test_a_named_owner_stores_logins_by_token(app, client):
    with app.app_context():
        headers = bearer(tokens.make_token(tokens.named_owner("alice")).secret)

    assert client.post("/account/credentials", data=LOGIN, headers=headers).status_code == 303

    assert "kepler" in client.get("/account", headers=headers).text
    assert "kepler" not in page(client)


def test_a_login_is_stored_and_never_shown(client):
    answer = client.post("/account/credentials", data=LOGIN)
    shown = page(client)

    assert (answer.status_code, answer.location) == (303, "/account")
    assert "archive.example.org" in shown
    assert "kepler" in shown
    assert LOGIN["secret"] not in shown + answer.text
    assert "You have stored no login." not in shown


def test_a_login_is_replaced(app, client):
    client.post("/account/credentials", data=LOGIN)
    client.post("/account/credentials", data={**LOGIN, "user_name": "", "secret": "a token"})

    assert "with a token" in page(client)
    assert len(links(client, "delete")) == 1


def test_a_login_that_cannot_be_stored_says_why_and_repeats_no_secret(client):
    answer = client.post(
        "/account/credentials", data={**LOGIN, "service": "not a host", "user_name": "a:b"}
    )

    assert answer.status_code == 422
    assert "write the name of the host" in answer.text
    assert "cannot have a colon" in answer.text
    assert 'value="a:b"' in answer.text
    assert LOGIN["secret"] not in answer.text
    assert "You have stored no login." in page(client)


@pytest.mark.parametrize("secret", ["", "two\nlines", "x" * 4001])
def test_a_secret_is_one_line(client, secret):
    answer = client.post("/account/credentials", data={**LOGIN, "secret": secret})

    assert answer.status_code == 422
    assert "field-error-secret" in answer.text or 'id="field-secret-error"' in answer.text


def test_blanks_around_a_secret_are_part_of_it(app, client):
    from portal.accounts.credentials import resolve

    client.post("/account/credentials", data={**LOGIN, "secret": " blank "})

    with app.app_context():
        owner = db.session.scalar(select(Credential.owner))
        assert resolve(owner, LOGIN["service"]).secret == " blank "


def test_under_another_key_the_page_says_that_a_login_is_lost(app, client):
    client.post("/account/credentials", data=LOGIN)
    with app.app_context():
        db.session.execute(update(Credential).values(user_name="moved"))
        db.session.commit()

    assert "can no longer be read" in page(client)


def test_a_login_is_deleted_after_a_question(client):
    client.post("/account/credentials", data=LOGIN)
    [address] = links(client, "delete")

    assert "kepler" in client.get(address).text
    assert client.post(address).status_code == 303
    assert "You have stored no login." in page(client)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_somebody_elses_looks_like_nothing(client, stranger, method):
    make_token(client)
    make_token(stranger)
    client.post("/account/credentials", data=LOGIN)

    for address in links(client, "revoke") + links(client, "delete"):
        theirs = stranger.open(address, method=method)
        nothing = stranger.open(re.sub(r"[0-9a-f]{32}", "0" * 32, address), method=method)
        assert theirs.status_code == nothing.status_code == 404
        assert body(theirs) == body(nothing)

    assert len(links(client, "revoke") + links(client, "delete")) == 2


def test_every_change_needs_the_forms_own_check(app, client):
    make_token(client)
    client.post("/account/credentials", data=LOGIN)
    app.config["WTF_CSRF_ENABLED"] = True
    questions = links(client, "revoke") + links(client, "delete")

    for address in ("/account/tokens", "/account/credentials", *questions):
        assert client.post(address, data=LOGIN).status_code == 403
    for address in ("/account", *questions):
        for form in forms(client.get(address).text):
            assert 'name="csrf_token"' in form
    assert len(links(client, "revoke") + links(client, "delete")) == 2


def test_looking_makes_no_owner(client):
    answer = client.get("/account")

    assert "You have no tokens." in answer.text
    assert "owner" not in (client.get_cookie("portal").decoded_value or "")


def test_the_page_is_found_from_every_page(client):
    assert 'href="/account"' in client.get("/").text


def test_labels_and_user_names_are_shown_as_text(client):
    make_token(client, label="<img src=x>")
    client.post("/account/credentials", data={**LOGIN, "user_name": "<b>kepler</b>"})

    shown = client.get("/account").text
    assert "<img" not in shown
    assert "<b>" not in shown

"""A program gets a token that somebody confirms on a page (RFC 8628)."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts import devices
from portal.accounts.models import ApiToken
from portal.accounts.models import DeviceLogin
from portal.accounts.models import Person
from portal.db import clock
from portal.db import db
from tests.support.callers import bearer
from tests.support.callers import make_token

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def settings(settings_with_evil):
    return settings_with_evil()


@pytest.fixture
def program(app):
    """Return a client without cookies."""
    return app.test_client(use_cookies=False)


@pytest.fixture
def begun(program):
    return program.post("/device/authorization", data={"client_name": "notebook\n on x"}).json


def ask(program, begun, grant=GRANT):
    form = {"grant_type": grant, "device_code": begun["device_code"]}
    answer = program.post("/device/token", data=form)
    return answer.status_code, answer.json.get("error") or answer.json


def decide(browser, begun, decision="allow"):
    form = {"user_code": begun["user_code"], "decision": decision}
    return browser.post("/device", data=form)


def change(app, **values):
    with app.app_context():
        db.session.execute(update(DeviceLogin).values(**values))
        db.session.commit()


def test_a_confirmed_program_gets_a_named_token_that_ends_and_gets_it_once(
    app, client, evil, program, begun
):
    evil.sign_in(client)
    assert ask(program, begun) == (400, "authorization_pending")

    page = client.get(begun["verification_uri_complete"]).text
    assert "notebook on x" in page
    assert begun["user_code"] in page
    assert decide(client, begun).location == "/account"
    status, answer = ask(program, begun)

    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 90 * 86_400)
    page = program.get("/account", headers=bearer(answer["access_token"])).text
    assert "Mallory" in page
    with app.app_context():
        token = db.session.scalar(select(ApiToken))
        assert token.owner == f"user:{db.session.scalar(select(Person.id))}"
        assert token.label == "notebook on x"
        assert token.expires > clock() + timedelta(days=89)
    assert ask(program, begun) == (400, "invalid_grant")


def test_a_code_is_understood_however_it_is_typed(client, evil, begun):
    evil.sign_in(client)
    typed = f" {begun['user_code'].lower().replace('-', ' ')}"

    assert "notebook on x" in client.get("/device", query_string={"user_code": typed}).text


def test_a_refused_program_is_told_so(client, evil, program, begun):
    evil.sign_in(client)

    decide(client, begun, "refuse")

    assert ask(program, begun) == (400, "access_denied")
    assert decide(client, begun).status_code == 404


def test_who_is_not_signed_in_does_so_first(client, program, begun):
    page = client.get(begun["verification_uri_complete"]).text

    assert "Sign in first" in page
    assert "/login?next=/device?user_code%3D" in page
    assert decide(client, begun).status_code == 403
    assert ask(program, begun) == (400, "authorization_pending")


def test_a_program_confirms_nothing_itself(client, evil, program, begun):
    evil.sign_in(client)
    secret = make_token(client)
    form = {"user_code": begun["user_code"], "decision": "allow"}

    assert program.post("/device", data=form, headers=bearer(secret)).status_code == 403


def test_asking_too_often_is_answered_with_patience(app, program, begun):
    ask(program, begun)

    assert ask(program, begun) == (400, "slow_down")
    change(app, last_asked=clock_of(app) - devices.INTERVAL)
    assert ask(program, begun) == (400, "authorization_pending")


def clock_of(app):
    with app.app_context():
        return clock()


def test_a_code_ends(app, client, evil, program, begun):
    evil.sign_in(client)
    change(app, expires=clock_of(app))

    assert ask(program, begun) == (400, "expired_token")
    assert client.get(begun["verification_uri_complete"]).status_code == 404


@pytest.mark.parametrize("code", ["x", "", "\x7f"])
def test_an_unknown_program_gets_nothing(program, code):
    assert ask(program, {"device_code": code}) == (400, "invalid_grant")


def test_another_grant_is_none_of_ours(program, begun):
    assert ask(program, begun, grant="password") == (400, "unsupported_grant_type")


def test_neither_secret_nor_code_is_kept_readable(app, begun):
    with app.app_context():
        row = db.session.scalar(select(DeviceLogin))

    assert begun["device_code"] not in str(vars(row))


def test_waiting_programs_are_not_without_number(program, monkeypatch):
    monkeypatch.setattr(devices, "MOST_WAITING", 2)
    answers = [program.post("/device/authorization").status_code for _ in range(3)]

    assert answers == [200, 200, 503]


def test_a_confirmation_is_checked_as_every_form(app, client, evil, begun):
    evil.sign_in(client)
    app.config["WTF_CSRF_ENABLED"] = True

    assert decide(client, begun).status_code == 403

"""Who asks: by token, by cookie, by neither."""

import logging
from datetime import timedelta

import pytest
from flask import jsonify
from flask import session
from sqlalchemy import event
from sqlalchemy import select

from portal.accounts import owner
from portal.accounts.models import ApiToken
from portal.accounts.tokens import revoke_token
from portal.accounts.tokens import Scope
from portal.db import db
from tests.support.callers import basic
from tests.support.callers import bearer
from tests.support.instances import settings_in

UNKNOWN = "apt_" + "x" * 43
CHALLENGES = ['Basic realm="portal", charset="UTF-8"', 'Bearer realm="portal"']


def told(find):
    caller = find()
    return jsonify(owner=caller.owner, name=caller.name, address=caller.address)


@pytest.fixture
def anonymous():
    """Name the setting for callers without credentials."""
    return "capability"


@pytest.fixture
def settings(tmp_path, anonymous):
    return settings_in(tmp_path, uws_anonymous=anonymous)


@pytest.fixture
def app(app):
    """Return an app with addresses that tell who asks."""
    app.add_url_rule("/found", "found", owner.find_owner)
    app.add_url_rule("/current", "current", owner.current_owner, methods=["GET", "POST"])
    app.add_url_rule("/caller", "caller", lambda: told(owner.uws_caller))
    app.add_url_rule("/worker", "worker", lambda: told(owner.worker_caller))
    return app


def ways(secret):
    return [
        bearer(secret),
        {"Authorization": f"bearer {secret}"},
        basic("anybody", secret),
        basic("", secret),
        basic(secret, ""),
    ]


@pytest.mark.parametrize("way", range(5))
def test_a_token_says_who_asks(client, token, way):
    headers = ways(token())[way]

    assert client.get("/found", headers=headers).text == "user:alice"
    assert client.get("/current", headers=headers).text == "user:alice"
    assert client.get("/caller", headers=headers).json == {
        "owner": "user:alice",
        "name": "alice",
        "address": "127.0.0.1",
    }


@pytest.mark.parametrize(
    "headers",
    [
        *ways(UNKNOWN),
        {"Authorization": "Bearer"},
        {"Authorization": "Basic !"},
        {"Authorization": "Digest username=x"},
        {"Authorization": "apt_x"},
    ],
)
def test_wrong_credentials_are_refused_with_a_challenge(client, headers):
    for address in ("/found", "/current", "/caller", "/worker", "/jobs", "/basket"):
        response = client.get(address, headers=headers)

        assert response.status_code == 401, address
        assert response.headers.getlist("WWW-Authenticate") == CHALLENGES
        assert "Set-Cookie" not in response.headers


def test_an_expired_or_revoked_token_is_refused(app, client, token):
    expired, revoked = token(lifetime=timedelta(0)), token()
    with app.app_context():
        revoke_token(db.session.scalar(select(ApiToken.id).filter_by(expires=None)), owner=None)

    assert client.get("/found", headers=bearer(expired)).status_code == 401
    assert client.get("/found", headers=bearer(revoked)).status_code == 401


def test_a_token_in_the_address_is_not_read(client, token):
    secret = token()

    for name in ("token", "access_token", "apikey", "Authorization"):
        assert client.get("/found", query_string={name: secret}).text == ""


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic Og=="}, {"Authorization": ""}])
def test_an_empty_header_is_a_caller_without_credentials(client, headers):
    assert client.get("/found", headers=headers).text == ""

    made = client.get("/current").text

    assert len(made) == 32
    assert client.get("/found", headers=headers).text == made
    assert client.get("/current", headers=headers).text == made
    assert client.get("/caller", headers=headers).json["owner"] == made


def test_a_token_wins_over_the_cookie_and_leaves_it_alone(client, token):
    mine = client.get("/current").text

    answer = client.get("/current", headers=bearer(token()))

    assert answer.text == "user:alice"
    assert "Set-Cookie" not in answer.headers
    assert client.get("/current").text == mine


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/current", 200),
        ("/", 200),
        ("/basket", 200),
        ("/jobs", 200),
        ("/nosuch", 404),
        ("/shared/ffff", 404),
        ("/uws/nosuch", 404),
    ],
)
def test_a_caller_with_credentials_never_gets_a_cookie(client, token, address, status):
    for headers in (bearer(token()), {"Authorization": "Basic Og=="}):
        answer = client.get(address, headers={**headers, "Accept": "text/html"})

        assert answer.status_code == status
        assert "Set-Cookie" not in answer.headers


def test_a_caller_with_a_token_never_loses_a_cookie(app, client, token):
    app.add_url_rule("/forget", "forget", lambda: session.clear() or "forgotten")
    mine = client.get("/current").text

    answer = client.get("/forget", headers=bearer(token()))

    assert "Set-Cookie" not in answer.headers
    assert client.get("/current").text == mine


def test_a_token_of_a_browser_has_its_owner_and_no_name(client, token):
    mine = client.get("/current").text

    headers = bearer(token(mine))

    told = client.application.test_client().get("/caller", headers=headers).json
    assert (told["owner"], told["name"]) == (mine, None)


@pytest.mark.parametrize(("anonymous", "expected"), [("capability", ""), ("shared", "shared")])
def test_a_caller_without_anything_is_what_the_setting_says(client, expected):
    answer = client.get("/caller")

    assert (answer.json["owner"], answer.json["name"]) == (expected, None)
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("anonymous", ["shared"])
def test_a_browser_is_the_shared_owner_whatever_cookie_it_has(client, token):
    with client.session_transaction() as kept:
        kept[owner.OWNER_KEY] = "f" * 32

    assert client.get("/found").text == owner.SHARED_OWNER
    assert client.get("/current").text == owner.SHARED_OWNER
    assert client.get("/caller").json["owner"] == owner.SHARED_OWNER
    assert client.get("/current", headers=bearer(token())).text == "user:alice"


@pytest.mark.parametrize("anonymous", ["off"])
def test_a_portal_may_ask_everybody_for_a_token(client, token):
    answer = client.get("/caller")

    assert answer.status_code == 401
    assert answer.headers.getlist("WWW-Authenticate") == CHALLENGES
    assert client.get("/caller", headers=bearer(token())).json["name"] == "alice"
    assert client.get("/found").status_code == 200


def test_only_a_worker_is_a_worker(client, token):
    worker, user = token(scope=Scope.WORKER), token()

    assert client.get("/worker", headers=bearer(worker)).json["name"] == "alice"
    assert client.get("/worker", headers=bearer(user)).status_code == 403
    assert client.get("/worker").status_code == 401
    client.get("/current")
    assert client.get("/worker").status_code == 401


@pytest.mark.parametrize("address", ["/found", "/current", "/caller", "/jobs"])
def test_a_workers_token_opens_nothing_of_its_owner(client, token, address):
    response = client.get(address, headers=bearer(token(scope=Scope.WORKER)))

    assert response.status_code == 403


def test_a_request_looks_its_token_up_once(app, client, token):
    secret, asked = token(), []

    def note(connection, cursor, statement, *rest):
        asked.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    client.get("/basket", headers=bearer(secret))

    assert len([one for one in asked if "FROM api_token" in one]) == 1


def test_a_use_is_written_down_after_the_answer(app, client, token):
    answer = client.get("/found", headers=bearer(token()))
    with app.app_context():
        before = db.session.scalar(select(ApiToken.last_used))
    answer.close()

    with app.app_context():
        assert before is None
        assert db.session.scalar(select(ApiToken.last_used)) is not None


def test_a_database_that_cannot_be_written_spoils_no_answer(app, client, token, caplog):
    secret = token()

    def fail(connection, cursor, statement, *rest):
        if statement.startswith("UPDATE api_token"):
            cursor.execute("no such statement")

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", fail)
    client.get("/found", headers=bearer(secret)).close()

    assert "was not written down" in caplog.text


def test_no_log_line_holds_a_token(client, token, caplog):
    caplog.set_level(logging.DEBUG)
    secret = token()

    for headers in (*ways(secret), bearer(UNKNOWN)):
        client.get("/jobs", headers=headers).close()

    assert secret not in caplog.text
    assert UNKNOWN not in caplog.text


def test_a_browser_that_remembers_a_token_does_not_send_it_for_other_sites(client, token):
    headers = basic("", token())

    forged = client.post("/current", headers={**headers, "Sec-Fetch-Site": "cross-site"})
    foreign = client.post("/current", headers={**headers, "Origin": "https://evil.example"})

    assert (forged.status_code, foreign.status_code) == (403, 403)
    assert client.post("/current", headers=headers).text == "user:alice"


def test_a_token_does_not_excuse_the_form_check_of_a_cookie(app, client, token):
    app.config["WTF_CSRF_ENABLED"] = True
    client.get("/current")

    for headers in (basic("", token()), bearer(token())):
        assert client.post("/current", headers=headers).status_code == 403

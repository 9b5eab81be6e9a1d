"""Signing in from a terminal: the code, the waiting, and where the token is kept."""

import json
import stat

import pytest

from portal_client import Portal
from portal_client import PortalError
from portal_client.errors import UnavailableError
from portal_client.login import log_in
from portal_client.login import main
from portal_client.login import save_token
from portal_client.login import saved_token
from tests.support.loopback import loopback

BEGUN = {
    "device_code": "secret-of-the-program",
    "user_code": "BCDF-GHJK",
    "verification_uri_complete": "http://127.0.0.1/device?user_code=BCDF-GHJK",
    "expires_in": 900,
    "interval": 3,
}
TOKEN = "apt_" + "x" * 43


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def server():
    """A portal that gives a token after it was asked twice."""
    with loopback() as server:
        answers = iter(
            [
                (400, {"error": "authorization_pending"}),
                (400, {"error": "slow_down"}),
                (200, {"access_token": TOKEN}),
            ]
        )
        server.routes["/device/authorization"] = lambda one: say(one, 200, BEGUN)
        server.routes["/device/token"] = lambda one: say(one, *next(answers))
        server.routes["/uws/types"] = lambda one: say(one, 200, {"types": []})
        yield server


def say(exchange, status, content):
    exchange.answer(json.dumps(content), status=status, content_type="application/json")


def test_a_confirmed_code_becomes_a_token_that_is_found_again(server, home):
    told, pauses = [], []

    token = log_in(server.url, name="notebook", tell=told.append, sleep=pauses.append)

    assert token == saved_token(server.url) == saved_token(f"{server.url}/") == TOKEN
    assert "BCDF-GHJK" in told[0]
    assert pauses == [3, 3, 8]
    assert server.requests[0].form == {"client_name": "notebook"}
    kept = home / "archive-portal" / "tokens.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    Portal(server.url).types()
    assert server.requests[-1].headers["authorization"] == f"Bearer {TOKEN}"


def test_tokens_of_several_portals_are_kept_and_go_to_their_own_only(server):
    save_token("https://one.example.org", "apt_1")
    save_token("https://two.example.org/", "apt_2")

    assert saved_token("https://one.example.org/") == "apt_1"
    assert saved_token("https://two.example.org") == "apt_2"
    Portal(server.url).types()
    assert "authorization" not in server.requests[-1].headers


@pytest.mark.parametrize(
    ("error", "words"),
    [("access_denied", "refused"), ("expired_token", "in time"), ("x", "no token: x")],
)
def test_a_refusal_is_told(server, error, words):
    server.routes["/device/token"] = lambda one: say(one, 400, {"error": error})

    with pytest.raises(PortalError, match=words):
        log_in(server.url, tell=lambda text: None, sleep=lambda seconds: None)


@pytest.mark.parametrize(
    "answer",
    [
        lambda one: one.answer("<h1>hello</h1>", content_type="text/html"),
        lambda one: say(one, 404, {}),
        lambda one: say(one, 200, []),
        lambda one: None,
    ],
)
def test_what_is_no_portal_is_told(server, answer):
    server.routes["/device/authorization"] = answer

    with pytest.raises(UnavailableError):
        log_in(server.url)


def test_the_command_says_what_is_wrong_in_a_line(monkeypatch):
    monkeypatch.setattr("sys.argv", ["portal-login", "http://portal.example.org"])

    with pytest.raises(SystemExit, match="https"):
        main()

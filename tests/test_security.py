"""Headers on every answer, requests that nobody meant to send, and links that lead away."""

from urllib.parse import urljoin
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask import Response
from flask import session
from flask_wtf.csrf import generate_csrf
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from portal import security
from portal.problems import PortalError

OWN = "http://localhost"
EVIL = "https://evil.example"


def make_app(public_url=None):
    app = Flask(__name__)
    app.secret_key = "for tests"
    security.init_app(app, public_url=public_url)
    app.register_error_handler(PortalError, lambda error: (error.message, error.status))
    app.add_url_rule("/token", "token", lambda: session.setdefault("n", 1) and generate_csrf())
    app.add_url_rule("/jobs", "jobs", lambda: "made", methods=["GET", "POST", "PUT", "DELETE"])
    app.add_url_rule(
        "/file", "file", lambda: Response(headers={"Content-Security-Policy": "sandbox"})
    )
    return app


@pytest.fixture
def client():
    return make_app().test_client()


@pytest.fixture
def token(client):
    return client.get("/token").text


def test_every_answer_carries_the_policy(client):
    for path in ("/jobs", "/nothing-here"):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"


def test_a_view_may_ask_for_a_policy_of_its_own(client):
    assert client.get("/file").headers.getlist("Content-Security-Policy") == ["sandbox"]


def test_only_https_asks_browsers_to_stay_with_https(client):
    assert "Strict-Transport-Security" not in client.get("/jobs").headers
    secure = client.get("/jobs", base_url="https://localhost")
    assert secure.headers["Strict-Transport-Security"] == "max-age=63072000"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_change_with_a_cookie_needs_the_token(client, token, method):
    assert client.open("/jobs", method=method).status_code == 403
    assert client.open("/jobs", method=method, headers={"X-CSRFToken": token}).text == "made"


def test_the_token_may_come_with_the_form(client, token):
    assert client.post("/jobs", data={"csrf_token": token}).text == "made"


def test_a_token_of_another_session_is_refused(client, token):
    other = make_app().test_client().get("/token").text
    assert client.post("/jobs", headers={"X-CSRFToken": other}).status_code == 403


def test_a_header_that_any_script_can_send_is_no_token(client, token):
    assert client.post("/jobs", headers={"HX-Request": "true"}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": OWN, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_site_is_refused_even_with_the_token(client, token, headers):
    response = client.post("/jobs", headers={"X-CSRFToken": token, **headers})
    assert response.status_code == 403


@pytest.mark.parametrize(
    "headers", [{"Origin": OWN}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}]
)
def test_the_portal_itself_is_accepted(client, token, headers):
    assert client.post("/jobs", headers={"X-CSRFToken": token, **headers}).text == "made"


def test_behind_a_proxy_the_public_address_is_our_own():
    client = make_app("https://portal.example.org/esap").test_client()
    client.set_cookie("other", "1")
    client.application.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/jobs", headers={"Origin": "https://portal.example.org"}).text == "made"
    assert client.post("/jobs", headers={"Origin": EVIL}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer abc"}, {"Authorization": "Bearer abc", "Origin": EVIL}],
)
def test_a_program_without_a_cookie_is_nobodys_to_forge(client, headers):
    assert client.post("/jobs", headers=headers).text == "made"


@pytest.mark.parametrize("headers", [{"Origin": EVIL}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_cannot_have_a_new_cookie_set_in_place_of_the_visitors(client, headers):
    assert client.post("/jobs", headers=headers).status_code == 403


@pytest.mark.parametrize("form", [b"name=%00", b"name=a\0", b"%00=a", b"name=%ff"])
def test_a_form_that_no_database_can_keep_is_refused(client, form):
    kind = "application/x-www-form-urlencoded"
    assert client.post("/jobs", data=form, content_type=kind).status_code == 400


def test_a_client_with_a_password_needs_no_token(client):
    assert client.post("/jobs", auth=("", "secret")).text == "made"


def test_a_password_that_a_browser_remembers_is_not_for_other_sites(client):
    response = client.post("/jobs", auth=("", "secret"), headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403


def test_a_bearer_token_does_not_excuse_a_cookie(client, token):
    response = client.post("/jobs", headers={"Authorization": "Bearer abc"})
    assert response.status_code == 403


def test_reading_is_open_to_links_from_anywhere(client, token):
    response = client.get("/jobs", headers={"Origin": EVIL, "Sec-Fetch-Site": "cross-site"})
    assert response.text == "made"


@pytest.mark.parametrize(
    ("public_url", "cookie"),
    [
        (None, "portal=x; HttpOnly; Path=/; SameSite=Lax"),
        ("http://localhost/esap", "portal=x; HttpOnly; Path=/esap/; SameSite=Lax"),
        ("https://localhost", "__Host-portal=x; Secure; HttpOnly; Path=/; SameSite=Lax"),
        ("https://localhost/esap", "portal=x; Secure; HttpOnly; Path=/esap/; SameSite=Lax"),
    ],
)
def test_the_session_cookie_is_as_closed_as_the_address_allows(public_url, cookie):
    response = make_app(public_url).test_client().get("/token")
    name, _, rest = response.headers["Set-Cookie"].partition("=")
    assert f"{name}=x;{rest.partition(';')[2]}" == cookie


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "jobs",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/jobs\r\nLocation: https://evil.example",
        " /jobs",
        "/a\\..\\b",
    ],
)
def test_a_way_back_never_leaves_the_site(target):
    assert security.safe_next(target) == "/"


def test_a_way_back_keeps_path_and_query():
    assert (
        security.safe_next("/esap/jobs?phase=ERROR#end", "/esap/") == "/esap/jobs?phase=ERROR#end"
    )


@given(st.text(alphabet="/\\.:@?#%ea\t\n\r \x00", max_size=12))
@example("/\\/evil")
def test_any_way_back_resolves_to_our_own_host(text):
    target = urljoin("https://portal.example/jobs", security.safe_next(text))
    assert urlsplit(target).netloc == "portal.example"

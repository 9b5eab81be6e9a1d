"""Signing in at a provider that lies: every lie is a page of ours with status 400."""

import logging
import time
from urllib.parse import parse_qs
from urllib.parse import urlsplit

import pytest
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select

from portal.accounts.login_pages import MOST_BEGINNINGS
from portal.accounts.models import Identity
from portal.accounts.models import LoginSession
from portal.accounts.models import Person
from portal.accounts.models import Ticket
from portal.db import db
from tests.support.evil_provider import begin
from tests.support.evil_provider import CLIENT_ID
from tests.support.evil_provider import CLIENT_SECRET
from tests.support.evil_provider import EvilProvider
from tests.support.loopback import Loopback

pytestmark = pytest.mark.slow  # a whole sign-in each

OTHER = "http://127.0.0.1:1"
NOW = time.time()
LIES = {
    "another issuer": {"iss": OTHER},
    "no issuer": {"iss": None},
    "another audience": {"aud": "other"},
    "no audience": {"aud": None},
    "our name as the authorized party of another audience": {"aud": "other", "azp": CLIENT_ID},
    "several audiences and no authorized party": {"aud": [CLIENT_ID, "other"]},
    "another authorized party": {"azp": "other"},
    "expired": {"exp": NOW - 3600},
    "no expiry": {"exp": None},
    "issued in the future": {"iat": NOW + 3600},
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a number as subject": {"sub": 1},
    "a subject that is too long": {"sub": "x" * 256},
}


@pytest.fixture
def settings(settings_with_evil):
    return settings_with_evil()


def signed_in(client):
    return "Signed in as" in client.get("/account").text


def refused(client, answer, status=400):
    assert answer.status_code == status
    assert "<h1>" in answer.text
    assert not signed_in(client)
    return True


def test_an_honest_answer_signs_in(client, evil):
    answer = evil.sign_in(client, then="/account?x=1")

    assert (answer.status_code, answer.location) == (303, "/account?x=1")
    assert signed_in(client)
    assert "Mallory" in client.get("/jobs").text


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_lie_is_refused(client, evil, lie):
    assert refused(client, evil.sign_in(client, **lie))


@pytest.mark.parametrize(
    "skew", [{"exp": -20}, {"iat": 20}], ids=["a little old", "a little early"]
)
def test_clocks_may_differ_a_little(client, evil, skew):
    evil.sign_in(client, **{claim: time.time() + seconds for claim, seconds in skew.items()})

    assert signed_in(client)


def test_a_signature_by_another_key_is_refused(client, evil):
    evil.sign = EvilProvider(Loopback(port=1)).signed

    assert refused(client, evil.sign_in(client))


@pytest.mark.parametrize(
    "forge",
    [
        lambda evil: lambda claims: evil.signed_with(CLIENT_SECRET, claims),
        lambda evil: lambda claims: evil.signed_with(evil.key.as_pem(private=False), claims),
        lambda evil: lambda claims: evil.signed(claims).rsplit(".", 1)[0] + ".",
        lambda evil: (
            lambda claims: "eyJhbGciOiJub25lIn0." + evil.signed(claims).split(".")[1] + "."
        ),
        lambda evil: lambda claims: "not a token",
        lambda evil: lambda claims: 42,
        lambda evil: lambda claims: None,
    ],
    ids=["the client's secret", "the public key", "cut off", "none", "text", "number", "missing"],
)
def test_what_is_not_signed_by_the_providers_key_is_refused(client, evil, forge):
    evil.sign = forge(evil)

    assert refused(client, evil.sign_in(client))


def test_another_persons_userinfo_is_refused(client, evil):
    evil.metadata["userinfo_endpoint"] = f"{evil.issuer}/me"
    evil.userinfo = {"sub": "somebody else"}

    assert refused(client, evil.sign_in(client))


def test_groups_that_only_the_userinfo_has_give_roles_and_others_do_not(app, client, evil):
    evil.metadata["userinfo_endpoint"] = f"{evil.issuer}/me"
    evil.userinfo = {"sub": "mallory", "groups": ["/staff/admins", "staff"]}

    evil.sign_in(client)

    with app.app_context():
        assert db.session.scalar(select(Person.roles)) == ["admin"]
    evil.userinfo = {"sub": "mallory", "groups": ["staff"]}
    evil.sign_in(client)
    with app.app_context():
        assert db.session.scalar(select(Person.roles)) == []


@pytest.mark.parametrize(
    "answer",
    [
        {"state": "forged"},
        {"state": ""},
        {"code": ""},
        {"iss": OTHER},
        {"error": "access_denied", "error_description": "<script>alert(1)</script>"},
        {"error": "<b>x</b>"},
    ],
)
def test_a_forged_return_is_refused_without_the_others_words(client, evil, answer):
    if "code" in answer:
        evil.token = {"id_token": None, "error": "invalid_grant"}
    came = evil.sign_in(client, answer=answer)

    assert refused(client, came)
    assert "alert(1)" not in came.text
    assert "<b>x</b>" not in came.text


@pytest.mark.parametrize("query", ["", "?state=x", "?code=x", "?state=&code="])
def test_an_empty_return_is_refused(client, query):
    assert refused(client, client.get(f"/login/at/evil/callback{query}"))


def test_where_a_provider_tells_its_name_it_must_be_there(client, evil):
    evil.metadata["authorization_response_iss_parameter_supported"] = True

    assert refused(client, evil.sign_in(client))
    evil.sign_in(client, answer={"iss": evil.issuer})
    assert signed_in(client)


def test_a_return_works_once_and_in_its_own_browser_only(app, client, evil):
    asked = begin(client)
    evil.claims = evil.honest_claims(nonce=asked["nonce"])
    query = {"state": asked["state"], "code": "x"}
    stranger = app.test_client()
    stolen = client.get_cookie("portal").value

    assert refused(stranger, stranger.get("/login/at/evil/callback", query_string=query))
    assert client.get("/login/at/evil/callback", query_string=query).status_code == 303
    client.set_cookie("portal", stolen)  # as it was before
    assert refused(client, client.get("/login/at/evil/callback", query_string=query))


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": OTHER},
        {"issuer": "{own}/"},
        {"token_endpoint": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
)
def test_a_description_that_cannot_be_believed_is_refused(client, evil, change):
    evil.metadata |= {
        name: value and value.format(own=evil.issuer) for name, value in change.items()
    }

    assert refused(client, client.get("/login/at/evil"))


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/jwks"])
@pytest.mark.parametrize(
    "failure",
    [
        lambda one: one.answer("down", status=500),
        lambda one: one.answer("<h1>not JSON</h1>"),
        lambda one: one.answer(b"x" * 1_100_000),
        lambda one: None,
    ],
    ids=["error", "no JSON", "endless", "cut"],
)
def test_a_provider_that_fails_is_a_503_and_the_rest_works(client, evil, path, failure):
    if path.startswith("/."):
        evil.server.routes[path] = failure
        answer = client.get("/login/at/evil")
    else:
        asked = begin(client)
        evil.claims = evil.honest_claims(nonce=asked["nonce"])
        evil.server.routes[path] = failure
        query = {"state": asked["state"], "code": "x"}
        answer = client.get("/login/at/evil/callback", query_string=query)

    assert refused(client, answer, answer.status_code)
    assert answer.status_code in ((503,) if path.startswith("/.") else (400, 503))
    assert client.get("/jobs").status_code == 200


def test_what_a_provider_says_of_somebody_is_shown_as_text(client, evil):
    evil.sign_in(client, name="<img src=x onerror=alert(1)>\x00\n" * 30, email="<b>@x.org")

    page = client.get("/account").text

    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_the_cookie_tells_neither_verifier_nor_nonce_nor_state_of_a_sign_in(app, client, evil):
    asked = begin(client)
    reader = app.session_interface.get_signing_serializer(app)
    cookie = reader.loads(client.get_cookie("portal").value)

    assert asked["nonce"] not in str(cookie)
    assert "verifier" not in str(cookie)
    with app.app_context():
        kept = db.session.scalars(select(Ticket.content)).all()
    assert kept
    assert all(asked["nonce"].encode() not in content for content in kept)


def test_secrets_are_in_no_log(client, evil, caplog):
    caplog.set_level(logging.DEBUG)
    evil.token = {"access_token": "canary-access", "refresh_token": "canary-refresh"}
    asked = begin(client)
    evil.claims = evil.honest_claims(nonce=asked["nonce"])
    query = {"state": asked["state"], "code": "canary-code"}
    client.get("/login/at/evil/callback", query_string=query)
    client.get("/login/at/evil/callback", query_string=query)

    from portal.logs import hide_secrets

    said = "\n".join(
        hide_secrets(record.getMessage())
        for record in caplog.records
        if record.name.partition(".")[0] in {"portal", "authlib", "joserfc", "werkzeug"}
    )
    assert "canary" not in said
    assert asked["state"] not in said
    assert asked["nonce"] not in said


def test_equal_names_at_one_issuer_are_still_two_people(app, client, evil):
    evil.sign_in(client, sub="1", name="Ada", email="ada@x.org")
    evil.sign_in(app.test_client(), sub="2", name="Ada", email="ada@x.org")
    evil.sign_in(app.test_client(), sub="1", name="Ada Lovelace")

    with app.app_context():
        people = select(Identity.subject, Person.name).join(Person)
        assert {tuple(row) for row in db.session.execute(people)} == {
            ("1", "Ada Lovelace"),
            ("2", "Ada"),
        }
        assert len(db.session.scalars(select(LoginSession)).all()) == 3


def test_many_begun_sign_ins_leave_a_cookie_that_fits(client, evil):
    for _ in range(30):
        begin(client)

    assert len(client.get_cookie("portal").value) < 1_500
    evil.sign_in(client)
    assert signed_in(client)


def test_who_was_signed_out_elsewhere_is_told_so_once(app, client, evil):
    evil.sign_in(client)
    with app.app_context():
        db.session.execute(delete(LoginSession))
        db.session.commit()

    assert "Your session has ended." in client.get("/jobs").text
    assert "Your session has ended." not in client.get("/jobs").text


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/ /evil",
        "/\t/evil",
        "javascript:alert(1)",
        "http:evil",
        "",
        "evil",
        "/\n/evil",
    ],
)
def test_nobody_is_led_away_after_signing_in(client, evil, target):
    assert evil.sign_in(client, then=target).location == "/"


def test_the_way_there_asks_for_a_code_with_a_challenge(client, evil):
    there = client.get("/login/at/evil").location
    asked = {name: value[0] for name, value in parse_qs(urlsplit(there).query).items()}

    assert there.startswith(f"{evil.issuer}/auth?")
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://localhost/login/at/evil/callback"
    assert asked["scope"] == "openid profile email"
    assert len(asked["state"]) >= 20


def test_a_crawler_that_begins_sign_in_after_sign_in_waits_and_fills_no_table(app, client, evil):
    answers = [app.test_client().get("/login/at/evil") for _ in range(MOST_BEGINNINGS + 10)]

    assert [one.status_code for one in answers].count(303) == MOST_BEGINNINGS
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1
    with app.app_context():
        kept = db.session.scalar(select(func.count()).select_from(Ticket))
    assert kept == MOST_BEGINNINGS
    elsewhere = app.test_client().get("/login/at/evil", environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert elsewhere.status_code == 303

"""Signing in where browsers use another address, with a path prefix."""

from urllib.parse import parse_qs
from urllib.parse import urlsplit

import pytest

PUBLIC = "https://portal.example.org/esap"


@pytest.fixture
def settings(settings_with_evil):
    return settings_with_evil(public_url=PUBLIC)


def test_the_way_there_and_back_is_by_the_public_address(client, evil):
    page = client.get("/jobs?page=1", base_url=PUBLIC).text
    assert 'href="/esap/login?next=/esap/jobs?page%3D1"' in page

    there = client.get("/login/at/evil?next=/esap/jobs", base_url=PUBLIC).location
    asked = {name: value[0] for name, value in parse_qs(urlsplit(there).query).items()}
    assert asked["redirect_uri"] == f"{PUBLIC}/login/at/evil/callback"

    evil.claims = evil.honest_claims(nonce=asked["nonce"])
    query = {"state": asked["state"], "code": "x"}
    back = client.get("/login/at/evil/callback", query_string=query, base_url=PUBLIC)
    assert back.location == "/esap/jobs"
    for cookie in back.headers.getlist("Set-Cookie"):
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/esap/"} <= set(cookie.split("; "))
    assert "Signed in as" in client.get("/jobs", base_url=PUBLIC).text

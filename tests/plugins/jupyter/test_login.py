"""Tokens of hubs that people stored go to their hub only, and by HTTPS."""

import pytest

from portal.plugins import FacilityContext
from portal.plugins import forget_token
from portal.plugins import HttpPolicy
from portal.plugins import open_session
from portal.plugins import RemoteCredential
from portal.plugins import stored_token
from portal.plugins import UsageError


@pytest.fixture
def stored():
    token = RemoteCredential(user_name="", secret="t0ken")
    return {"hub.example.org": token, "127.0.0.1": token}


@pytest.fixture
def context(stored):
    return FacilityContext(
        http=open_session(HttpPolicy()), credential=stored.get, forget_credential=stored.pop
    )


@pytest.mark.parametrize("url", ["https://hub.example.org:8000/x/", "http://127.0.0.1:8000/"])
def test_a_token_is_found_by_the_host(context, url):
    assert stored_token(context, url) == "t0ken"


def test_who_stored_none_has_none(context):
    assert stored_token(context, "https://other.example.org/") is None


def test_a_password_for_something_else_at_the_host_is_no_token(context, stored):
    stored["hub.example.org"] = RemoteCredential(user_name="ada", secret="password")

    assert stored_token(context, "https://hub.example.org/") is None


def test_a_token_is_not_sent_where_everybody_could_read_it(context):
    with pytest.raises(UsageError, match="not HTTPS"):
        stored_token(context, "http://hub.example.org/")


def test_what_was_refused_is_forgotten(context, stored):
    forget_token(context, "https://hub.example.org/hub/")

    assert list(stored) == ["127.0.0.1"]

import base64

import pytest
import requests

from portal.plugins import RemoteCredential
from portal.plugins import UsageError
from portal_vo.login import HostLogin
from portal_vo.login import log_in
from portal_vo.tap import TapParameters
from portal_vo.tap import TapQuery
from portal_vo.words import refusal

PASSWORD = RemoteCredential(user_name="ada", secret="s3cret")
TOKEN = RemoteCredential(user_name="", secret="t0ken")
SERVICE = "https://archive.example/tap"


def header(credential, url):
    login = HostLogin(credential, SERVICE, refused=pytest.fail)
    request = requests.Request("GET", url, auth=login).prepare()
    return request.headers.get("Authorization")


def test_a_password_is_basic_and_a_token_is_bearer():
    words = base64.b64encode(b"ada:s3cret").decode()

    assert header(PASSWORD, f"{SERVICE}/async/1") == f"Basic {words}"
    assert header(TOKEN, "https://archive.example:443/tap/sync") == "Bearer t0ken"


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example/tap",
        "https://archive.example.evil.example/tap",
        "http://archive.example/tap",
        "https://archive.example:8443/tap",
        "https://archive.example@evil.example/tap",
    ],
)
def test_another_origin_is_shown_nothing(url):
    assert header(TOKEN, url) is None


def test_the_login_of_the_host_is_used_and_the_log_says_so(job):
    job.credentials["archive.example"] = PASSWORD
    context = job.context()

    log_in(context, SERVICE)

    prepared = context.http.prepare_request(requests.Request("GET", SERVICE))
    assert prepared.headers["Authorization"].startswith("Basic ")
    assert job.lines == ["Logging in at archive.example"]


def test_without_https_a_login_is_not_sent(tap, job):
    job.credentials["127.0.0.1"] = PASSWORD
    parameters = TapParameters(access_url=tap.url, query="SELECT n FROM t")

    TapQuery().run(parameters, job.context())

    assert tap.server.requests
    assert all(
        "authorization" not in {name.lower() for name in one.headers} for one in tap.server.requests
    )
    assert "not HTTPS" in job.lines[0]
    assert "s3cret" not in repr(job)


def test_where_nothing_is_stored_nobody_logs_in(job):
    context = job.context()

    log_in(context, SERVICE)

    assert context.http.auth is None
    assert job.lines == []


@pytest.mark.parametrize(("status", "is_kept"), [(401, False), (403, True), (200, True)])
def test_a_login_that_is_refused_is_deleted_and_said_to_be(job, requests_mock, status, is_kept):
    job.credentials["archive.example"] = PASSWORD
    requests_mock.get(SERVICE, status_code=status, reason="No", text="go away")
    context = job.context()
    log_in(context, SERVICE)

    response = context.http.get(SERVICE, stream=True)

    assert ("archive.example" in job.credentials) == is_kept
    if status == 401:
        error = refusal(response)
        assert isinstance(error, UsageError)
        assert "401 No: go away. It does not accept the login that you stored" in error.message

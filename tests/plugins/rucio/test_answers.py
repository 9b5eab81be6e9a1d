"""Servers that do not answer as Rucio does."""

import json

import pytest

from portal.plugins import RemoteCredential
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins.testing import check_abort
from portal.plugins.testing import read_result
from portal_rucio import answers
from portal_rucio.availability import AvailabilityQuery
from portal_rucio.dids import DidsQuery
from portal_rucio.replicas import ReplicasQuery
from portal_rucio.scopes import ScopesQuery
from portal_rucio.settings import LakeSettings
from tests.plugins.rucio.conftest import run

SCOPES, DIDS, REPLICAS = "/scopes/", "/dids/s/dids/search", "/replicas/list"
LINE = json.dumps({"scope": "s", "name": "n", "did_type": "FILE"}) + "\n"


def lines(body, **options):
    return lambda exchange: exchange.answer(
        body, content_type="application/x-json-stream", **options
    )


def test_a_server_that_is_down_may_be_asked_again(server, odd, stranger):
    down = odd.model_copy(update={"url": "http://127.0.0.1:1"})
    for query in (ScopesQuery(down), AvailabilityQuery(down)):
        with pytest.raises(TransientError, match=r"127\.0\.0\.1:1"):
            run(query, stranger)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_server_that_is_busy_may_be_asked_again(server, odd, stranger, status):
    server.routes[SCOPES] = lines("", status=status)
    with pytest.raises(TransientError, match=str(status)):
        run(ScopesQuery(odd), stranger)


def test_what_the_user_asked_wrongly_is_so_whatever_the_status(server, odd, stranger):
    server.routes[SCOPES] = lines(
        "", status=500, ExceptionClass="AccessDenied", ExceptionMessage="no"
    )
    with pytest.raises(UsageError, match="AccessDenied: no"):
        run(ScopesQuery(odd), stranger)


def test_what_somebody_may_not_do_is_no_matter_of_the_login(server, odd, stranger):
    server.routes[SCOPES] = lines("", status=401, ExceptionClass="AccessDenied")
    with pytest.raises(UsageError, match="AccessDenied") as caught:
        run(ScopesQuery(odd), stranger)
    assert "Store your login" not in caught.value.message


@pytest.mark.parametrize("kind", ["DatabaseException", ""])
def test_what_broke_in_the_server_is_no_fault_of_the_user(server, odd, stranger, kind):
    server.routes[SCOPES] = lines("<h1>Oh</h1>", status=500, ExceptionClass=kind)
    with pytest.raises(ServiceError, match="500"):
        run(ScopesQuery(odd), stranger)


def test_a_redirect_is_not_followed(server, odd, stranger):
    server.routes[SCOPES] = lines("", status=302, Location=f"{server.url}/elsewhere")
    with pytest.raises(ServiceError, match="302"):
        run(ScopesQuery(odd), stranger)
    assert server.asked() == [f"GET {SCOPES}"]


@pytest.mark.parametrize("body", ["", "{", '{"a": 1}', "[1]", "<html>"])
def test_scopes_that_are_none_are_refused(server, odd, stranger, body):
    server.routes[SCOPES] = lines(body)
    with pytest.raises(ServiceError):
        run(ScopesQuery(odd), stranger)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (LINE + LINE[:-5], "broke off"),
        (LINE + "oops\n", "not JSON"),
        (LINE + '{"scope": "s"}\n', "form that its API does not have"),
        (LINE + '{"scope": "s", "name": "n", "bytes": -1}\n', "form"),
        (LINE + '{"scope": "s", "name": "n", "bytes": 1e30}\n', "form"),
        (LINE + "x" * 100, "does not end"),
    ],
)
def test_a_line_that_is_none_ends_the_table_as_cut(server, odd, stranger, monkeypatch, body, words):
    monkeypatch.setattr(answers, "LONGEST_LINE", 80)
    server.routes[DIDS] = lines(body)
    with pytest.raises(ServiceError, match=words):
        run(DidsQuery(odd), stranger, scope="s")


def test_rows_come_before_the_list_has_ended(server, odd, stranger):
    def endless(exchange):
        exchange.head(content_type="application/x-json-stream")
        exchange.flood(LINE.encode() * 100)

    server.routes[DIDS] = endless
    stranger.maxrec = 1200
    query = DidsQuery(odd)
    rows, end = read_result(query.run(query.Parameters(scope="s"), stranger.context()))
    assert (len(rows), end.overflow) == (1200, True)


def test_an_abort_ends_a_list(server, odd, stranger):
    server.routes[DIDS] = lines(LINE)
    check_abort(DidsQuery(odd), DidsQuery.Parameters(scope="s"), stranger)


def test_a_question_has_what_was_asked_and_nothing_more(server, odd, stranger):
    server.routes[REPLICAS] = lines("")
    run(ReplicasQuery(odd), stranger, did=["s:a/b", 's:"\n'], rse_expression="X|Y")
    (asked,) = server.requests
    assert json.loads(asked.body) == {
        "dids": [{"scope": "s", "name": "a/b"}, {"scope": "s", "name": '"'}],
        "schemes": ["https", "http", "davs"],
        "rse_expression": "X|Y",
    }
    assert "x-rucio-auth-token" not in asked.headers


def test_a_login_is_not_sent_without_https(server, odd, stranger):
    stranger.credentials = {"127.0.0.1": RemoteCredential(user_name="ada", secret="s3cret")}
    server.routes[SCOPES] = lines("[]")
    run(ScopesQuery(odd), stranger)
    (asked,) = server.requests
    assert "s3cret" not in repr(asked.headers)
    assert stranger.lines == ["The login for 127.0.0.1 was not sent, as the address is not HTTPS"]


def test_a_login_is_not_sent_when_only_the_way_to_the_token_is_open(server, stranger):
    lake = LakeSettings(title="x", url="https://127.0.0.1:1", auth_url=server.url)
    stranger.credentials = {"127.0.0.1": RemoteCredential(user_name="ada", secret="s3cret")}
    with pytest.raises(TransientError):
        run(ScopesQuery(lake), stranger)
    assert server.requests == []

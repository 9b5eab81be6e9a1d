import traceback

import pytest

from portal_client import InvalidParametersError
from portal_client import Portal
from portal_client import PortalError
from portal_client import UnavailableError
from tests.support.loopback import loopback

TOKEN = "apt_very-secret"
TYPES = "/uws/types"
NOTHING = '{"types": []}'


@pytest.fixture
def server():
    with loopback() as server:
        server.routes[TYPES] = says(NOTHING)
        yield server


def says(body, *, status=200, content_type="application/json", **headers):
    return lambda exchange: exchange.answer(
        body, status=status, content_type=content_type, **headers
    )


def refusal(server):
    with pytest.raises(PortalError) as refused:
        Portal(server.url, TOKEN).types()
    return refused.value


def test_the_token_is_sent_as_bearer(server):
    Portal(server.url, TOKEN).types()

    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_without_a_token_nothing_is_sent_not_even_what_netrc_holds(server, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password x\n")
    monkeypatch.setenv("NETRC", str(netrc))

    Portal(server.url).types()

    assert "authorization" not in server.requests[0].headers


def test_no_proxy_sees_what_stays_on_this_computer(server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    assert Portal(server.url, TOKEN).types() == []


def test_address_and_token_come_from_the_environment(server, monkeypatch):
    monkeypatch.setenv("PORTAL_URL", server.url)
    monkeypatch.setenv("PORTAL_TOKEN", f"{TOKEN}\n")

    Portal().types()
    Portal(f"{server.url}/").types()

    assert {one.headers["authorization"] for one in server.requests} == {f"Bearer {TOKEN}"}


def test_the_token_of_one_portal_is_not_told_to_another(server, monkeypatch):
    monkeypatch.setenv("PORTAL_URL", "https://portal.example")
    monkeypatch.setenv("PORTAL_TOKEN", TOKEN)

    Portal(server.url).types()

    assert "authorization" not in server.requests[0].headers


def test_without_an_address_one_is_asked_for():
    with pytest.raises(ValueError, match="PORTAL_URL"):
        Portal()


@pytest.mark.parametrize("url", ["http://portal.example", "http://10.0.0.1:8080/esap"])
def test_a_token_is_not_sent_unencrypted(url):
    with pytest.raises(ValueError, match="unencrypted") as refused:
        Portal(url, TOKEN)

    assert TOKEN not in str(refused.value)
    assert Portal(url).url == f"{url}/"


@pytest.mark.parametrize("url", ["http://localhost:8080", "http://[::1]:1", "https://a.example/b/"])
def test_a_token_is_sent_to_this_computer_and_over_https(url):
    assert Portal(url, TOKEN).url == f"{url.rstrip('/')}/"


@pytest.mark.parametrize(
    "url",
    [
        *("portal.example", "ftp://portal.example", "https://", "https://a.example/?next=1"),
        *("https://ada:secret@a.example", "https://a.example/#here", ""),
    ],
)
def test_what_is_no_address_of_a_portal_is_refused(url):
    with pytest.raises(ValueError, match="address"):
        Portal(url)


@pytest.mark.parametrize("token", ["a b", "a\r\nX-Header: b", "\xfc"])
def test_what_is_no_token_is_refused_without_repeating_it(token):
    with pytest.raises(ValueError, match="no token") as refused:
        Portal("https://portal.example", token)

    assert token not in str(refused.value)


def test_the_token_is_not_shown(server):
    portal = Portal(server.url, TOKEN)
    server.routes[TYPES] = says("{}", status=500)

    error = refusal(server)

    shown = [repr(portal), str(error), repr(error), "".join(traceback.format_exception(error))]
    assert not any(TOKEN in one for one in shown)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_told_and_not_followed(server, status):
    with loopback() as other:
        server.routes[TYPES] = says("", status=status, location=f"{other.url}/uws/types")

        error = refusal(server)

        assert f"{other.url}/uws/types" in str(error)
        assert other.requests == []


def test_no_cookie_is_kept(server):
    server.routes[TYPES] = says(NOTHING, set_cookie="portal=owner; Path=/")
    portal = Portal(server.url)

    portal.types()
    portal.types()

    assert "cookie" not in server.requests[1].headers


def test_a_portal_that_is_not_there_is_said_in_few_words():
    with loopback() as server:
        url = server.url

    with pytest.raises(UnavailableError) as refused:
        Portal(url, TOKEN).types()

    assert str(refused.value) == f"{url}/ did not answer: Connection refused"
    assert refused.value.status is None


def test_the_words_of_a_problem_are_the_message(server):
    problem = '{"title": "Forbidden", "status": 403, "detail": "No.", "instance": "ab12"}'
    server.routes[TYPES] = says(problem, status=403, content_type="application/problem+json")

    error = refusal(server)

    assert (str(error), error.status) == ("No. (reference ab12)", 403)


def test_every_wrong_parameter_has_its_name_and_words(server):
    problem = """{"title": "Wrong", "errors": [{"pointer": "/parameters/a~1b~0/0", "detail": "x"},
        {"name": "c", "pointer": "/parameters/c", "detail": "y"}, 7]}"""
    server.routes[TYPES] = says(problem, status=422, content_type="application/problem+json")

    error = refusal(server)

    assert isinstance(error, InvalidParametersError)
    assert [(one.name, one.message) for one in error.errors] == [("a/b~", "x"), ("c", "y")]
    assert str(error) == "Wrong\na/b~: x\nc: y"


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        ("Sorry.\n", "text/plain", "Sorry."),
        ("<h1>Bad Gateway</h1>", "text/html", "The portal answered 502 Bad Gateway."),
        ("{", "application/json", "The portal answered 502 Bad Gateway."),
        ("[]", "application/json", "The portal answered 502 Bad Gateway."),
    ],
)
def test_an_error_that_is_no_problem_is_still_told(server, body, content_type, words):
    server.routes[TYPES] = says(body, status=502, content_type=content_type)

    error = refusal(server)

    assert isinstance(error, UnavailableError)
    assert str(error) == words


def test_a_server_that_is_no_portal_is_told_so(server):
    server.routes[TYPES] = says("<h1>Welcome</h1>", content_type="text/html")

    server.routes["/uws/jobs"] = says("<h1>Welcome</h1>", content_type="text/html")

    assert "not as a portal does" in str(refusal(server))
    with pytest.raises(PortalError, match="not as a portal does"):
        Portal(server.url).submit("test.echo")


def test_a_download_that_breaks_off_leaves_nothing_behind(server, tmp_path):
    document = '{"jobId": "1", "phase": "COMPLETED", "jobInfo": {}, "results": [%s]}'
    result = '{"id": "result", "href": "x", "size": null, "mimeType": "y"}'
    server.routes["/uws/jobs/1"] = says(document % result)

    def half(exchange):
        exchange.head(content_length="1000")
        exchange.write(b"half")

    server.routes["/uws/jobs/1/results/result"] = half

    with pytest.raises(UnavailableError, match="broke off"):
        Portal(server.url).job("1").download(tmp_path / "stars.vot")

    assert list(tmp_path.iterdir()) == []


def test_a_name_is_one_piece_of_an_address(server):
    with pytest.raises(PortalError):
        Portal(server.url).type("../../account?x#y")

    assert server.asked() == ["GET /uws/types/..%2F..%2Faccount%3Fx%23y"]

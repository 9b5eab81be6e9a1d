import gzip
import io
import socket
import ssl
import subprocess
import threading
import time
import zlib

import pytest
import requests

from portal.plugins.http import AbortedError
from portal.plugins.http import DeadlineError
from portal.plugins.http import HttpPolicy
from portal.plugins.http import open_body
from portal.plugins.http import open_farewell
from portal.plugins.http import open_session
from portal.plugins.http.addresses import is_public
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.problems import UsageError
from tests.support.loopback import loopback

PUBLIC = "93.184.216.34"
INSIDE = {
    "inside.example.org": "10.1.2.3",
    "loop.example.org": "127.0.0.1",
    "metadata.example.org": "169.254.169.254",
    "public.example.org": PUBLIC,
}
HOSTILE = [
    "http://127.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://0x7f.1:{port}/",
    "http://0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST.:{port}/",
    "http://[::1]:{port}/",
    "http://[::]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[fe80::1]:{port}/",
    "http://169.254.169.254/latest/meta-data/",
    "http://loop.example.org:{port}/",
    "http://inside.example.org/",
    "http://user:secret@127.0.0.1:{port}/",
    "http://public.example.org@127.0.0.1:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "file:///etc/passwd",
    "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
]


@pytest.fixture
def server():
    with loopback() as running:
        yield running


@pytest.fixture
def session(server):
    with open_session(HttpPolicy(allow=frozenset([server.host]), read_timeout=5)) as opened:
        yield opened


@pytest.fixture
def network(monkeypatch):
    """Names that resolve without a name service, and a record of who would be contacted."""
    contacted = []
    look_up, connect = socket.getaddrinfo, socket.socket.connect

    def resolve(host, port, *args, **kwargs):
        return look_up(INSIDE.get(host, host), port, *args, **kwargs)

    def record(self, address):
        contacted.append(address[0])
        if address[0].startswith("127."):
            return connect(self, address)
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", record)
    return contacted


def slowly(server, route, **policy):
    server.routes["/"] = route
    return HttpPolicy(allow=frozenset([server.host]), **policy)


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_and_nobody_is_contacted(url, server, network):
    server.routes["/"] = lambda exchange: exchange.answer(b"SECRET")
    with open_session(HttpPolicy()) as session, pytest.raises(UsageError) as caught:
        session.get(url.format(port=server.port))
    assert network == []
    assert server.requests == []
    assert "secret" not in caught.value.message


def test_a_private_address_is_refused_in_words_that_help():
    with open_session(HttpPolicy()) as session, pytest.raises(UsageError) as caught:
        session.get("http://192.168.1.1/tap")
    assert "192.168.1.1 is in a private network" in caught.value.message
    assert "operator" in caught.value.message


def test_a_public_address_is_connected_to_as_it_was_resolved(network):
    with open_session(HttpPolicy()) as session, pytest.raises(TransientError) as caught:
        session.get("http://public.example.org/tap")
    assert network == [PUBLIC]
    assert caught.value.message == "public.example.org does not answer within 10 s"


def test_a_name_that_changes_its_address_is_judged_by_the_one_that_is_used(
    server, network, monkeypatch
):
    answers = iter([PUBLIC, "127.0.0.1", "127.0.0.1"])
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda _host, port, **kinds: look_up(next(answers), port, **kinds)
    )
    url = f"http://rebinding.example.org:{server.port}/"
    with open_session(HttpPolicy()) as session:
        with pytest.raises(TransientError):
            session.get(url)
        with pytest.raises(UsageError):
            session.get(url)
    assert network == [PUBLIC]
    assert server.requests == []


def test_of_several_addresses_only_the_public_ones_are_tried(network, monkeypatch):
    both = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, 80)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kinds: both)
    with open_session(HttpPolicy()) as session, pytest.raises(TransientError):
        session.get("http://mixed.example.org/")
    assert network == [PUBLIC]


def test_the_next_address_is_tried_when_one_does_not_answer(server, monkeypatch):
    endpoints = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        for port in (1, server.port)
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kinds: endpoints)
    server.routes["/"] = lambda exchange: exchange.answer(b"second")
    with open_session(HttpPolicy(allow=frozenset(["vo.example.org"]))) as session:
        assert session.get("http://vo.example.org/").content == b"second"


def test_a_connection_that_leads_elsewhere_is_dropped(server, session, monkeypatch):
    elsewhere = ("10.0.0.1", server.port)
    monkeypatch.setattr(socket.socket, "getpeername", lambda _socket: elsewhere)
    with pytest.raises(UsageError, match="another address"):
        session.get(f"{server.url}/")
    assert server.requests == []


def test_a_redirect_to_loopback_is_refused(server, session):
    with loopback() as inner:
        inner.routes["/"] = lambda exchange: exchange.answer(b"SECRET")
        server.routes["/"] = lambda exchange: exchange.answer(status=302, location=inner.url)
        with pytest.raises(UsageError):
            session.get(f"{server.url}/")
        assert inner.requests == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://user:secret@127.0.0.1:{port}/x"])
def test_a_redirect_out_of_the_web_or_with_a_password_is_refused(server, session, target):
    location = target.format(port=server.port)
    server.routes["/"] = lambda exchange: exchange.answer(status=302, location=location)
    with pytest.raises(UsageError):
        session.get(f"{server.url}/")
    assert server.asked() == ["GET /"]


def test_redirects_in_circles_end(server, session):
    server.routes["/"] = lambda exchange: exchange.answer(status=302, location="/")
    with pytest.raises(ServiceError, match="redirects in circles"):
        session.get(f"{server.url}/")
    assert len(server.requests) == 6


@pytest.mark.parametrize("follow", [True, False])
def test_what_a_redirect_says_is_not_read_to_its_end(server, session, follow):
    def endless(exchange):
        exchange.head(302, location="/there")
        exchange.flood(b"x" * 65_536)

    server.routes["/"] = endless
    server.routes["/there"] = lambda exchange: exchange.answer(b"arrived")
    response = session.get(f"{server.url}/", allow_redirects=follow)
    assert response.status_code == (200 if follow else 302)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.1.1", "172.16.0.1", "192.0.2.1",
        "192.168.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "0.0.0.0",
        "::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1",
        "100::1", "2001::1", "2001:db8::1", "2002:a00:1::", "fc00::1", "fe80::1", "fec0::1",
        "ff02::1", "ff0e::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_that_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("form", ["127.0.0.1", "127.0.0.1:{port}", "localhost", "localhost:{port}"])
def test_the_operator_may_allow_a_host_on_a_private_address(server, form):
    server.routes["/"] = lambda exchange: exchange.answer(b"hello")
    policy = HttpPolicy(allow=frozenset([form.format(port=server.port)]))
    with open_session(policy) as session:
        host = "LocalHost" if "localhost" in form else "127.0.0.1"
        assert session.get(f"http://{host}:{server.port}/").content == b"hello"


def test_an_allowed_port_does_not_allow_the_others(server):
    policy = HttpPolicy(allow=frozenset([f"127.0.0.1:{server.port + 1}"]))
    with open_session(policy) as session, pytest.raises(UsageError):
        session.get(server.url)


def test_the_environment_is_not_consulted(server, session, monkeypatch, tmp_path):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    server.routes["/"] = lambda exchange: exchange.answer(b"direct")
    assert session.get(server.url + "/").content == b"direct"
    assert "authorization" not in server.requests[0].headers
    assert server.requests[0].headers["user-agent"] == "archive-portal"


def test_cookies_are_kept_within_a_session(server, session):
    server.routes["/"] = lambda exchange: exchange.answer(b"", set_cookie="node=7")
    session.get(server.url + "/")
    session.get(server.url + "/")
    assert server.requests[1].headers["cookie"] == "node=7"


@pytest.mark.slow
def test_a_slow_drip_of_the_body_stops_at_the_deadline(server):
    def drip(exchange):
        exchange.head()
        exchange.drip(b"x")

    policy = slowly(server, drip)
    started = time.monotonic()
    with open_session(policy, deadline=started + 0.6) as session:
        body = open_body(session.get(server.url + "/"))
        with pytest.raises(DeadlineError):
            body.read()
    assert time.monotonic() - started < 2


@pytest.mark.slow
@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 "])
def test_a_slow_drip_of_the_headers_stops_at_the_deadline(server, head):
    def drip(exchange):
        exchange.write(head)
        exchange.drip(b"x")

    policy = slowly(server, drip)
    started = time.monotonic()
    with open_session(policy, deadline=started + 0.6) as session, pytest.raises(DeadlineError):
        session.get(server.url + "/")
    assert time.monotonic() - started < 2


def test_a_body_is_read_while_it_arrives(server, session):
    going_on = threading.Event()

    def halves(exchange):
        exchange.head(content_length="8")
        exchange.write(b"half")
        going_on.wait(5)
        exchange.write(b"half")

    server.routes["/"] = halves
    body = open_body(session.get(server.url + "/"))
    assert body.read(2) == b"ha"
    assert body.read(1_000) == b"lf"
    going_on.set()
    assert body.read() == b"half"
    assert body.read(10) == b""


def test_a_body_can_be_buffered_like_any_file(server, session):
    server.routes["/"] = lambda exchange: exchange.answer(b"one\ntwo\n")
    with io.BufferedReader(open_body(session.get(server.url + "/"))) as lines:
        assert list(lines) == [b"one\n", b"two\n"]


@pytest.mark.slow
def test_a_silent_server_is_named(server):
    policy = slowly(server, lambda exchange: exchange.hang(), read_timeout=0.3)
    with open_session(policy) as session, pytest.raises(TransientError) as caught:
        session.get(server.url + "/?QUERY=secret")
    assert caught.value.message == f"{server.host} does not answer within 0.3 s"


@pytest.mark.slow
def test_a_server_that_falls_silent_is_named(server):
    def fall_silent(exchange):
        exchange.head(content_length="100")
        exchange.hang()

    policy = slowly(server, fall_silent, read_timeout=0.3)
    with open_session(policy) as session:
        body = open_body(session.get(server.url + "/"))
        with pytest.raises(TransientError, match=f"{server.host} stopped sending"):
            body.read()


@pytest.mark.slow
@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_bomb_is_defused(server, coding, pack):
    bomb = pack(bytes(50_000_000))
    policy = slowly(
        server,
        lambda exchange: exchange.answer(bomb, content_encoding=coding),
        max_bytes=1_000_000,
    )
    with open_session(policy) as session:
        body = open_body(session.get(server.url + "/"))
        with pytest.raises(ServiceError, match="larger than 1 MB"):
            body.read()


def test_an_endless_body_is_cut(server):
    def endless(exchange):
        exchange.head()
        exchange.flood(b"x" * 65_536)

    policy = slowly(server, endless, max_bytes=2_000_000)
    with open_session(policy) as session, pytest.raises(ServiceError, match="larger than 2 MB"):
        _ = session.get(server.url + "/").content


def test_an_answer_within_the_limit_arrives_whole(server):
    sent = bytes(range(256)) * 4_000
    policy = slowly(
        server,
        lambda exchange: exchange.answer(gzip.compress(sent), content_encoding="gzip"),
        max_bytes=len(sent),
    )
    with open_session(policy) as session:
        body = open_body(session.get(server.url + "/"))
        assert b"".join(iter(lambda: body.read(1_000), b"")) == sent


def test_damaged_compression_is_told(server, session):
    server.routes["/"] = lambda exchange: exchange.answer(b"not gzip", content_encoding="gzip")
    with pytest.raises(ServiceError, match="cannot be unpacked"):
        open_body(session.get(server.url + "/")).read()


def test_a_short_answer_is_told(server, session):
    def cut(exchange):
        exchange.head(content_length="100")
        exchange.write(b"only this")

    server.routes["/"] = cut
    with pytest.raises(TransientError, match="broke the connection"):
        open_body(session.get(server.url + "/")).read()


def test_an_abort_ends_a_blocked_read(server):
    def fall_silent(exchange):
        exchange.head(content_length="100")
        exchange.hang()

    policy = slowly(server, fall_silent)
    aborted = threading.Event()
    with open_session(policy, is_aborted=aborted.is_set) as session:
        body = open_body(session.get(server.url + "/"))
        threading.Timer(0.2, aborted.set).start()
        started = time.monotonic()
        with pytest.raises(AbortedError):
            body.read()
    assert time.monotonic() - started < 1.5


def test_a_farewell_works_after_the_abort(server):
    policy = slowly(server, lambda exchange: exchange.answer(b"goodbye"))
    with open_session(policy, is_aborted=lambda: True) as session:
        with pytest.raises(AbortedError):
            session.post(server.url + "/")
        with open_farewell(session) as farewell:
            assert farewell.post(server.url + "/").content == b"goodbye"


def test_a_refused_connection_is_named():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{bound.getsockname()[1]}"
        session = open_session(HttpPolicy(allow=frozenset([host])))
        with session, pytest.raises(TransientError) as caught:
            session.get(f"http://{host}/")
    assert caught.value.message == f"{host} refuses the connection"


@pytest.mark.parametrize(
    ("number", "kind"), [(socket.EAI_NONAME, UsageError), (socket.EAI_AGAIN, TransientError)]
)
def test_a_name_that_cannot_be_resolved_is_told(monkeypatch, number, kind):
    def fail(*args, **kinds):
        raise socket.gaierror(number, "no")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with open_session(HttpPolicy()) as session, pytest.raises(kind, match=r"vo\.example\.org"):
        session.get("http://vo.example.org/tap")


@pytest.mark.parametrize(
    "url", ["", "tap", "http://", "http://[::1/", "http://a..b/", "http://x:99999/"]
)
def test_what_is_no_address_is_told(url):
    with open_session(HttpPolicy()) as session, pytest.raises(UsageError):
        session.get(url)


@pytest.mark.parametrize("bytes_sent", [b"SSH-2.0-OpenSSH_9\r\n\r\n", b"\x00" * 100 + b"\r\n\r\n"])
def test_a_server_that_speaks_something_else_is_told(server, session, bytes_sent):
    server.routes["/"] = lambda exchange: exchange.write(bytes_sent)
    with pytest.raises(ServiceError, match="does not speak HTTP"):
        session.get(server.url + "/")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=vo.example.org"]
    command += ["-addext", "subjectAltName=DNS:vo.example.org"]
    command += ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def secure_server(certificate, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    monkeypatch.setitem(INSIDE, "vo.example.org", "127.0.0.1")
    monkeypatch.setitem(INSIDE, "other.example.org", "127.0.0.1")
    with loopback(tls=context) as running:
        yield running


ALLOW_EXAMPLES = frozenset(["vo.example.org", "other.example.org"])


def test_a_trusted_certificate_of_the_right_name_is_accepted(secure_server, certificate, network):
    secure_server.routes["/"] = lambda exchange: exchange.answer(b"hello")
    with open_session(HttpPolicy(allow=ALLOW_EXAMPLES)) as session:
        session.verify = str(certificate / "cert.pem")
        assert session.get(f"https://vo.example.org:{secure_server.port}/").content == b"hello"


def test_a_certificate_of_another_name_is_refused(secure_server, certificate, network):
    with open_session(HttpPolicy(allow=ALLOW_EXAMPLES)) as session:
        session.verify = str(certificate / "cert.pem")
        with pytest.raises(ServiceError, match="Hostname mismatch"):
            session.get(f"https://other.example.org:{secure_server.port}/")
    assert secure_server.requests == []


@pytest.mark.parametrize("verify", [True, False])
def test_an_unknown_certificate_is_refused_whatever_the_plugin_wants(
    secure_server, network, verify
):
    session = open_session(HttpPolicy(allow=ALLOW_EXAMPLES))
    with session, pytest.raises(ServiceError, match="no safe connection") as caught:
        session.get(f"https://vo.example.org:{secure_server.port}/", verify=verify)
    assert "self-signed certificate" in caught.value.message
    assert secure_server.requests == []


@pytest.mark.slow
def test_a_drip_over_tls_stops_at_the_deadline(secure_server, certificate, network):
    def drip(exchange):
        exchange.head()
        exchange.drip(b"x")

    secure_server.routes["/"] = drip
    started = time.monotonic()
    policy = HttpPolicy(allow=ALLOW_EXAMPLES)
    with open_session(policy, deadline=started + 0.6) as session:
        session.verify = str(certificate / "cert.pem")
        body = open_body(session.get(f"https://vo.example.org:{secure_server.port}/"))
        with pytest.raises(DeadlineError):
            body.read()
    assert time.monotonic() - started < 2


def test_plain_http_behind_https_is_told(server, session):
    with pytest.raises(ServiceError, match="no safe connection"):
        session.get(f"https://{server.host}/")


def test_pyvo_reads_through_the_guarded_session(server, session):
    from pyvo.dal import TAPService

    server.routes["/capabilities"] = lambda exchange: exchange.answer(
        '<vosi:capabilities xmlns:vosi="http://www.ivoa.net/xml/VOSICapabilities/v1.0">'
        '<capability standardID="ivo://ivoa.net/std/TAP"/></vosi:capabilities>',
        content_type="text/xml",
    )
    capabilities = TAPService(server.url, session=session).capabilities
    assert capabilities[0].standardid == "ivo://ivoa.net/std/TAP"


def test_the_body_of_a_foreign_session_is_capped_too(server):
    server.routes["/"] = lambda exchange: exchange.answer(b"hello")
    with requests.get(server.url + "/", stream=True, timeout=5) as response:
        assert open_body(response).read() == b"hello"

"""A WebSocket over a guarded connection, with a server that does as it likes."""

import ssl
import subprocess
import threading
import time
from contextlib import closing
from contextlib import contextmanager

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from portal.plugins import DeadlineError
from portal.plugins import HttpPolicy
from portal.plugins import open_session
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins.http import websocket
from portal.plugins.http.websocket import HandshakeError
from portal.plugins.http.websocket import open_websocket
from portal.plugins.testing import LOOPBACK
from tests.support.loopback import loopback


@contextmanager
def serving(handler, tls=None):
    """Run a server; yields its address."""

    def handle(connection):
        try:
            handler(connection)
        except ConnectionClosed:
            return

    with serve(handle, "127.0.0.1", 0, ssl=tls) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            scheme = "https" if tls else "http"
            yield f"{scheme}://127.0.0.1:{server.socket.getsockname()[1]}/channels"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def talking(handler, *, silence=5.0, **options):
    session = open_session(HttpPolicy(allow=LOOPBACK), **options)
    with serving(handler) as url:
        socket = open_websocket(session, url, headers={"Authorization": "token t"}, silence=silence)
        try:
            yield socket
        finally:
            socket.close()


def test_messages_go_both_ways_whole_and_in_order():
    def handler(connection):
        connection.send(f"{connection.request.headers['Authorization']} {connection.recv()}")
        connection.send(iter(["in ", "pieces ", "é"]))
        connection.send(b"bytes")

    with talking(handler) as socket:
        socket.send("hello")
        assert [socket.receive() for _ in range(3)] == ["token t hello", "in pieces é", "bytes"]


def test_pings_are_answered_while_one_waits():
    def handler(connection):
        connection.ping().wait(5)
        connection.send("it is there")

    with talking(handler) as socket:
        assert socket.receive() == "it is there"


def test_what_arrived_before_the_end_is_read_first():
    with talking(lambda connection: connection.send("bye")) as socket:
        assert socket.receive() == "bye"
        with pytest.raises(TransientError, match="closed the connection"):
            socket.receive()


def test_a_server_that_is_silent_for_too_long_may_answer_later():
    silent = talking(lambda connection: connection.recv(), silence=0.2)

    with silent as socket, pytest.raises(TransientError, match=r"was silent for 0\.2 s"):
        socket.receive()


def test_pings_do_not_outlast_the_time_of_the_job():
    def handler(connection):
        while True:
            connection.ping()
            time.sleep(0.02)

    with talking(handler, deadline=time.monotonic() + 0.2) as socket, pytest.raises(DeadlineError):
        socket.receive()


def test_a_message_that_is_too_large_is_not_collected(monkeypatch):
    monkeypatch.setattr(websocket, "MAX_MESSAGE", 1_000)

    def handler(connection):
        connection.send(iter(["x" * 600, "y" * 600]))

    with talking(handler) as socket, pytest.raises(ServiceError, match="sent too much"):
        socket.receive()


def test_who_speaks_something_else_is_told_so():
    with loopback() as server:
        server.routes["/channels"] = lambda exchange: exchange.write(b"SSH-2.0-x\r\n\r\n")
        session = open_session(HttpPolicy(allow=LOOPBACK))
        with pytest.raises(HandshakeError, match="no WebSocket"):
            open_websocket(session, f"{server.url}/channels", headers={}, silence=5)


def test_https_is_spoken_with_whom_the_session_trusts(tmp_path, caplog):
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"]
    subprocess.run(command, check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    session = open_session(HttpPolicy(allow=LOOPBACK))

    with serving(lambda connection: connection.send("secret"), tls) as url:
        with pytest.raises(ServiceError, match="no safe connection"):
            open_websocket(session, url, headers={}, silence=5)
        session.verify = str(tmp_path / "cert.pem")
        with closing(open_websocket(session, url, headers={}, silence=5)) as socket:
            assert socket.receive() == "secret"


def test_a_redirect_is_not_followed():
    with loopback() as server:
        server.routes["/channels"] = lambda exchange: exchange.answer(
            status=302, location="http://169.254.169.254/"
        )
        session = open_session(HttpPolicy(allow=LOOPBACK))
        with pytest.raises(HandshakeError, match="status 302"):
            open_websocket(session, f"{server.url}/channels", headers={}, silence=5)


@pytest.mark.parametrize("url", ["ftp://example.org/", "https://me:pw@example.org/", "http:///x"])
def test_other_addresses_are_refused(url):
    with pytest.raises(UsageError, match="only addresses"):
        open_websocket(open_session(HttpPolicy()), url, headers={}, silence=5)


def test_a_name_of_a_private_address_is_refused(monkeypatch):
    found = [(2, 1, 6, "", ("10.0.0.7", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_k: found)

    with pytest.raises(UsageError, match="private network"):
        open_websocket(
            open_session(HttpPolicy()), "https://hub.example.org/", headers={}, silence=5
        )

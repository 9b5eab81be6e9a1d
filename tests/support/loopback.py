"""A loopback HTTP server that answers as a test tells it to, however badly."""

import socketserver
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from http import HTTPStatus
from urllib.parse import parse_qsl
from urllib.parse import urlsplit

PAUSE = 0.05


@dataclass
class Exchange:
    """One request, and ways to answer it."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]
    connection: object
    stopping: threading.Event
    body: bytes = b""
    query: str = ""

    def write(self, data: bytes) -> None:
        self.connection.sendall(data)

    def answer(self, body=b"", *, status=200, content_type="application/x-votable+xml", **headers):
        body = body.encode() if isinstance(body, str) else body
        self.head(status, content_length=str(len(body)), content_type=content_type, **headers)
        self.write(body)

    def head(self, status=200, **headers):
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.write("\r\n".join([*lines, "Connection: close", "", ""]).encode())

    def drip(self, data: bytes) -> None:
        """Send `data` again and again, a little later each time, until the test is over."""
        while not self.stopping.wait(PAUSE):
            self.write(data)

    def flood(self, data: bytes) -> None:
        while not self.stopping.is_set():
            self.write(data)

    def hang(self) -> None:
        self.stopping.wait()


Route = Callable[[Exchange], None]


@dataclass
class Loopback:
    """A running server; `routes` maps a path to what it does, `requests` what was asked."""

    port: int
    routes: dict[str, Route] = field(default_factory=dict)
    requests: list[Exchange] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def asked(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.requests]

    def serve(self, exchange: Exchange) -> None:
        self.requests.append(exchange)
        route = self.routes.get(exchange.path)
        if route is None:
            exchange.answer(b"nothing here", status=404, content_type="text/plain")
        else:
            route(exchange)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    loopback: Loopback
    secure = None

    def get_request(self):
        connection, address = super().get_request()
        if self.secure:
            connection = self.secure.wrap_socket(connection, server_side=True)
        return connection, address

    def handle_error(self, request, client_address):
        """Stay quiet: clients of these tests go away in the middle on purpose."""


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        method, target, _ = self.rfile.readline().decode().split()
        headers = dict(self._headers())
        body = self.rfile.read(int(headers.get("content-length", 0)))
        parts = urlsplit(target)
        self.server.loopback.serve(
            Exchange(
                method=method,
                path=parts.path,
                headers=headers,
                form=dict(parse_qsl(parts.query) + parse_qsl(body.decode(errors="replace"))),
                connection=self.connection,
                stopping=self.server.loopback.stopping,
                body=body,
                query=parts.query,
            )
        )

    def _headers(self):
        while line := self.rfile.readline().strip().decode():
            name, _, value = line.partition(":")
            yield name.lower(), value.strip()


@contextmanager
def loopback(*, tls=None):
    """Run a server on a free port of 127.0.0.1 while the block lasts."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.secure = tls
        server.loopback = Loopback(port=server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.loopback
        finally:
            server.loopback.stopping.set()
            server.shutdown()
            thread.join()

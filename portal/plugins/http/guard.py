"""Connections that reach permitted addresses only, as an adapter of requests."""

import ssl
from contextlib import ExitStack
from functools import cache
from functools import partial
from typing import Any

import certifi
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3 import HTTPResponse
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.connection import HTTPSConnection

from portal.plugins.http.addresses import Endpoint
from portal.plugins.http.addresses import permitted_endpoints
from portal.plugins.http.body import Body
from portal.plugins.http.failures import typed_failures
from portal.plugins.http.peers import name_peer
from portal.plugins.http.peers import name_peer_of
from portal.plugins.http.policy import HttpPolicy
from portal.plugins.http.watch import Watch
from portal.plugins.http.watch import WatchedSocket
from portal.plugins.http.watch import WatchedTlsSocket
from portal.problems import UsageError

REDIRECT_BODY = 65_536


class Guard:
    """Opens sockets to permitted addresses.

    Every connection is checked here, so redirects, retries and names that change their
    address between two look-ups (DNS rebinding) are covered.
    """

    def __init__(self, policy: HttpPolicy, watch: Watch) -> None:
        self.policy = policy
        self.watch = watch

    def connect(self, host: str, port: int, options: list[Any]) -> WatchedSocket:
        """Resolve once, and connect to a permitted address of `host`.

        Raises UsageError when there is none, and TransientError when none answers.
        """
        silence = f"does not answer within {self.policy.connect_timeout:.3g} s"
        with typed_failures(name_peer(host, port), silence=silence, check=self.watch.check):
            endpoints = permitted_endpoints(host.strip("[]"), port, self.policy.allow)
            for endpoint in endpoints[:-1]:
                try:
                    return self._open(endpoint, options)
                except OSError:
                    self.watch.check()
            return self._open(endpoints[-1], options)

    def _open(self, endpoint: Endpoint, options: list[Any]) -> WatchedSocket:
        sock = WatchedSocket(endpoint.family)
        with ExitStack() as undo:
            undo.callback(sock.close)
            for option in options:
                sock.setsockopt(*option)
            sock.settimeout(self.watch.clamp(self.policy.connect_timeout))
            sock.connect(endpoint.sockaddr)
            _check_peer(sock, endpoint)
            undo.pop_all()
        sock.watch = self.watch
        return sock


def _check_peer(sock: WatchedSocket, endpoint: Endpoint) -> None:
    if sock.getpeername()[0] != endpoint.address:
        raise UsageError("the connection leads to another address than the one that is allowed")


class GuardedHttpConnection(HTTPConnection):
    """Connects through the guard."""

    def __init__(self, *args: Any, guard: Guard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._guard = guard

    def _new_conn(self) -> WatchedSocket:
        return self._guard.connect(self._dns_host, self.port, list(self.socket_options or ()))


class GuardedHttpsConnection(HTTPSConnection):
    """Connects through the guard; the certificate is still checked against the name."""

    def __init__(self, *args: Any, guard: Guard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._guard = guard

    def _new_conn(self) -> WatchedSocket:
        return self._guard.connect(self._dns_host, self.port, list(self.socket_options or ()))

    def connect(self) -> None:
        """Connect, shake hands, and watch what is read from then on."""
        super().connect()
        if isinstance(self.sock, WatchedTlsSocket):
            self.sock.watch = self._guard.watch


class GuardedHttpPool(HTTPConnectionPool):
    """A pool of guarded connections."""

    ConnectionCls = GuardedHttpConnection


class GuardedHttpsPool(HTTPSConnectionPool):
    """A pool of guarded connections over TLS."""

    ConnectionCls = GuardedHttpsConnection


@cache
def tls_context(authorities: str) -> ssl.SSLContext:
    """Return the context that trusts the certificate authorities in that file."""
    context = ssl.create_default_context(cafile=authorities)
    context.sslsocket_class = WatchedTlsSocket
    return context


class GuardedAdapter(HTTPAdapter):
    """The transport of a guarded session: guarded connections, capped bodies."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        super().__init__()
        self.poolmanager.pool_classes_by_scheme = {
            "http": partial(GuardedHttpPool, guard=guard),
            "https": partial(GuardedHttpsPool, guard=guard),
        }

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        """Choose the pool; `verify` may name other authorities, but never none."""
        host, _ = super().build_connection_pool_key_attributes(request, True)  # noqa: FBT003
        authorities = verify if isinstance(verify, str) else certifi.where()
        return host, {"ssl_context": tls_context(authorities)}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave the pool alone: its TLS context knows already whom to trust."""

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Make an answer whose body is capped and watched however it is read."""
        response = super().build_response(req, resp)
        if response.is_redirect:
            _skip(resp)
        response.raw = Body(
            resp,
            peer=name_peer_of(str(req.url)),
            policy=self._guard.policy,
            watch=self._guard.watch,
        )
        return response


def _skip(answer: HTTPResponse) -> None:
    """Throw away what a redirect says; requests would read all of it, however long it is."""
    answer.read1(REDIRECT_BODY, decode_content=False)
    answer.close()

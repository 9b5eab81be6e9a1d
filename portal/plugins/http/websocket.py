"""A WebSocket over a guarded connection: the same addresses, limits and patience as a session."""

from collections import deque
from collections.abc import Mapping
from urllib.parse import urlsplit

import certifi
import requests
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame
from websockets.frames import Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from portal.plugins.http.failures import typed_failures
from portal.plugins.http.guard import Guard
from portal.plugins.http.guard import tls_context
from portal.plugins.http.peers import name_peer
from portal.plugins.http.session import GuardedSession
from portal.plugins.http.watch import WatchedSocket
from portal.plugins.http.watch import WatchedTlsSocket
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.problems import UsageError

PORTS = {"http": 80, "https": 443}
CHUNK = 65_536
MAX_MESSAGE = 16_000_000
DATA = {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}
SILENT = "does not answer"


class HandshakeError(ServiceError):
    """A server does not open a WebSocket; `code` is the HTTP status it answers, 0 for none."""

    def __init__(self, message: str, *, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class WebSocket:
    """Text messages in both directions; pings are answered while one receives.

    `silence` is how many seconds may pass without a byte, pings included.
    """

    def __init__(
        self,
        sock: WatchedSocket | WatchedTlsSocket,
        protocol: ClientProtocol,
        *,
        peer: str,
        silence: float,
    ) -> None:
        self._sock = sock
        self._protocol = protocol
        self._peer = peer
        self._silence = silence
        self._parts: list[bytes] = []
        self._messages: deque[str] = deque()

    def close(self) -> None:
        """Drop the connection."""
        self._sock.close()

    def send(self, text: str) -> None:
        """Send a message; raises TransientError and kin when the connection is gone."""
        self._protocol.send_text(text.encode())
        self._flush()

    def receive(self) -> str:
        """Return the next message.

        Raises TransientError when the server closes or falls silent, ServiceError when it
        breaks the protocol, and DeadlineError or AbortedError when the job has to stop.
        """
        while not self._messages:
            self._exchange()
        return self._messages.popleft()

    def shake_hands(self, headers: Mapping[str, str]) -> None:
        """Ask for the protocol, with these headers; raises HandshakeError when it is refused."""
        request = self._protocol.connect()
        for name, value in headers.items():
            request.headers[name] = value
        self._protocol.send_request(request)
        self._flush()
        while self._protocol.state is State.CONNECTING:
            self._exchange()

    def _exchange(self) -> None:
        """Receive what comes next, keep what belongs to messages, answer what has to be."""
        buffer = bytearray(CHUNK)
        silence = f"was silent for {self._silence:.3g} s"
        with typed_failures(self._peer, silence=silence, check=self._sock.watch.check):
            self._sock.settimeout(self._silence)
            count = self._sock.recv_into(buffer)
        if count:
            self._protocol.receive_data(bytes(buffer[:count]))
        else:
            self._protocol.receive_eof()
        self._flush()
        frames = [one for one in self._protocol.events_received() if isinstance(one, Frame)]
        data = [one for one in frames if one.opcode in DATA]
        for frame in data:
            self._take(frame)
        if not data:
            self._check_open()

    def _check_open(self) -> None:
        refused = self._protocol.handshake_exc
        if refused is not None:
            code = refused.response.status_code if isinstance(refused, InvalidStatus) else 0
            said = f"status {code}" if code else "no WebSocket"
            raise HandshakeError(f"{self._peer} answered with {said}", code=code)
        if self._protocol.parser_exc is not None:
            raise ServiceError(f"{self._peer} broke the WebSocket protocol or sent too much")
        if self._protocol.state in {State.CLOSING, State.CLOSED}:
            raise TransientError(f"{self._peer} closed the connection")

    def _take(self, frame: Frame) -> None:
        self._parts.append(bytes(frame.data))
        if frame.fin:
            self._messages.append(b"".join(self._parts).decode(errors="replace"))
            self._parts = []

    def _flush(self) -> None:
        with typed_failures(self._peer, silence=SILENT, check=self._sock.watch.check):
            for data in self._protocol.data_to_send():
                if data:
                    self._sock.sendall(data)


def open_websocket(
    session: requests.Session, url: str, *, headers: Mapping[str, str], silence: float
) -> WebSocket:
    """Open a WebSocket at an address of http or https, as that session may connect.

    Raises HandshakeError when the server answers with something else, and what the session
    raises for an address that may not be contacted or does not answer.
    """
    if not isinstance(session, GuardedSession):
        raise UsageError("WebSockets are opened by guarded sessions only")
    parts = urlsplit(url)
    host = parts.hostname
    if parts.scheme not in PORTS or host is None or "@" in parts.netloc:
        raise UsageError("only addresses that start with http:// or https:// can be used")
    port = parts.port or PORTS[parts.scheme]
    session.watch.check()
    sock = _connect(session, host, port, secure=parts.scheme == "https")
    protocol = ClientProtocol(parse_uri(f"ws{url.removeprefix('http')}"), max_size=MAX_MESSAGE)
    socket = WebSocket(sock, protocol, peer=name_peer(host, port), silence=silence)
    try:
        socket.shake_hands({"User-Agent": session.policy.user_agent, **headers})
    except BaseException:
        sock.close()
        raise
    return socket


def _connect(
    session: GuardedSession, host: str, port: int, *, secure: bool
) -> WatchedSocket | WatchedTlsSocket:
    sock = Guard(session.policy, session.watch).connect(host, port, [])
    if not secure:
        return sock
    silence = f"does not answer within {session.policy.connect_timeout:.3g} s"
    try:
        with typed_failures(name_peer(host, port), silence=silence, check=session.watch.check):
            authorities = session.verify if isinstance(session.verify, str) else certifi.where()
            wrapped = tls_context(authorities).wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise
    assert isinstance(wrapped, WatchedTlsSocket)  # noqa: S101 - the context makes no other
    wrapped.watch = session.watch
    return wrapped

"""The patience of a session: its deadline, and whether its job was aborted."""

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.plugins.http.failures import AbortedError
from portal.plugins.http.failures import DeadlineError

BUFFER = 1 << 18
SLICE = 0.2  # seconds after which a blocked read looks up


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """When to stop: `deadline` is a `time.monotonic()` instant, or None for never."""

    deadline: float | None
    is_aborted: Callable[[], bool]

    def check(self) -> None:
        """Raise AbortedError or DeadlineError when it is time to stop."""
        if self.is_aborted():
            raise AbortedError("the job was aborted")
        if self.deadline is not None and time.monotonic() >= self.deadline:
            raise DeadlineError("the time that the job may take is over")

    def clamp(self, seconds: float | None) -> float | None:
        """Shorten a time-out so that it ends with the deadline."""
        if self.deadline is None:
            return seconds
        left = max(0.001, self.deadline - time.monotonic())
        return left if seconds is None else min(seconds, left)


NO_WATCH = Watch(deadline=None, is_aborted=lambda: False)


class WatchedSocket(socket.socket):
    """A socket whose reads end with the deadline and with an abort, however slow the drip."""

    watch: Watch = NO_WATCH

    def makefile(self, mode: str = "r", buffering: int | None = None, **kwargs: Any) -> Any:
        """Make a file with a large buffer: the usual one makes answers in chunks slow."""
        size = BUFFER if buffering is None else buffering
        return super().makefile(mode, size, **kwargs)  # type: ignore[call-overload]

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """Receive as usual, looking up every SLICE seconds; raises what `Watch.check` raises."""
        return _watched(self, super().recv_into, *args, **kwargs)


class WatchedTlsSocket(ssl.SSLSocket):
    """The same over TLS; `ssl.SSLContext.sslsocket_class` makes it."""

    watch: Watch = NO_WATCH

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """Receive as usual, looking up every SLICE seconds; raises what `Watch.check` raises."""
        return _watched(self, super().recv_into, *args, **kwargs)


def _watched(
    sock: WatchedSocket | WatchedTlsSocket, receive: Callable[..., int], *args: Any, **kwargs: Any
) -> int:
    patience = sock.gettimeout()
    give_up = None if patience is None else time.monotonic() + patience
    try:
        while True:
            sock.watch.check()
            left = None if give_up is None else give_up - time.monotonic()
            if left is not None and left <= 0:
                raise TimeoutError("timed out")
            sock.settimeout(SLICE if left is None else min(SLICE, left))
            try:
                return receive(*args, **kwargs)
            except TimeoutError:
                continue
    finally:
        sock.settimeout(patience)

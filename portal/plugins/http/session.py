"""The guarded session: what plugins send their requests with."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests

from portal.plugins.http.failures import typed_failures
from portal.plugins.http.guard import Guard
from portal.plugins.http.guard import GuardedAdapter
from portal.plugins.http.peers import name_peer_of
from portal.plugins.http.policy import HttpPolicy
from portal.plugins.http.watch import Watch
from portal.problems import UsageError

FAREWELL_SECONDS = 5.0
SILENT = "does not answer"


class GuardedSession(requests.Session):
    """A requests session that keeps to its policy.

    It connects to permitted addresses only, uses no proxy, netrc or other setting of the
    environment, always has time-outs, and raises the portal's errors instead of those of
    requests. Answers stream: read them with `open_body`.
    """

    def __init__(self, policy: HttpPolicy, watch: Watch) -> None:
        super().__init__()
        self.policy = policy
        self.watch = watch
        self.trust_env = False
        self.stream = True
        self.max_redirects = policy.max_redirects
        self.headers["User-Agent"] = policy.user_agent
        adapter = GuardedAdapter(Guard(policy, watch))
        self.adapters.clear()
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request; raises UsageError, TransientError, ServiceError and kin only."""
        with typed_failures(name_peer_of(str(url)), silence=SILENT, check=self.watch.check):
            return super().request(method, url, *args, **kwargs)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send one request of a chain of redirects, within the time that is left."""
        if _has_user(request.url):
            raise UsageError("an address with a user name or password in it is not accepted")
        self.watch.check()
        connect, read = self._timeouts(kwargs.get("timeout"))
        kwargs["timeout"] = (connect, read)
        peer = name_peer_of(str(request.url))
        silence = f"{SILENT} within {read:.3g} s"
        with typed_failures(peer, silence=silence, check=self.watch.check):
            return super().send(request, **kwargs)

    def _timeouts(self, given: Any) -> tuple[float | None, float | None]:
        pair = given if isinstance(given, tuple) else (self.policy.connect_timeout, given)
        read = self.policy.read_timeout if pair[1] is None else pair[1]
        return self.watch.clamp(pair[0]), self.watch.clamp(read)


def open_session(
    policy: HttpPolicy,
    *,
    deadline: float | None = None,
    is_aborted: Callable[[], bool] = lambda: False,
) -> GuardedSession:
    """Open a guarded session for one job.

    Reads stop within a fifth of a second after the `deadline`, a `time.monotonic()`
    instant, or after `is_aborted()` became true, with DeadlineError or AbortedError.
    """
    return GuardedSession(policy, Watch(deadline=deadline, is_aborted=is_aborted))


def open_farewell(
    session: requests.Session, *, seconds: float = FAREWELL_SECONDS
) -> requests.Session:
    """Open a session that still works when the job must stop: to abort a remote job, say.

    It has the policy of `session`, which stays as it is, and a few seconds of its own.
    """
    policy = session.policy if isinstance(session, GuardedSession) else HttpPolicy()
    return open_session(policy, deadline=time.monotonic() + seconds)


def open_lingering(session: requests.Session, *, is_held: Callable[[], bool]) -> requests.Session:
    """Open a session like this one which no abort ends while `is_held()`.

    It is for an answer without which that what is just being started could not be ended.
    """
    if not isinstance(session, GuardedSession):
        return session
    watch = session.watch
    return open_session(
        session.policy,
        deadline=watch.deadline,
        is_aborted=lambda: watch.is_aborted() and not is_held(),
    )


def _has_user(url: Any) -> bool:
    return "@" in urlsplit(str(url)).netloc

"""How often somebody may do something: a bucket of tokens for each of them, in this process."""

import threading
import time
from http import HTTPStatus
from math import ceil

from portal.problems import PortalError

MOST_KNOWN = 20_000


class TooManyRequestsError(PortalError):
    """Somebody asks more often than is good for the others; `seconds` later it is fine again."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many requests"
    fatal = False

    def __init__(self, message: str, *, seconds: float) -> None:
        """Say in the answer when to come again."""
        super().__init__(message)
        self.headers = (("Retry-After", str(max(ceil(seconds), 1))),)


class Throttle:
    """Lets everybody do something `burst` times at once, and `per_minute` times in the long run.

    Each process counts for itself. When too many are known, those who have not come for the
    longest time are forgotten, who may then do it again.
    """

    def __init__(self, *, per_minute: float, burst: int) -> None:
        """Know nobody yet."""
        self._rate = per_minute / 60
        self._burst = burst
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, float]] = {}

    def take(self, who: str) -> None:
        """Count once; raises TooManyRequestsError, and does not count, when that is too often."""
        now = time.monotonic()
        with self._lock:
            left, then = self._known.pop(who, (float(self._burst), now))
            left = min(left + (now - then) * self._rate, float(self._burst))
            is_allowed = left >= 1
            self._known[who] = (left - 1 if is_allowed else left, now)
            if len(self._known) > MOST_KNOWN:
                self._known.pop(next(iter(self._known)))
        if not is_allowed:
            seconds = (1 - left) / self._rate
            raise TooManyRequestsError(
                f"You ask more often than this portal answers. Come again in {ceil(seconds)} s.",
                seconds=seconds,
            )

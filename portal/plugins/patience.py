"""Waiting for somebody else, of which an abort and the job's deadline are the end."""

import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from datetime import datetime
from datetime import UTC
from email.utils import parsedate_to_datetime

from portal.plugins.facilities import LaunchContext
from portal.plugins.http.failures import AbortedError
from portal.plugins.http.failures import DeadlineError
from portal.plugins.types import JobContext

SPARE_SECONDS = 2.0  # before its deadline a job ends by itself, with its reason
SHARE_TO_SPARE = 0.1
LONGEST_WORD = 40
PAUSE_GROWTH = 1.5


class Patience:
    """Waits on behalf of one job, as long as there is time."""

    def __init__(self, context: JobContext | LaunchContext) -> None:
        """Begin with the job; an abort ends the wait that is going on."""
        self._context = context
        self._stopped = threading.Event()
        self._began = time.monotonic()
        context.on_abort(self._stopped.set)

    def wait(self, seconds: float, *, out_of_time: Callable[[], str]) -> None:
        """Wait; raises AbortedError, and DeadlineError with `out_of_time()` shortly before it."""
        left = self._left()
        is_last = left is not None and seconds >= left
        pause = left if left is not None and is_last else seconds
        if self._stopped.wait(pause) or self._context.is_aborted():
            raise AbortedError("the job was aborted")
        if is_last:
            raise DeadlineError(out_of_time())

    def _left(self) -> float | None:
        """Return the seconds to wait at most, so that a moment is left to end with a reason."""
        deadline = self._context.deadline()
        if deadline is None:
            return None
        spare = min(SPARE_SECONDS, SHARE_TO_SPARE * (deadline - self._began))
        return max(0.0, deadline - spare - time.monotonic())


def growing_pauses(first: float, longest: float) -> Iterator[float]:
    """Yield, without end, how many seconds to wait in turn: each time half as long again."""
    pause = first
    while True:
        yield pause
        pause = min(pause * PAUSE_GROWTH, longest)


def seconds_to_wait(retry_after: str | None) -> float | None:
    """Return the seconds that a Retry-After names (RFC 9110, section 10.2.3), or None."""
    text = (retry_after or "").strip()[:LONGEST_WORD]
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return max(0.0, (instant - datetime.now(UTC)).total_seconds())

"""How a client waits: one long poll after the other, patient with a portal that is away."""

import time
from collections.abc import Callable
from collections.abc import Collection

from portal_client.errors import UnavailableError
from portal_client.errors import WaitTimeoutError

LONGEST_POLL = 50  # the portal answers after so many seconds at the latest
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
PATIENCE = 600.0  # without a timeout, an absent portal is given up after that long


class Waiter:
    """Polls until something has happened, and pauses when polls end early."""

    def __init__(
        self,
        timeout: float | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Start the clock; `timeout` is in seconds, None is for ever."""
        self._timeout = timeout
        self._clock = clock
        self._sleep = sleep
        self._until = float("inf") if timeout is None else clock() + timeout
        self._answered = clock()
        self._pause = FIRST_PAUSE

    def wait(self, poll: Callable[[str, int], str], phase: str, wanted: Collection[str]) -> str:
        """Poll until the phase is a wanted one, and return it.

        `poll(phase, seconds)` returns the phase as soon as it is another one, after so many
        seconds at the latest; it may answer early (UWS 1.1, section 2.2.1.2). Raises
        WaitTimeoutError, and UnavailableError when there is no timeout and no portal.
        """
        while phase not in wanted:
            left = self._until - self._clock()
            if left <= 0:
                raise WaitTimeoutError(f"After {self._timeout:g} s the job is {phase}; it goes on.")
            phase = self._poll(poll, phase, int(min(left, LONGEST_POLL)))
        return phase

    def _poll(self, poll: Callable[[str, int], str], phase: str, seconds: int) -> str:
        asked = self._clock()
        try:
            found = poll(phase, seconds)
        except UnavailableError:
            if self._timeout is None and self._clock() - self._answered > PATIENCE:
                raise
            self._rest()
            return phase
        self._answered = self._clock()
        if found != phase or self._answered - asked >= max(seconds, 1):
            self._pause = FIRST_PAUSE
        else:
            self._rest()
        return found

    def _rest(self) -> None:
        """Pause, twice as long as the last time, but not beyond the timeout."""
        self._sleep(max(0.0, min(self._pause, self._until - self._clock())))
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

"""Calls into a plugin while a page is built: no exception and no delay gets through."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TypeVar

BUDGET_SECONDS = 2.0  # one second is what authors are told
TIMEOUTS_BEFORE_PAUSE = 3
PAUSE_SECONDS = 60.0
THREADS = 32

T = TypeVar("T")
log = logging.getLogger(__name__)


class Guard:
    """Runs plugin calls in a bounded pool, each within a time budget.

    A plugin that keeps timing out is left alone for a while, since a hanging thread cannot
    be ended. `faults` has the last thing that went wrong with each plugin.
    """

    def __init__(self, *, budget: float = BUDGET_SECONDS) -> None:
        """Start without threads; the pool makes them when they are needed."""
        self._budget = budget
        self._pool: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._timeouts: dict[str, int] = {}
        self._paused_until: dict[str, float] = {}
        self.faults: dict[str, str] = {}

    def call(self, plugin: str, work: Callable[[], T], *, otherwise: T) -> T:
        """Return what `work` returns, or `otherwise` when it fails or takes too long."""
        if time.monotonic() < self._paused_until.get(plugin, 0.0):
            return otherwise
        future = self._threads().submit(work)
        try:
            answer = future.result(self._budget)
        except FutureTimeoutError:
            future.cancel()
            self._note_timeout(plugin)
        except BaseException as error:  # whatever a plugin raises is its own tile's trouble
            if isinstance(error, KeyboardInterrupt):
                raise
            log.exception("plugin %s failed while a page was built", plugin)
            self.faults[plugin] = f"{type(error).__name__}: {error}"
        else:
            self._timeouts.pop(plugin, None)
            return answer
        return otherwise

    def _threads(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="plugin")
            return self._pool

    def _note_timeout(self, plugin: str) -> None:
        log.warning("plugin %s did not answer within %s s", plugin, self._budget)
        self.faults[plugin] = f"did not answer within {self._budget} s"
        self._timeouts[plugin] = self._timeouts.get(plugin, 0) + 1
        if self._timeouts[plugin] >= TIMEOUTS_BEFORE_PAUSE:
            self._paused_until[plugin] = time.monotonic() + PAUSE_SECONDS
            self._timeouts.pop(plugin)

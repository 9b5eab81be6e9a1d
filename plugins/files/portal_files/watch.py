"""Stopping a query from outside: when its job is aborted, or when its time is over."""

import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager

from portal.plugins import AbortedError
from portal.plugins import DeadlineError
from portal.plugins import JobContext

AGAIN_SECONDS = 0.05


class Watch:
    """Says when a query has to stop, and why."""

    def __init__(self, context: JobContext, *, max_seconds: float) -> None:
        """Start the time of the query; the job's own deadline holds if it is earlier."""
        self._context = context
        self._until = time.monotonic() + max_seconds
        self._aborted = threading.Event()
        context.on_abort(self._aborted.set)

    def check(self) -> None:
        """Raise AbortedError or DeadlineError when the query has to stop."""
        if self._aborted.is_set() or self._context.is_aborted():
            raise AbortedError("The job was aborted.")
        if self._is_late():
            raise DeadlineError("The query took longer than it may here. Ask for less at a time.")

    @contextmanager
    def interrupting(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Call `interrupt` when the time comes, again and again until the block is left.

        Once is not enough: an engine forgets an interruption that comes between two steps.
        """
        left = threading.Event()
        thread = threading.Thread(target=self._run, args=(left, interrupt), daemon=True)
        thread.start()
        try:
            yield
        finally:
            left.set()
            thread.join()

    def _run(self, left: threading.Event, interrupt: Callable[[], None]) -> None:
        while not left.wait(AGAIN_SECONDS):
            if self._aborted.is_set() or self._is_late():
                interrupt()

    def _is_late(self) -> bool:
        deadline = self._context.deadline()
        return time.monotonic() >= (self._until if deadline is None else min(self._until, deadline))

"""One attempt at a job: what its code may do, and the thread that keeps its lease and its time."""

import logging
import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any
from typing import Self

from portal import logs
from portal.credentials import RemoteCredential
from portal.parameters import read_reference
from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.uws.gateway import ClaimedJob
from portal.uws.gateway import EndedChild
from portal.uws.gateway import Gateway
from portal.uws.gateway import GatewayAwayError
from portal.uws.gateway import Hold
from portal.uws.gateway import ResultRecord

CHECK_SECONDS = 0.5
REPORT_SECONDS = 1.0
GRACE_SECONDS = 5.0
KEEPING_SECONDS = 20.0  # from an abort on, where there are rows to keep
MOST_LINES = 1000
LINES_AT_ONCE = 200
LINE_LENGTH = 1000

log = logging.getLogger(__name__)


class Attempt:
    """A claimed job while it runs; used as a context manager around the work.

    A thread renews the lease, and looks twice a second whether the job is still ours. When
    it was aborted, or has run too long, the callbacks given to `on_abort` are called from
    that thread; work that has not ended `GRACE_SECONDS` later, `KEEPING_SECONDS` when it
    `has_rows` to keep, or as long as it asked to `linger`, is ended with the process, by
    `give_up`. An attempt that lost its job to another one is given up at once and calls nobody
    back: what it began elsewhere is the other's now.
    """

    def __init__(
        self,
        job: ClaimedJob,
        gateway: Gateway,
        *,
        lease_seconds: float,
        give_up: Callable[[], Any] = lambda: os._exit(0),
    ) -> None:
        """Start the clock of the execution duration."""
        self.job = job
        self._gateway = gateway
        self._renew_seconds = lease_seconds / 3
        self._lease_seconds = lease_seconds
        self._give_up = give_up
        self._started = time.monotonic()
        self._last_reported = 0.0
        self._unsaid: tuple[float | None, str] | None = None
        self._lines: deque[str] = deque(maxlen=MOST_LINES)
        self._duration = job.execution_duration
        self._aborted = threading.Event()
        self._ended = threading.Event()
        self._callbacks: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)
        self.has_rows = False
        self._lingers = 0.0

    def __enter__(self) -> Self:
        """Start to keep the lease."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop to keep the lease; where the work has failed, hand in the last lines."""
        self._ended.set()
        self._thread.join()
        if error is not None:
            self._hand_in_lines()

    @property
    def deadline(self) -> float | None:
        """The monotonic instant at which the execution duration ends; None: unlimited."""
        return self._started + self._duration if self._duration else None

    @property
    def checkpoints(self) -> Mapping[str, str]:
        """What earlier attempts committed."""
        return self.job.checkpoints

    def is_aborted(self) -> bool:
        """Say whether to stop: aborted by its owner, or out of time."""
        return self._aborted.is_set()

    def on_abort(self, callback: Callable[[], None]) -> None:
        """Have `callback` called when the job is aborted; at once if it already is."""
        with self._lock:
            self._callbacks.append(callback)
            late = self._aborted.is_set()
        if late:
            callback()

    def linger(self, seconds: float) -> None:
        """Have an abort leave so much time to end what is just being started elsewhere."""
        self._lingers = seconds

    def report(self, progress: float | None, message: str) -> None:
        """Show progress; of several reports within a second the last one is shown."""
        known = progress is not None and math.isfinite(progress)
        shown = logs.without_hidden(message)
        self._unsaid = (min(max(progress or 0.0, 0.0), 1.0) if known else None, shown)
        self._say()

    def log(self, line: str) -> None:
        """Write a line for the job's owner; lines are sent together, twice a second."""
        self._lines.append(logs.without_hidden(line)[:LINE_LENGTH])

    def last_lines(self) -> Sequence[str]:
        """Return the lines that are to be handed in together with the results."""
        if len(self._lines) > LINES_AT_ONCE:
            self._hand_in_lines()
        return list(self._lines)[:LINES_AT_ONCE]

    def partial(self, result: ResultRecord) -> None:
        """Show a result that is still arriving; the caller says how often."""
        self._gateway.partial(self.job, result)

    def checkpoint(self, key: str, value: str) -> None:
        """Commit what the next attempt must know; returns when it is safe."""
        self._gateway.checkpoint(self.job, key, value)

    def credential(self, service: str) -> RemoteCredential | None:
        """Return what logs the job's owner in at a service; None where nothing is stored.

        Should the service repeat the secret, it is in nothing that is told of the job.
        """
        found = self._gateway.credential(self.job, service)
        if found is not None:
            logs.hide(*found.spellings)
        return found

    def forget_credential(self, service: str) -> None:
        """Delete what the job's owner stored for a service that does not accept it."""
        self._gateway.forget_credential(self.job, service)

    def upload(self, name: str, folder: Path) -> Path:
        """Return the file of a parameter, in `folder` where it has to be brought.

        Raises NotFoundError when the parameter has none.
        """
        for one, value in self.job.parameters:
            if one.casefold() == name.casefold():
                return self._gateway.fetch_upload(self.job, read_reference(value), folder)
        raise NotFoundError(f"The job has no file {name}.")

    def children(self) -> Sequence[EndedChild]:
        """Return how the job's children ended, in the order of its type's `children`."""
        return self._gateway.children(self.job)

    def _say(self) -> None:
        now = time.monotonic()
        if self._unsaid is None or now - self._last_reported < REPORT_SECONDS:
            return
        self._last_reported = now
        (progress, message), self._unsaid = self._unsaid, None
        try:
            self._gateway.report(self.job, progress, message)
        except GatewayAwayError as error:
            log.warning("job %s: progress was not shown: %s", self.job.id, error)

    def _hand_in_lines(self) -> None:
        while self._lines:
            lines = [self._lines.popleft() for _ in range(min(len(self._lines), LINES_AT_ONCE))]
            try:
                self._gateway.log(self.job, lines)
            except GatewayAwayError as error:
                log.warning("job %s: %d lines go later: %s", self.job.id, len(lines), error)
                self._lines.extendleft(reversed(lines))
                return

    def _keep(self) -> None:
        renewed = time.monotonic()
        while not self._ended.wait(CHECK_SECONDS):
            now = time.monotonic()
            try:
                if now - renewed >= self._renew_seconds and self._gateway.renew(self.job):
                    renewed = now
                self._say()
                self._hand_in_lines()
                hold = self._look()
            except PortalError as error:
                log.warning("job %s: the lease could not be kept: %s", self.job.id, error)
                silent = time.monotonic() - renewed
                hold = Hold.HELD if silent < self._lease_seconds else Hold.LOST
            if hold is not Hold.HELD:
                self._stop(hold)
                return

    def _look(self) -> Hold:
        standing = self._gateway.check(self.job)
        if standing.hold is not Hold.HELD:
            return standing.hold
        self._duration = standing.execution_duration
        if self.deadline is None or time.monotonic() <= self.deadline:
            return Hold.HELD
        self._gateway.overrun(self.job)
        return Hold.ABORTED

    def _stop(self, hold: Hold) -> None:
        if hold is Hold.ABORTED:
            self._call_back()
        grace = KEEPING_SECONDS if self.has_rows else GRACE_SECONDS
        if hold is Hold.LOST or not self._ended.wait(max(grace, self._lingers)):
            log.warning("job %s: this attempt is given up (%s)", self.job.id, hold)
            self._give_up()

    def _call_back(self) -> None:
        with self._lock:
            self._aborted.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

"""Following a remote job to its end, and passing an abort on."""

import logging
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa

from portal.plugins import AbortedError
from portal.plugins import DeadlineError
from portal.plugins import JobContext
from portal.plugins import open_farewell
from portal.plugins import PortalError
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.plugins import TableEnd
from portal.plugins import TransientError
from portal_vo.connector import read_table
from portal_vo.uws import JobDocument
from portal_vo.uws import RemoteJob
from portal_vo.words import blame

# Short, because each wait that ends is a sign of life for the user.
WAIT_SECONDS = 5
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
PAUSE_GROWTH = 1.5
FAILURES = 4  # in a row, until a service that does not answer is given up
NO_MESSAGE = "the service reports an error without a message"

log = logging.getLogger(__name__)


def follow(
    job: RemoteJob, document: JobDocument, context: JobContext, *, is_ours: bool = True
) -> ResultTable:
    """Run a job if it waits for that, wait for its end, and return its result as it arrives.

    `document` is how the job was found. Raises in the service's own words when it fails.
    An abort is passed on to the service; so is running out of time. A job that somebody else
    made (not `is_ours`) is neither aborted nor deleted.
    """
    follower = _Follower(job, context, is_ours=is_ours)
    context.on_abort(follower.stop)
    try:
        return follower.result(document)
    except (AbortedError, DeadlineError):
        follower.stop()
        raise


class _Follower:
    """Waits for one remote job."""

    def __init__(self, job: RemoteJob, context: JobContext, *, is_ours: bool) -> None:
        self._job = job
        self._is_ours = is_ours
        self._context = context
        self._stopped = threading.Event()
        self._once = threading.Lock()
        self._began = time.monotonic()
        self._pause = FIRST_PAUSE
        self._failures = 0
        self._deadline: float | None = None

    def stop(self) -> None:
        """Abort the remote job, once, whichever thread says so first."""
        with self._once:
            if self._stopped.is_set():
                return
            self._stopped.set()
        if not self._is_ours:
            return
        with open_farewell(self._context.http) as farewell:
            farewell.auth = self._context.http.auth
            _try(self._job.through(farewell).abort)

    def result(self, document: JobDocument) -> ResultTable:
        if document.phase == "PENDING":
            self._give_time(document)
            self._job.run()
        document = self._wait(document)
        if document.phase != "COMPLETED":
            raise self._failure(document)
        self._context.report(None, "reading the result")
        table = read_table(self._job.fetch(document))
        if not self._is_ours:
            return table
        return replace(table, batches=_then_delete(table, self._job))

    def _give_time(self, document: JobDocument) -> None:
        """Ask for as much time at the service as this job has; only of jobs that we made."""
        deadline = self._context.deadline()
        if not self._is_ours or deadline == self._deadline:
            return
        self._deadline = deadline
        if deadline is not None:
            seconds = max(1.0, deadline - time.monotonic())
            _try(lambda: self._job.give_time(document, seconds))

    def _wait(self, document: JobDocument) -> JobDocument:
        while not document.has_ended:
            seconds = time.monotonic() - self._began
            self._context.report(
                None, f"waiting for the service: {document.phase} for {seconds:.0f} s"
            )
            self._give_time(document)
            document = self._next(document)
        return document

    def _next(self, document: JobDocument) -> JobDocument:
        """Return the job a little later: by UWS's WAIT, or after a pause of our own.

        A service that answers a WAIT at once gets a pause nevertheless.
        """
        asked = time.monotonic()
        later = self._look(document)
        if later.phase != document.phase:
            self._pause = FIRST_PAUSE
        elif not later.has_ended:
            self._sleep(self._pause - (time.monotonic() - asked))
            self._pause = min(self._pause * PAUSE_GROWTH, LONGEST_PAUSE)
        return later

    def _look(self, document: JobDocument) -> JobDocument:
        """Return the job as it is; as it was, when the service does not answer for once."""
        wait = WAIT_SECONDS if document.can_wait else 0
        try:
            later = self._job.look(wait=wait, phase=document.phase)
        except TransientError as error:
            self._failures += 1
            if self._failures == FAILURES:
                raise
            self._context.report(None, f"{error.message}: trying again")
            return document
        self._failures = 0
        if later is None:
            raise ServiceError("the service has lost the job")
        return later

    def _sleep(self, seconds: float) -> None:
        if self._stopped.wait(max(0.0, seconds)) or self._context.is_aborted():
            raise AbortedError("the job was aborted")

    def _failure(self, document: JobDocument) -> PortalError:
        if document.phase != "ERROR":
            return ServiceError(f"the service ended the job by itself: {document.phase}")
        message = document.error or self._job.error_text() or NO_MESSAGE
        return TransientError(message) if document.is_error_transient else blame(message)


def _then_delete(table: ResultTable, job: RemoteJob) -> Iterator[pa.RecordBatch | TableEnd]:
    """Pass the batches on; when all of them have arrived, tidy up at the service."""
    for batch in table.batches:
        yield batch
        if isinstance(batch, TableEnd):
            _try(job.delete)


def _try(work: Callable[[], None]) -> None:
    """Do what is polite but not needed; a service that fails at it is only noted."""
    try:
        work()
    except PortalError as error:
        log.info("the service did not do what it was asked: %s", error)

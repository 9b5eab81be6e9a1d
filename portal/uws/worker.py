"""Run one job in this process: claim it, do the work, and report how it ended."""

import logging
import signal
import sqlite3
import threading
import uuid
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from portal import logs
from portal.problems import NO_ROOM
from portal.problems import PortalError
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.uws.attempt import Attempt
from portal.uws.gateway import ClaimedJob
from portal.uws.gateway import Ending
from portal.uws.gateway import Gateway
from portal.uws.gateway import ResultRecord

Executor = Callable[[Attempt], Sequence[ResultRecord]]

log = logging.getLogger(__name__)


class InterruptedWork(SystemExit):
    """The worker is asked to stop; the job goes back into the queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """What a worker process needs, made before it forks and free of open connections.

    `let_go` closes this process's connections, before it forks. In a forked child `forget`
    drops, without closing, what its parent may have had open, `limit` sets what a running job
    may use, and `rehearse` does, away from everything, what most jobs do. `drop_attempt` deletes
    the files of the attempt at a job (its id) that had a token, `drop_other_attempts` those of
    all the others; only a finished job's token is sure to be the last.
    """

    gateway: Gateway
    executor: Executor
    lease_seconds: float
    let_go: Callable[[], None] = lambda: None
    forget: Callable[[], None] = lambda: None
    limit: Callable[[], None] = lambda: None
    rehearse: Callable[[], None] = lambda: None
    drop_attempt: Callable[[str, str], None] = lambda _job_id, _token: None
    drop_other_attempts: Callable[[str, str], None] = lambda _job_id, _token: None


def execute_job(job_id: str, runtime: Runtime) -> bool:
    """Claim a job and run it to its end; False when there was nothing to claim.

    The parent that waited for just this job comes next: here its code is warm, and nobody else
    has to be woken.
    """
    job = runtime.gateway.claim(job_id)
    if job is None:
        return False
    if parent := run_claimed(job, runtime).parent:
        execute_job(parent, runtime)
    return True


def run_claimed(job: ClaimedJob, runtime: Runtime) -> Ending:
    """Run a claimed job to its end.

    Whatever the work raises becomes the job's error summary. SIGTERM gives the job back.
    """
    attempt = Attempt(job, runtime.gateway, lease_seconds=runtime.lease_seconds)
    with logs.about_job(job.id), _interruptible():
        log.info("attempt %d of %s", job.attempt, job.type)
        try:
            with attempt:
                results = runtime.executor(attempt)
        except InterruptedWork:
            runtime.gateway.release(job)
            raise
        except Exception as error:  # noqa: BLE001 - the one place that catches whatever a job raises
            return _fail(attempt, runtime.gateway, error)
        lines = attempt.last_lines()
        ending = runtime.gateway.finish(job, results, lines=lines, goes_on=True)
        if ending:
            runtime.drop_other_attempts(job.id, job.token)
        else:
            log.info("ended elsewhere, this attempt's results are dropped")
            runtime.drop_attempt(job.id, job.token)
        return ending


def _fail(attempt: Attempt, gateway: Gateway, raised: Exception) -> Ending:
    if attempt.is_aborted():
        return Ending(ended=False)  # what an aborted connection raises is not news
    error = _as_told(raised)
    error.message = logs.without_hidden(error.message)
    error.detail = logs.without_hidden(error.detail)
    log.info("failed: %s", error.message)
    return gateway.fail(attempt.job, error, goes_on=True)


def _as_told(raised: Exception) -> PortalError:
    if isinstance(raised, PortalError):
        return raised
    if isinstance(raised, MemoryError):
        return ServiceError("This needs more memory than a job may use.")
    return _full_disk(raised) or _internal_error()


def _full_disk(error: Exception) -> PortalError | None:
    """Return what the user is told when something was written and there was no room for it."""
    number = error.errno if isinstance(error, OSError) else None
    is_full = number in NO_ROOM or getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    if not is_full:
        return None
    log.error("no room on the disk: %s", error)
    return TransientError("The portal has no room left on its disk for this. Try again later.")


def _internal_error() -> PortalError:
    reference = uuid.uuid4().hex[:8]
    log.exception("internal error %s", reference)  # noqa: LOG004 - called from the handler
    return PortalError(
        "The portal made a mistake while running this job. "
        f"Please report it with the reference {reference}."
    )


@contextmanager
def _interruptible() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_signal_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise InterruptedWork

    before: Any = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

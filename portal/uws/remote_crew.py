"""The processes of a remote worker: each slot runs one job after another, in a child for each."""

import gc
import logging
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from portal.problems import PortalError
from portal.uws.gateway import ClaimedJob
from portal.uws.gateway import GatewayAwayError
from portal.uws.processes import Crew
from portal.uws.processes import fork
from portal.uws.remote import HttpGateway
from portal.uws.worker import Executor
from portal.uws.worker import InterruptedWork
from portal.uws.worker import run_claimed
from portal.uws.worker import Runtime

WAIT_SECONDS = 20.0
PAUSE_SECONDS = 2.0
STOP = {signal.SIGTERM}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outpost:
    """What a remote worker is: where its portal is, and which `types` of jobs it can run.

    `open_executor` gets a child's gateway and its private folder, `limit` sets what the
    child may use.
    """

    url: str
    token: str = field(repr=False)
    types: frozenset[str]
    open_executor: Callable[[HttpGateway, Path], Executor]
    limit: Callable[[], None] = lambda: None


class Slot:
    """Runs one job at a time; nothing of a job outlives its child, also when that crashes."""

    def __init__(self, outpost: Outpost, folder: Path) -> None:
        """Use `folder`, which need not be there, for the files of each job."""
        self._outpost = outpost
        self._folder = folder
        self._child = 0
        self._stopping = False

    def run(self) -> None:
        """Fork one child after another until asked to stop; the running job is given back."""
        signal.signal(signal.SIGTERM, self._stop)
        while self._start_child():
            _, status = os.waitpid(self._child, 0)
            self._child = 0
            if status and not self._stopping:
                time.sleep(PAUSE_SECONDS)

    def _start_child(self) -> bool:
        shutil.rmtree(self._folder, ignore_errors=True)  # also what a killed slot left
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP)  # no child without its pid known
        if not self._stopping:
            self._child = fork(self._run_one)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)
        return bool(self._child)

    def _stop(self, _signal_number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        if self._child:
            with suppress(ProcessLookupError):
                os.kill(self._child, signal.SIGTERM)

    def _run_one(self) -> None:
        signal.signal(signal.SIGTERM, _interrupt)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)
        gateway = HttpGateway(self._outpost.url, self._outpost.token)
        job = self._claim(gateway)
        if job is not None:
            self._work(job, gateway)

    def _claim(self, gateway: HttpGateway) -> ClaimedJob | None:
        """Wait for a job; where the portal does not let us wait, pause before we ask again."""
        began = time.monotonic()
        job = None
        try:
            job = gateway.claim_next(self._outpost.types, seconds=WAIT_SECONDS)
        except PortalError as error:
            log.warning("no job could be claimed: %s", error)
        if job is None and time.monotonic() - began < PAUSE_SECONDS:
            time.sleep(PAUSE_SECONDS)
        return job

    def _work(self, job: ClaimedJob, gateway: HttpGateway) -> None:
        self._folder.mkdir()
        tempfile.tempdir = str(self._folder)
        self._outpost.limit()
        executor = self._outpost.open_executor(gateway, self._folder)
        lease = gateway.lease_seconds
        run_claimed(job, Runtime(gateway=gateway, executor=executor, lease_seconds=lease))


def start_remote_crew(outpost: Outpost, *, scratch: Path, size: int) -> None:
    """Run up to `size` jobs at a time until asked to stop.

    Raises RefusedError when the portal does not take this worker, UsageError when its address
    is none. One that is away is waited for.
    """
    if _is_open_to_all(outpost.url):
        log.warning(
            "%s is not HTTPS: the token and users' logins can be read on the way", outpost.url
        )
    try:
        HttpGateway(outpost.url, outpost.token).claim_next((), seconds=0)
    except GatewayAwayError as error:
        log.warning("%s It is waited for.", error)
    gc.collect()
    gc.freeze()  # children share these pages as long as no collection touches them
    slots = [Slot(outpost, scratch / f"slot-{number}") for number in range(size)]
    Crew([slot.run for slot in slots]).run()


def _is_open_to_all(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in LOOPBACK


def _interrupt(_signal_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise InterruptedWork

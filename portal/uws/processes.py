"""Child processes that never outlive the one that started them, and a parent that keeps them."""

import ctypes
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

PR_SET_PDEATHSIG = 1
RESTART_SECONDS = 1.0
STOP_SECONDS = 8.0

log = logging.getLogger(__name__)


def die_with_parent(parent: int, signal_number: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel end this process when `parent` dies (Linux), also if it just has."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        os._exit(1)


def fork(work: Callable[[], object]) -> int:
    """Run `work` in a forked child that ends with it, and return the child's pid."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        die_with_parent(parent)
        work()
        code = 0
    finally:  # a forked child must never return into its parent's code
        if code and not isinstance(sys.exc_info()[1], SystemExit):
            log.error("process %d failed", os.getpid(), exc_info=True)  # noqa: LOG014 - in flight
        os._exit(code)


def end_group(leader: int) -> None:
    """End what a process that led a group, and has ended, left running."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def reap() -> list[int]:
    """Collect the children that have ended, without waiting for any."""
    ended: list[int] = []
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended.append(pid)


class Crew:
    """Forks the members from a parent that holds no connection, and replaces those that die."""

    def __init__(self, members: list[Callable[[], Any]]) -> None:
        """Keep the work of each member; `run` starts them."""
        self._members = members
        self._pids: dict[int, Callable[[], Any]] = {}
        self._stopping = False

    def run(self) -> None:
        """Keep every member alive until SIGTERM or SIGINT, then stop them all."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        for work in self._members:
            self._start(work)
        while not self._stopping:
            for pid in reap():
                self._replace(pid)
            time.sleep(0.1)
        self._stop_members()

    def _start(self, work: Callable[[], Any]) -> None:
        self._pids[fork(work)] = work

    def _replace(self, pid: int) -> None:
        work = self._pids.pop(pid, None)
        if work is not None and not self._stopping:
            log.warning("worker process %d ended and is replaced", pid)
            time.sleep(RESTART_SECONDS)
            self._start(work)

    def _stop(self, _signum: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _stop_members(self) -> None:
        for pid in self._pids:
            _kill(pid, signal.SIGTERM)
        give_up = time.monotonic() + STOP_SECONDS
        while self._pids and time.monotonic() < give_up:
            for pid in reap():
                self._pids.pop(pid, None)
            time.sleep(0.05)
        for pid in self._pids:
            _kill(pid, signal.SIGKILL)


def _kill(pid: int, signal_number: signal.Signals) -> None:
    try:
        os.kill(pid, signal_number)
    except ProcessLookupError:
        log.debug("process %d had already ended", pid)

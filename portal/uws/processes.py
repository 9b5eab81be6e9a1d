"""Child processes that never outlive the one that started them."""

import ctypes
import logging
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1

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

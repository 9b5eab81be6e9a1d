"""The processes of a portal that run jobs: found below its own process, held and killed."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.test_portal_up import descendants

SECONDS = 30


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def workers(portal: int) -> list[int]:
    """The parent of the workers, the workers, and the processes of the jobs that run."""
    return [
        pid for pid in descendants(portal) if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def running_jobs(portal: int) -> list[int]:
    """The processes that run a job each, or stand ready for the next: children of the workers."""
    known = workers(portal)
    return [pid for pid in known if parent_of(parent_of(pid)) in known]


@contextmanager
def held(portal: int) -> Iterator[None]:
    """Let no worker take a job meanwhile."""
    stopped = workers(portal)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


def kill_job(portal: int) -> None:
    """Kill the process of the one job that runs, and those like it that wait for a job.

    The kernel does so when memory is short, and tells them apart no better.
    """
    give_up = time.monotonic() + SECONDS
    while not (found := running_jobs(portal)):
        assert time.monotonic() < give_up, "no job runs"
    for pid in found:
        os.kill(pid, signal.SIGKILL)

"""A real Valkey, a real crew of worker processes, and the means to harm them."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal import valkey
from portal.uws.models import Job
from portal.uws.service import JobService
from tests.support.crew import Diary
from tests.support.crew import Nap
from tests.support.crew import open_service

ROOT = Path(__file__).parents[2]
OWNER = "a" * 32


class Broker:
    """The embedded Valkey, as a process that can be hurt."""

    def __init__(self, folder: Path) -> None:
        server = valkey.embed(folder)
        assert server is not None
        self._server = server
        self.url = server.url
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self._server.command)
        assert asyncio.run(self._server.answers_within(10))

    def signal(self, number: signal.Signals) -> None:
        assert self.process
        self.process.send_signal(number)

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()

    def forget(self) -> None:
        """Lose everything that was written."""
        for path in (self._server.socket.parent / "appendonlydir").glob("*"):
            path.unlink()


class Crew:
    """The worker processes, as a process that can be hurt."""

    def __init__(self, instance: Path, redis_url: str | None, size: int = 2) -> None:
        self.instance = instance
        self._redis_url = redis_url
        self._size = size
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {**os.environ, "PORTAL_REDIS_URL": self._redis_url or ""}
        environment["PYTHONPATH"] = str(ROOT)
        log = (self.instance / "crew.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.crew", str(self.instance), str(self._size)],
            env=environment,
            cwd=ROOT,
            stderr=log,
        )
        log.close()

    def descendants(self) -> list[int]:
        """Return the pids of all processes below the parent."""
        assert self.process
        return below(self.process.pid)

    def members(self) -> list[int]:
        """Return the pids of the poller and of the RQ workers."""
        assert self.process
        return [pid for pid in self.descendants() if parent_of(pid) == self.process.pid]

    def waiting(self) -> list[int]:
        """Return the pids of the children that RQ workers keep ready."""
        return [pid for pid in self.descendants() if pid not in self.members()]

    def kill(self) -> None:
        """End the parent with SIGKILL; the kernel ends the others."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ask the crew to stop, and wait for it."""
        assert self.process
        self.process.terminate()
        return self.process.wait(20)


def _state_and_parent(pid: int | str) -> tuple[str, int]:
    """Return what Linux says of a process; one that is gone looks like one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "Z", 0
    return fields[0], int(fields[1])


def parent_of(pid: int) -> int:
    """Return the pid of the parent."""
    return _state_and_parent(pid)[1]


def below(pid: int) -> list[int]:
    """Return the pids of all processes below one that still run."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        state, parent = _state_and_parent(entry.name)
        if state != "Z":
            children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    frontier = [pid]
    while frontier:
        frontier = [child for parent in frontier for child in children.get(parent, [])]
        found += frontier
    return found


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that only waits to be collected does not."""
    return _state_and_parent(pid)[0] != "Z"


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for something that other processes do."""
    give_up = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < give_up, "it did not happen in time"
        pause.wait(0.05)


class Bench:
    """What a fault test works with: submit jobs, look at them, harm the processes."""

    def __init__(self, app: Flask, service: JobService, broker: Broker, crew: Crew) -> None:
        self.app = app
        self.service = service
        self.broker = broker
        self.crew = crew
        self.diary = Diary(crew.instance)

    def submit(self, seconds: float = 0.0, how: str = "sleep") -> str:
        with self.app.app_context():
            parameters = Nap(seconds=seconds, how=how)  # type: ignore[arg-type]
            return self.service.create_job("nap", parameters, owner=OWNER, run=True)

    def job(self, job_id: str) -> Job:
        with self.app.app_context():
            return self.service.get_job(job_id, owner=OWNER)

    def phase(self, job_id: str) -> str:
        return self.job(job_id).phase

    def abort(self, job_id: str) -> bool:
        """Abort a job; False when it had ended."""
        with self.app.app_context():
            return self.service.abort_job(job_id, owner=OWNER)

    def horse(self, job_id: str) -> int:
        """Return the pid of the process that runs the job, once there is one."""
        until(lambda: any(line[:2] == ("start", job_id) for line in self.diary.read()))
        return [pid for what, job, _, pid in self.diary.read() if (what, job) == ("start", job_id)][
            -1
        ]

    def has_ended(self, job_id: str) -> bool:
        return any(line[:2] == ("end", job_id) for line in self.diary.read())

    def starts(self, job_id: str) -> int:
        return sum(line[:2] == ("start", job_id) for line in self.diary.read())

    def wait_for(self, job_id: str, phase: str, seconds: float = 30.0) -> Job:
        until(lambda: self.phase(job_id) == phase, seconds)
        return self.job(job_id)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Start Valkey and two workers on a database of their own."""
    instance = tmp_path / "instance"
    instance.mkdir()
    broker = Broker(instance)
    broker.start()
    crew = Crew(instance, broker.url)
    app, service = open_service(instance, broker.url)
    crew.start()
    bench = Bench(app, service, broker, crew)
    try:
        yield bench
    finally:
        if crew.process and crew.process.poll() is None:
            crew.kill()
        broker.stop()

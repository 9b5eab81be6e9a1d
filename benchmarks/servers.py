"""Servers under measurement: started on a free port, asked over loopback, their CPU time read."""

import contextlib
import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60
NANOSECONDS = 1e9


@dataclass(frozen=True)
class Answer:
    """What a server answered, and what it cost: its own CPU time, and the time on the clock."""

    body: bytes
    cpu: float
    wall: float


@dataclass(frozen=True)
class Server:
    """A running server; `pid` is the process that its workers descend from."""

    pid: int
    port: int

    def get(self, path: str) -> bytes:
        """Return the body of a page; anything but 200 is an error."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        with contextlib.closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status} {body[:200]!r}")
        return body

    def measure(self, path: str, times: int) -> Answer:
        """Ask for a page several times; return the costs of one."""
        cpu, wall = self.cpu(), time.perf_counter()
        for _ in range(times):
            body = self.get(path)
        wall = (time.perf_counter() - wall) / times
        return Answer(body, (self.cpu() - cpu) / times, wall)

    def cpu(self) -> float:
        """Return the CPU seconds that all threads of all its processes have used."""
        threads = (thread for pid in _family(self.pid) for thread in _tasks(pid))
        return (
            sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads)
            / NANOSECONDS
        )


@contextlib.contextmanager
def running(command: Sequence[str], *, path: str = "/", **environment: str) -> Iterator[Server]:
    """Start a server whose command holds `{port}`, wait until it answers `path`, end it at last."""
    port = _free_port()
    process = subprocess.Popen(
        [word.format(port=port) for word in command],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = Server(process.pid, port)
    try:
        _wait_for(server, process, path)
        yield server
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(server: Server, process: "subprocess.Popen[bytes]", path: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with contextlib.suppress(ConnectionError):
            server.get(path)
            return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    children = [
        int(word) for task in _tasks(pid) for word in (task / "children").read_text().split()
    ]
    return [pid, *(member for child in children for member in _family(child))]


def _tasks(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/task").iterdir())

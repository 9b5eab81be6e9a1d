import threading
import time
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import pyarrow as pa
import pytest

from portal.plugins import HttpPolicy
from portal.plugins import JobContext
from portal.plugins import open_session
from portal_vo import following
from tests.services.fixtures import dachs  # noqa: F401 - a fixture
from tests.support.loopback import loopback
from tests.support.tap_service import TapService


@dataclass
class RunningJob:
    """A job as its query sees it, with everything that it did written down."""

    data_dir: Path
    allow: frozenset[str]
    maxrec: int = 1_000
    read_timeout: float = 5
    max_bytes: int = 1_000_000
    seconds: float | None = None
    checkpoints: dict[str, str] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    aborted: threading.Event = field(default_factory=threading.Event)
    callbacks: list = field(default_factory=list)
    on_checkpoint: list = field(default_factory=list)

    def context(self) -> JobContext:
        deadline = None if self.seconds is None else time.monotonic() + self.seconds
        policy = HttpPolicy(
            allow=self.allow, read_timeout=self.read_timeout, max_bytes=self.max_bytes
        )
        return JobContext(
            job_id="1",
            owner="somebody",
            maxrec=self.maxrec,
            deadline=deadline,
            http=open_session(policy, deadline=deadline, is_aborted=self.aborted.is_set),
            data_dir=self.data_dir,
            checkpoints=dict(self.checkpoints),
            report=lambda _fraction, message: self.messages.append(message),
            is_aborted=self.aborted.is_set,
            on_abort=self.callbacks.append,
            checkpoint=self._checkpoint,
        )

    def abort(self) -> None:
        self.aborted.set()
        for callback in self.callbacks:
            callback()

    def _checkpoint(self, key: str, value: str) -> None:
        self.checkpoints[key] = value
        for callback in self.on_checkpoint:
            callback()


@pytest.fixture
def server():
    with loopback() as running:
        yield running


@pytest.fixture
def tap(server):
    """A well-behaved TAP service, until a test changes it."""
    return TapService(server)


@pytest.fixture
def job(server, tmp_path):
    """A job that may talk to `server`."""
    return RunningJob(tmp_path, frozenset([server.host]))


@pytest.fixture
def _no_pauses(monkeypatch):
    monkeypatch.setattr(following, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(following, "LONGEST_PAUSE", 0.05)


def read(table):
    """Return the rows of a table as mappings, and its end."""
    parts = list(table.batches)
    rows = [row for part in parts if isinstance(part, pa.RecordBatch) for row in part.to_pylist()]
    return rows, parts[-1]


@pytest.fixture(name="read")
def read_fixture():
    return read

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
from portal_zooniverse.settings import ZooniverseSettings
from tests.support.loopback import loopback
from tests.support.panoptes import Panoptes


@dataclass
class RunningJob:
    """A job as its query sees it; `reports` has what it told the user."""

    data_dir: Path
    allow: frozenset[str]
    maxrec: int = 1_000
    read_timeout: float = 5
    seconds: float | None = None
    reports: list[tuple[float | None, str]] = field(default_factory=list)
    aborted: threading.Event = field(default_factory=threading.Event)

    def context(self) -> JobContext:
        deadline = None if self.seconds is None else time.monotonic() + self.seconds
        policy = HttpPolicy(allow=self.allow, read_timeout=self.read_timeout)
        return JobContext(
            job_id="1",
            owner="somebody",
            maxrec=self.maxrec,
            deadline=deadline,
            http=open_session(policy, deadline=deadline, is_aborted=self.aborted.is_set),
            data_dir=self.data_dir,
            checkpoints={},
            report=lambda fraction, message: self.reports.append((fraction, message)),
            is_aborted=self.aborted.is_set,
            on_abort=lambda callback: None,
            checkpoint=lambda key, value: None,
        )


@pytest.fixture
def panoptes():
    """An API without anything in it."""
    with loopback() as server:
        yield Panoptes(server)


@pytest.fixture
def zooniverse(panoptes):
    """The settings that lead to `panoptes`."""
    return ZooniverseSettings(api_url=panoptes.url, site_url="https://zoo.example.org")


@pytest.fixture
def job(panoptes, tmp_path):
    """A job that may talk to `panoptes`."""
    return RunningJob(tmp_path, frozenset([panoptes.server.host]))


def read(table):
    """Return the rows of a table as mappings, and its end."""
    parts = list(table.batches)
    rows = [row for part in parts if isinstance(part, pa.RecordBatch) for row in part.to_pylist()]
    return rows, parts[-1]


@pytest.fixture(name="read")
def read_fixture():
    return read

import pytest

from portal.plugins.testing import read_result
from portal.plugins.testing import RunningJob
from portal_vo import following
from tests.services.fixtures import dachs  # noqa: F401 - a fixture
from tests.support.loopback import loopback
from tests.support.tap_service import TapService


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
    return RunningJob(data_dir=tmp_path, allow=frozenset([server.host]), max_bytes=1_000_000)


@pytest.fixture
def _no_pauses(monkeypatch):
    monkeypatch.setattr(following, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(following, "LONGEST_PAUSE", 0.05)


@pytest.fixture
def read():
    return read_result

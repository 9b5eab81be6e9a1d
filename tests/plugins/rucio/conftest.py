import certifi
import pytest

from portal.plugins import RemoteCredential
from portal.plugins.testing import read_result
from portal.plugins.testing import RunningJob
from portal_rucio.settings import LakeSettings
from tests.services.fixtures import rucio  # noqa: F401 - a fixture, one for a whole run
from tests.services.rucio import PASSWORDS
from tests.support.loopback import loopback


@pytest.fixture
def lake(rucio, monkeypatch):  # noqa: F811 - the fixture
    """The settings that lead to the real server."""
    monkeypatch.setattr(certifi, "where", lambda: str(rucio.certificate))
    return LakeSettings(id="escape", title="The lake", url=rucio.url)


@pytest.fixture
def ada(tmp_path):
    """A job of Ada, who has stored her login."""
    return job_of("ada", tmp_path)


@pytest.fixture
def bob(tmp_path):
    """A job of Bob, who has stored his."""
    return job_of("bob", tmp_path)


@pytest.fixture
def stranger(tmp_path):
    """A job of somebody who has stored nothing."""
    return RunningJob(data_dir=tmp_path, read_timeout=20)


@pytest.fixture
def server():
    """A server that answers as a test tells it to."""
    with loopback() as server:
        yield server


@pytest.fixture
def odd(server):
    """The settings that lead to `server`."""
    return LakeSettings(id="escape", title="The lake", url=server.url)


def job_of(name, folder):
    stored = RemoteCredential(user_name=name, secret=PASSWORDS[name])
    return RunningJob(data_dir=folder, read_timeout=20, credentials={"127.0.0.1": stored})


def run(query, job, **parameters):
    """Run a query with these parameters, and return the rows of its table."""
    table = query.run(query.Parameters(**parameters), job.context())
    return read_result(table)[0]

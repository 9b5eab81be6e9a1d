import pytest

from portal.plugins.testing import read_result
from portal.plugins.testing import RunningJob
from portal_zooniverse.settings import ZooniverseSettings
from tests.support.loopback import loopback
from tests.support.panoptes import Panoptes


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
    return RunningJob(data_dir=tmp_path, allow=frozenset([panoptes.server.host]))


@pytest.fixture
def read():
    return read_result

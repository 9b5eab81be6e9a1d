import pytest

from portal.plugins.testing import RunningJob
from portal_names.sesame import Sesame
from portal_names.settings import NamesSettings
from tests.support.loopback import loopback
from tests.support.sesame import SesameService


@pytest.fixture
def server():
    with loopback() as running:
        yield running


@pytest.fixture
def service(server):
    return SesameService(server)


@pytest.fixture
def mirror(server):
    return SesameService(server, path="/viz-bin/nph-sesame")


@pytest.fixture
def http(server, tmp_path):
    job = RunningJob(data_dir=tmp_path, allow=frozenset([server.host]), max_bytes=1_000_000)
    with job.context().http as session:
        yield session


@pytest.fixture
def sesame(service, mirror, tmp_path):
    """The resolver with the two services of the test."""
    settings = NamesSettings(
        sesame_url=service.url, sesame_mirror_url=mirror.url, sesame_seconds=0.3
    )
    return Sesame(settings, tmp_path)

from types import SimpleNamespace

import pytest

from portal.plugins.testing import read_result
from portal_vo.metadata.job import MetadataParameters
from portal_vo.metadata.job import MetadataQuery
from portal_vo.metadata.store import MetadataStore
from portal_vo.tap import TapQuery
from tests.support.tap_metadata import TapMetadata


@pytest.fixture
def service(server):
    """A well-behaved service, until a test changes it."""
    return TapMetadata(server)


@pytest.fixture
def store(tmp_path):
    return MetadataStore(tmp_path / "metadata")


@pytest.fixture
def reading(service, store, job):
    """Ways to have the service read, and to look at what is known of it."""
    job.max_bytes = 100_000_000

    def read(**parameters):
        parameters.setdefault("access_url", service.url)
        query = MetadataQuery(store)
        return read_result(query.run(MetadataParameters(**parameters), job.context()))[0]

    def known(url=service.url):
        return TapQuery(store).metadata({"access_url": url})

    return SimpleNamespace(read=read, known=known, tables=lambda: known().tables)

import pytest

from portal.plugins.testing import read_result
from portal.plugins.testing import RunningJob
from portal_vo import following
from portal_vo.preview.job import PreviewParameters
from portal_vo.preview.job import PreviewQuery
from tests.services.fixtures import dachs  # noqa: F401 - a fixture
from tests.support.fits_files import pixels
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


@pytest.fixture
def look(server, job):
    """Return a function that looks at a file, and gives the title, the pixels and the headers."""

    def look(content, *, max_bytes=50_000_000, content_type="application/fits", **parameters):
        server.routes["/a.fits"] = lambda exchange: exchange.answer(
            content, content_type=content_type
        )
        job.max_bytes = 100_000_000
        query = PreviewQuery(max_bytes)
        asked = PreviewParameters(access_url=f"{server.url}/a.fits", **parameters)
        context = job.context()
        with context.http:
            table = query.run(asked, context)
        rows = [row for batch in table.batches for row in getattr(batch, "to_pylist", list)()]
        file = job.files.get("preview")
        return (file.title, pixels(file.path.read_bytes()), rows) if file else (None, None, rows)

    return look

"""Files that jobs came with: kept, given to both kinds of gateways, and deleted in the end."""

import io
import os
import resource
import time

import pytest

from portal.parameters import parameter
from portal.parameters import Parameters
from portal.parameters import Upload
from portal.problems import NotFoundError
from portal.problems import TransientError
from portal.uws.attachments import known_jobs
from portal.uws.attempt import Attempt
from portal.uws.models import new_id
from portal.uws.remote import HttpGateway
from portal.uws.types import Description
from portal.uws.types import JobType
from portal.uws.types import JobTypes
from portal.uws.uploads import SentFile
from portal.uws.uploads import UploadStore
from tests.support.remote import EveryResult
from tests.support.remote import open_door
from tests.support.remote import serving
from tests.support.remote import worker_token
from tests.uws.conftest import OWNER

CONTENT = bytes(range(256)) * 9000
DAYS = 86_400


class Sample(Parameters):
    """A job about a file."""

    sample: Upload = parameter(title="Sample")
    tare: Upload | None = parameter(None, title="Tare")


@pytest.fixture
def types():
    return JobTypes(
        [
            JobType(
                name="weigh",
                title="Weigh",
                parameters=Sample,
                describe=lambda _: Description(title="Weigh", text=""),
            )
        ]
    )


@pytest.fixture(params=["database", "http"])
def gateway(request, app, gateway):
    """Run every test over the database, and over HTTP as a remote worker."""
    if request.param == "database":
        yield gateway
        return
    open_door(app, gateway, EveryResult())
    with serving(app) as url:
        yield HttpGateway(url, worker_token(app))


@pytest.fixture
def job_id(service):
    """Return the id of a queued job with a file."""
    return create(service)


def create(service):
    file = SentFile(name="a", mime_type="x/y", content=io.BytesIO(CONTENT))
    parameters = Sample(sample=file.reference)
    return service.create_job("weigh", parameters, owner=OWNER, run=True, files=[file])


@pytest.fixture
def attempt(gateway, job_id):
    return Attempt(gateway.claim(job_id), gateway, lease_seconds=3)


def grow_old(folder, seconds):
    os.utime(folder, (time.time() - seconds,) * 2)


def test_a_running_job_gets_its_file(attempt, tmp_path):
    assert attempt.upload("SAMPLE", tmp_path).read_bytes() == CONTENT


def test_a_parameter_without_a_file_has_none(attempt, tmp_path):
    with pytest.raises(NotFoundError):
        attempt.upload("tare", tmp_path)


def test_a_file_of_another_job_is_not_given(service, gateway, attempt, tmp_path):
    other = create(service)
    [upload_id] = [path.name for path in tmp_path.glob(f"instance/uploads/{other}/*")]

    for wrong in (upload_id, "0" * 32, "..", "%2e%2e"):
        with pytest.raises(NotFoundError):
            gateway.fetch_upload(attempt.job, wrong, tmp_path)


def test_a_file_that_is_gone_is_said_to_be(service, attempt, tmp_path):
    service.uploads.delete(attempt.job.id)

    with pytest.raises(NotFoundError, match="There is no such file"):
        attempt.upload("sample", tmp_path)


@pytest.fixture
def little_room():
    """Let no file of this process grow beyond 5 MB; a log of the test run is shorter."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_said_to_be_and_keeps_nothing(tmp_path, little_room):
    store = UploadStore(tmp_path / "uploads", max_bytes=10_000_000)
    content = io.BytesIO(bytes(6_000_000))

    with pytest.raises(TransientError, match="no room"):
        store.keep(new_id(), SentFile(name="a", mime_type="", content=content))

    assert list((tmp_path / "uploads").iterdir()) == []


def test_files_of_no_job_are_deleted_after_a_day(service, job_id, tmp_path):
    uploads = tmp_path / "instance" / "uploads"
    lost, fresh = new_id(), new_id()
    for name in (lost, fresh):
        service.uploads.keep(name, SentFile(name="a", mime_type="", content=io.BytesIO(b"x")))
    grow_old(uploads / lost, 2 * DAYS)
    grow_old(uploads / job_id, 2 * DAYS)

    service.uploads.sweep(known_jobs)

    assert {path.name for path in uploads.glob("[0-9a-f]*")} == {job_id, fresh}


def test_files_are_looked_through_once_an_hour(service, job_id, tmp_path):
    uploads = tmp_path / "instance" / "uploads"
    grow_old(uploads / job_id, 2 * DAYS)
    looks = []

    for _ in range(2):
        service.uploads.sweep(lambda ids: looks.append(ids) or ids)
    assert looks == [[job_id]]
    grow_old(uploads / ".swept", 3601)
    service.uploads.sweep(lambda ids: looks.append(ids) or ids)

    assert len(looks) == 2

"""Clients of others against a real portal: pyvo, STILTS and its validator, uws-client's way."""

import threading
import time
from datetime import datetime
from datetime import timedelta
from datetime import UTC

import pytest
import pyvo
import requests
from astropy.io.votable import parse_single_table
from pyvo.io.uws import parse_job
from pyvo.io.uws import parse_job_list

from tests.services import stilts
from tests.services.state import free_port
from tests.services.tap_front import TapFront
from tests.test_portal_up import portal

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def jobs_url(tmp_path_factory):
    """The list of the echo jobs of a portal, shared by all who do not say who they are."""
    settings = {"PORTAL_TEST_JOBS": "1", "PORTAL_UWS_ANONYMOUS": "shared"}
    with portal(tmp_path_factory.mktemp("portal"), free_port(), **settings) as (_, address):
        yield f"{address}uws/test.echo"


def create(jobs_url, files=(), **parameters):
    sent = {name: (name, b"a file") for name in files}
    answer = requests.post(jobs_url, parameters, files=sent, allow_redirects=False, timeout=10)
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_pyvo_runs_waits_fetches_and_deletes(jobs_url):
    url = create(jobs_url, TEXT="hello", ROWS=3)
    job = pyvo.dal.AsyncTAPJob(url)

    job.run().wait(timeout=30)
    job.raise_if_error()
    table = job.fetch_result().to_table()

    assert list(table["text"]) == ["hello"] * 3
    assert job.phase == "COMPLETED"
    job.delete()
    assert requests.get(url, timeout=10).status_code == 404


def test_pyvo_reads_what_went_wrong(jobs_url):
    job = pyvo.dal.AsyncTAPJob(create(jobs_url, FAIL="no such star"))

    job.run().wait(timeout=30)

    assert job.phase == "ERROR"
    with pytest.raises(pyvo.DALQueryError, match="no such star"):
        job.raise_if_error()


def test_pyvo_sets_duration_and_destruction_and_aborts(jobs_url):
    job = pyvo.dal.AsyncTAPJob(create(jobs_url, SECONDS=60))

    job.execution_duration = 50
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    job.destruction = soon.strftime("%Y-%m-%dT%H:%M:%SZ")
    job.run()
    job.abort()

    assert job.execution_duration.sec == 50
    assert job.destruction.to_datetime() == soon.replace(tzinfo=None)
    assert job.phase == "ABORTED"


def test_pyvo_parses_job_and_list(jobs_url):
    url = create(jobs_url, RUNID="night")

    job = parse_job(url)
    listed = parse_job_list(f"{jobs_url}?LAST=1")

    assert (job.version, job.runid, job.phase) == ("1.1", "night", "PENDING")
    assert [one.jobid for one in listed] == [job.jobid]


# For the types that have no example; nothing of it is asked, since the jobs are not run.
FILLED_IN = {
    "access_url": "http://127.0.0.1:9/service",
    "job_url": "http://127.0.0.1:9/tap/async/1",
    "scs": "http://127.0.0.1:9/scs",
    "query": "SELECT 1 FROM t",
    "position": "10 20",
    "project": "1",
    "names": "M31",
    "repository": "http://127.0.0.1:9/x.git",
    "session": "s1",
}


def test_pyvo_reads_the_jobs_of_every_type(jobs_url):
    root = jobs_url.removesuffix("/test.echo")
    names = [one["name"] for one in requests.get(f"{root}/types", timeout=10).json()["types"]]

    for name in names:
        if name.startswith("orc."):
            continue  # a launch makes a session, which belongs to somebody: not to who holds its id
        examples = requests.get(f"{root}/types/{name}", timeout=10).json()["examples"]
        schema = requests.get(f"{root}/types/{name}/schema", timeout=10).json()
        known, needed = schema["properties"], schema.get("required", ())
        files = [one for one in needed if "x-upload" in known[one]]
        given = {key: value for key, value in FILLED_IN.items() if key in known}
        asked = examples[0]["parameters"] if examples else given
        url = create(f"{root}/{name}", files, **asked)
        assert parse_job(url).phase == pyvo.dal.AsyncTAPJob(url).phase == "PENDING", name
    assert len(names) > 20


def test_taplint_finds_nothing_to_say_about_the_uws(jobs_url):
    front = TapFront(jobs_url)
    thread = threading.Thread(target=front.serve_forever, daemon=True)
    thread.start()
    try:
        said = stilts.run("taplint", f"tapurl={front.url}", "stages=UWS", "maxrepeat=50")
    finally:
        front.shutdown()
        front.server_close()
        thread.join()

    assert "Errors: 0; Warnings: 0" in said, said
    assert "Failures: 0" in said, said
    assert "UWS job document explicitly V1.1" in said


def test_stilts_resumes_a_job_and_reads_its_result(jobs_url):
    url = create(jobs_url, TEXT="from afar", SECONDS=1, PHASE="RUN")

    said = stilts.run("tapresume", f"joburl={url}", "ofmt=csv", "progress=false")

    assert said.splitlines()[-2:] == ["text", "from afar"], said
    assert requests.get(url, timeout=10).status_code == 404


def test_a_session_as_uws_client_holds_it(jobs_url):
    """It cuts the address it was given off each Location, as text, and posts to the job itself."""
    url = create(jobs_url, TEXT="a", SECONDS=30)
    job_id = url.removeprefix(f"{jobs_url}/")
    assert job_id[0] not in "https:/"  # it strips these characters, not the prefix

    def post(**sent):
        return requests.post(f"{jobs_url}/{job_id}", sent, timeout=10)

    assert post(TEXT="b", EXECUTIONDURATION="20").ok
    assert post(PHASE="RUN").ok
    waited = requests.get(f"{url}?WAIT=5&PHASE=QUEUED", timeout=10).text
    assert "<uws:phase>EXECUTING</uws:phase>" in waited
    assert post(PHASE="ABORT").ok
    assert requests.get(f"{url}/phase", timeout=10).text == "ABORTED"
    gone = requests.delete(url, timeout=10)
    assert gone.url == jobs_url
    assert job_id not in gone.text


def test_a_blocked_wait_ends_as_soon_as_the_job_does(jobs_url):
    url = create(jobs_url, TEXT="x", SECONDS=1, PHASE="RUN")
    requests.get(f"{url}?WAIT=10&PHASE=QUEUED", timeout=20)
    before = time.monotonic()

    document = requests.get(f"{url}?WAIT=-1&PHASE=EXECUTING", timeout=60).text

    assert "<uws:phase>COMPLETED</uws:phase>" in document
    assert time.monotonic() - before < 5


def test_a_result_is_a_votable_at_its_own_address(jobs_url, tmp_path):
    url = create(jobs_url, TEXT="<&>", PHASE="RUN")
    requests.get(f"{url}?WAIT=10&PHASE=QUEUED", timeout=20)
    requests.get(f"{url}?WAIT=10&PHASE=EXECUTING", timeout=20)

    answer = requests.get(f"{url}/results/result", timeout=10)

    assert answer.headers["Content-Type"].startswith("application/x-votable+xml")
    (tmp_path / "r.vot").write_bytes(answer.content)
    assert list(parse_single_table(tmp_path / "r.vot").array["text"]) == ["<&>"]

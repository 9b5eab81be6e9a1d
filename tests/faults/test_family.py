"""Jobs made of others, run by a real crew: of one worker and of eight, on both databases."""

import contextlib
import os
import signal

import pytest

from portal.db import db
from portal.uws.family import list_children
from portal.uws.phases import ExecutionPhase as P
from tests.faults.conftest import Bench
from tests.faults.conftest import Broker
from tests.faults.conftest import Crew
from tests.faults.conftest import is_alive
from tests.faults.conftest import OWNER
from tests.faults.conftest import until
from tests.support.crew import NapsTogether
from tests.support.crew import open_service

pytestmark = pytest.mark.faults


def a_bench(database, size):
    marks = [pytest.mark.peers] if database == "postgresql" else []
    return pytest.param((database, size), marks=marks, id=f"{database}-{size}")


BENCHES = [a_bench("sqlite", 8), a_bench("postgresql", 1)]
if os.environ.get("PORTAL_TEST_SOAK"):
    BENCHES += [a_bench("sqlite", 1), a_bench("postgresql", 8)]


@pytest.fixture(params=BENCHES)
def bench(request, tmp_path, monkeypatch):
    """Start Valkey and so many workers, on one of the databases."""
    database, size = request.param
    if database == "postgresql":
        url = request.getfixturevalue("postgres").url("portal")
        monkeypatch.setenv("PORTAL_DATABASE_URL", url)
    instance = tmp_path / "instance"
    instance.mkdir()
    broker = Broker(instance)
    broker.start()
    crew = Crew(instance, broker.url, size=size)
    app, service = open_service(instance, broker.url)
    crew.start()
    try:
        yield Bench(app, service, broker, crew)
    finally:
        if crew.process and crew.process.poll() is None:
            crew.kill()
        broker.stop()
        with app.app_context():
            db.drop_all()  # one server for all tests
            db.engine.dispose()


def submit(bench, *naps):
    with bench.app.app_context():
        parameters = NapsTogether(naps=list(naps))
        return bench.service.create_job("naps", parameters, owner=OWNER, run=True)


def children(bench, job_id):
    with bench.app.app_context():
        return list_children(job_id)


def merged(bench, job_id):
    """Return the phases that the merge saw, once the job is done."""
    [result] = bench.wait_for(job_id, "COMPLETED", 90).results
    return result.info["phases"]


def test_children_run_and_are_put_together_once(bench):
    job_id = submit(bench, 0.2, -1, 0.1, 0.2)

    assert merged(bench, job_id) == ["COMPLETED", "ERROR", "COMPLETED", "COMPLETED"]
    assert bench.starts(job_id) == 1
    assert bench.job(job_id).attempt == 1
    assert [bench.starts(child) for child in children(bench, job_id)] == [1] * 4


def test_a_family_outlives_the_processes_that_run_it(bench):
    job_id = submit(bench, 1.5, 0.1)
    os.kill(bench.horse(children(bench, job_id)[0]), signal.SIGKILL)
    first = bench.horse(job_id)
    with contextlib.suppress(ProcessLookupError):  # it may have been quick
        os.kill(first, signal.SIGKILL)

    assert merged(bench, job_id) == ["COMPLETED", "COMPLETED"]
    assert bench.starts(job_id) - 1 <= bench.job(job_id).attempt <= 2
    assert len(bench.job(job_id).results) == 1


def test_a_family_outlives_the_whole_crew(bench):
    job_id = submit(bench, 1.5, 0.1)
    bench.horse(children(bench, job_id)[0])
    bench.crew.kill()

    bench.crew.start()

    assert merged(bench, job_id) == ["COMPLETED", "COMPLETED"]


def test_an_aborted_family_stops_and_leaves_its_workers_to_others(bench):
    job_id = submit(bench, 60, 60, 60)
    horse = bench.horse(children(bench, job_id)[0])

    bench.abort(job_id)

    assert bench.phase(job_id) == P.ABORTED
    assert [bench.phase(child) for child in children(bench, job_id)] == [P.ABORTED] * 3
    until(lambda: not is_alive(horse))
    other = bench.submit()
    bench.wait_for(other, "COMPLETED")
    assert bench.starts(job_id) == 0


def test_two_families_that_share_a_worker_both_end(bench):
    one, other = submit(bench, 0.3, 0.3), submit(bench, 0.1)

    assert merged(bench, one) == ["COMPLETED", "COMPLETED"]
    assert merged(bench, other) == ["COMPLETED"]

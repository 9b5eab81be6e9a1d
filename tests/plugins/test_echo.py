import io
import threading

import pytest
from astropy.io.votable import parse_single_table
from sqlalchemy import select

from portal import config
from portal.db import db
from portal.parameters import read_form
from portal.plugins.echo import Echo
from portal.plugins.echo import EchoParameters
from portal.runtime import create_runtime
from portal.uws import attempt as attempts
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from portal.uws.service import jobs
from portal.uws.worker import execute_job

OWNER = "a" * 32
PATIENCE = 10


@pytest.fixture
def settings(tmp_path):
    return config.load(instance=tmp_path / "instance", job_lease=3.0, test_jobs=True)


@pytest.fixture
def run(app):
    """Return a function that makes a job of form values, runs it, and returns it ended."""
    runtime = create_runtime(app)

    def run(**sent):
        with app.app_context():
            parameters = read_form(EchoParameters, sent.items())
            job_id = jobs().create_job("TEST.echo", parameters, owner=OWNER, run=True)
            execute_job(job_id, runtime)
            return jobs().get_job(job_id, owner=OWNER)

    return run


def result_of(client, job):
    answer = client.get(f"/uws/test.echo/{job.id}/results/result", follow_redirects=True)
    return parse_single_table(io.BytesIO(answer.data)).array


@pytest.fixture
def ours(client):
    """Return a browser whose owner is the one of the jobs."""
    with client.session_transaction() as session:
        session["owner"] = OWNER
    return client


def test_the_result_is_the_text(run, ours):
    job = run(TEXT="héllo", extra="kept")

    assert job.phase == ExecutionPhase.COMPLETED
    assert list(result_of(ours, job)["text"]) == ["héllo"]


def test_the_result_says_it_as_often_as_asked(run, ours):
    assert len(result_of(ours, run(text="x", rows="3"))) == 3


def test_a_failure_has_the_words_that_were_asked_for(run):
    job = run(FAIL="The telescope is closed.")

    assert (job.phase, job.error_type) == (ExecutionPhase.ERROR, "fatal")
    assert job.error_message == "The telescope is closed."


def test_whatever_a_tap_client_sends_is_kept_in_order(run):
    sent = {"REQUEST": "doQuery", "LANG": "ADQL", "QUERY": "SELECT 1", "MAXREC": "5"}

    job = run(**sent)

    kept = {one.name: one.value for one in job.parameters}
    assert kept["maxrec"] == "5"
    assert [name for name in kept if name in sent] == ["REQUEST", "LANG", "QUERY"]


def test_an_abort_ends_the_wait(app, run, monkeypatch):
    monkeypatch.setattr(attempts, "CHECK_SECONDS", 0.02)
    started = threading.Event()

    def abort():
        with app.app_context():
            stop = threading.Event()
            for _ in range(PATIENCE * 50):
                job = db.session.scalar(select(Job).where(Job.phase == ExecutionPhase.EXECUTING))
                db.session.rollback()
                if job is not None and job.message.endswith("s to go"):
                    started.set()
                    jobs().abort_job(job.id, owner=OWNER)
                    return
                stop.wait(0.02)

    thread = threading.Thread(target=abort)
    thread.start()
    job = run(SECONDS="60")
    thread.join()

    assert started.is_set()
    assert job.phase == ExecutionPhase.ABORTED
    assert (job.end_time - job.start_time).total_seconds() < PATIENCE


def test_it_is_found_as_a_job_type_and_its_archive_is_not_listed(ours):
    assert "test.echo" in [one["name"] for one in ours.get("/uws/types").json["types"]]
    assert "Tests" not in ours.get("/archives").text
    assert ours.get("/archives/test/test.echo").status_code == 200


def test_it_is_offered_only_when_tests_are_wanted(app, tmp_path):
    from portal import create_app

    other = create_app(config.load(instance=tmp_path / "other"), plugins=[])

    assert "test.echo" in app.extensions["uws"].types
    assert "test.echo" not in other.extensions["uws"].types


def test_every_example_can_be_sent():
    for example in Echo.examples:
        read_form(EchoParameters, example.parameters.items())

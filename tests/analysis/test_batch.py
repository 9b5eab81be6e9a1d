"""Batch runs: what a facility gets, what is shown of the outputs, and what is left of a run."""

import re

import pytest

from portal.analysis.book import SessionBook
from portal.analysis.models import Stage
from portal.db import db
from portal.plugins.facilities import Mode
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.uws.models import Job
from portal.uws.service import jobs
from tests.analysis.test_launching import again
from tests.support.camp import Camp
from tests.support.camp import camp_plugin
from tests.support.git_server import serve_git
from tests.support.instances import settings_in

FILES = {
    "README.md": "Read me.",
    "batch/main.cwl": "class: Workflow\n",
    "batch/steps/one.cwl": "class: CommandLineTool\n",
    "batch/table.fits": b"\xff\x00",
    "batch/big.txt": "x" * 1_000_001,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serve_git(tmp_path_factory.mktemp("repositories")) as served:
        served.commit = served.make("sums", FILES)
        yield served


@pytest.fixture
def camp():
    return Camp(mode=Mode.BATCH)


@pytest.fixture
def plugins(camp):
    return [("camp", camp_plugin(camp))]


@pytest.fixture
def settings(tmp_path):
    return settings_in(tmp_path, remote_allow=["127.0.0.1"])


@pytest.fixture
def launch(client, server):
    """Return a function that sends the form, and returns the id of the job."""

    def send(**values):
        form = {
            "repository": server.address("sums"),
            "facility": "camp",
            "workflow_type": "cli",
            "definition": "batch/main.cwl",
            **values,
        }
        answer = client.post("/analysis/launches", data=form)
        assert answer.status_code == 303, answer.text
        return answer.location.rpartition("/")[2]

    return send


def test_the_outputs_of_a_run_are_rows_that_go_to_a_basket(client, work, launch, the_session):
    job = launch()
    work()

    page = client.get(f"/jobs/{job}").text
    rows = client.get(f"/jobs/{job}/results/result").text
    client.post("/basket/items", data={"job": job, "result": "result", "row": "0"})
    assert 'id="result"' in page
    assert "session is" not in page
    assert "https://example.org/map.fits" in rows and "bears" in rows
    assert "map.fits" in client.get("/baskets/current", follow_redirects=True).text
    assert (the_session().stage, the_session().mode) == (Stage.ENDED, Mode.BATCH)


def test_a_run_gets_the_text_files_of_its_definition_and_the_files_of_the_basket(
    client, work, launch, camp, server
):
    client.post("/baskets/current/addresses", data={"url": "http://127.0.0.1:9/a.fits"})
    page = client.get("/analysis/launch").text
    basket = re.search(r'<option value="([0-9a-f]{32})" selected', page)[1]
    job = launch(basket_id=basket)
    work()

    [prepared] = camp.prepared
    assert prepared.commit == server.commit
    assert [one.path for one in prepared.sources] == ["main.cwl", "steps/one.cwl"]
    assert [(one.name, one.url) for one in prepared.inputs] == [
        ("a.fits", "http://127.0.0.1:9/a.fits")
    ]
    assert prepared.files == ()
    assert "table.fits" in client.get(f"/jobs/{job}").text


@pytest.mark.parametrize("definition", ["no.cwl", "batch", "batch/table.fits", ""])
def test_a_definition_that_is_no_file_of_the_repository_is_refused(
    client, work, launch, camp, definition
):
    job = launch(definition=definition)
    work()

    assert camp.prepared == []
    assert "The job failed" in client.get(f"/jobs/{job}").text


def test_a_run_that_is_interrupted_is_adopted(app, work, launch, camp, the_session):
    camp.trouble["after"] = TransientError("The camp does not answer.")
    launch()
    work()
    assert the_session().stage == Stage.LAUNCHING

    again(app, work)

    assert len(camp.prepared) == 2
    assert (camp.running, the_session().stage) == (set(), Stage.ENDED)


def test_what_a_run_made_outlives_a_worker_that_was_lost_right_after(
    app, client, work, launch, camp, monkeypatch
):
    note = SessionBook.over

    def over(book, begun):
        note(book, begun)
        raise TransientError("The power is gone.")

    monkeypatch.setattr(SessionBook, "over", over)
    job = launch()
    work()
    again(app, work)

    assert len(camp.prepared) == 1
    assert "map.fits" in client.get(f"/jobs/{job}/results/result").text


def test_a_run_whose_worker_ended_before_its_end_was_noted_is_noted_by_the_next(
    app, work, launch, camp, the_session, monkeypatch
):
    def is_away(book, begun):
        raise TransientError("The database is away.")

    with monkeypatch.context() as patched:
        patched.setattr(SessionBook, "over", is_away)
        launch()
        work()
    again(app, work)

    assert (the_session().stage, camp.stopped) == (Stage.ENDED, [])


def test_a_run_that_failed_is_ended_and_told(client, work, launch, camp, the_session):
    camp.trouble["after"] = ServiceError("The tent has a hole.")
    job = launch()
    work()

    assert (camp.running, the_session().stage) == (set(), Stage.FAILED)
    assert "The tent has a hole." in client.get(f"/jobs/{job}").text


def test_a_run_whose_job_is_aborted_is_ended_by_the_watch(app, work, launch, camp, the_session):
    camp.trouble["after"] = TransientError("Thunder.")
    job = launch()
    work()
    with app.app_context():
        jobs().abort_job(job, owner=the_session().owner)
        app.extensions["timetable"].make_due()
        db.session.query(Job).filter(Job.owner == "scheduler").update({"phase": "QUEUED"})
        db.session.commit()
    work()

    assert camp.running == set()
    assert the_session().stage == Stage.FAILED


def test_a_reader_of_a_shared_run_sees_its_outputs(app, client, work, launch):
    job = launch()
    work()
    client.post(f"/jobs/{job}/share")
    with app.app_context():
        key = db.session.get(Job, job).share_key

    page = app.test_client().get(f"/shared/{key}").text

    assert 'id="result"' in page


def test_the_form_offers_a_run(client):
    page = client.get("/analysis/launch?repository=https://example.org/x.git").text

    assert "Start the run" in page
    assert "Batch workflow" in page
    assert re.search(r'name="beds"[^>]* value="2"', page)

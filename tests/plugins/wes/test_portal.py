"""Batch runs at a real Workflow Execution Service, from the form to the outputs."""

import re

import pytest
from sqlalchemy import select

from portal.analysis.models import AnalysisSession
from portal.analysis.models import Stage
from portal.db import db
from portal.plugins import AbortedError
from portal.plugins import Prepared
from portal.plugins import SessionFile
from portal.plugins import SessionState
from portal.plugins import Workflow
from portal.uws.models import Job
from portal_wes.facility import ExecutionService
from portal_wes.settings import ServiceSettings
from tests.services.fixtures import wes  # noqa: F401 - a fixture, one for a whole run
from tests.support.camp import camp_plugin
from tests.support.git_server import serve_git
from tests.support.instances import settings_in
from tests.support.launches import RunningLaunch
from tests.support.loopback import loopback

pytestmark = [pytest.mark.peers, pytest.mark.slow]

WORKFLOW = """\
cwlVersion: v1.2
class: Workflow
inputs: {files: "File[]", word: string}
outputs:
  joined: {type: File, outputSource: join/joined}
  said: {type: string, outputSource: word}
steps:
  join: {run: steps/join.cwl, in: {files: files}, out: [joined]}
"""
JOIN = """\
cwlVersion: v1.2
class: CommandLineTool
baseCommand: cat
inputs: {files: {type: "File[]", inputBinding: {position: 1}}}
stdout: joined.txt
outputs: {joined: stdout}
"""
FAILING = """\
cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sh, -c, "echo the lens is dirty >&2; exit 3"]
inputs: []
outputs: []
"""
SLEEPING = """\
cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sleep, "600"]
inputs: []
outputs: []
"""
FILES = {"batch/main.cwl": WORKFLOW, "batch/steps/join.cwl": JOIN, "batch/dirty.cwl": FAILING}


@pytest.fixture(scope="module")
def git(tmp_path_factory):
    with serve_git(tmp_path_factory.mktemp("repositories")) as served:
        served.make("join", FILES)
        yield served


@pytest.fixture
def plugins(wes):  # noqa: F811 - the fixture
    place = ExecutionService(ServiceSettings(id="batch", title="Our Batch", url=wes))
    return [("batch", camp_plugin(place))]


@pytest.fixture
def settings(tmp_path):
    return settings_in(tmp_path, remote_allow=["127.0.0.1"])


@pytest.fixture
def launch(client, work, git):
    """Return a function that sends the form, runs the job, and returns its id."""

    def send(**values):
        form = {
            "repository": git.address("join"),
            "facility": "batch",
            "workflow_type": "cli",
            **values,
        }
        answer = client.post("/analysis/launches", data=form)
        assert answer.status_code == 303, answer.text
        work()
        return answer.location.rpartition("/")[2]

    return send


def test_the_files_of_a_basket_are_run_and_the_outputs_are_rows(app, client, launch):
    with loopback() as archive:
        for name in ("/a.txt", "/b.txt"):
            archive.routes[name] = lambda exchange: exchange.answer("some words")
            client.post("/baskets/current/addresses", data={"url": archive.url + name})
        page = client.get("/analysis/launch").text
        basket = re.search(r'<option value="([0-9a-f]{32})" selected', page)[1]
        job = launch(basket_id=basket, definition="batch/main.cwl", inputs='{"word": "hello"}')

    page = client.get(f"/jobs/{job}").text
    rows = client.get(f"/jobs/{job}/results/result", headers={"HX-Request": "true"}).text
    assert 'id="result"' in page
    assert "The session" not in page
    assert "joined: joined.txt" in rows and "hello" in rows
    assert "sha1:" in rows
    assert "over" in client.get("/sessions").text
    with app.app_context():
        session = db.session.scalars(select(AnalysisSession)).one()
        assert (session.stage, session.handle) == (Stage.ENDED, None)
        assert db.session.get(Job, job).phase == "COMPLETED"


def test_a_tool_that_fails_is_told_in_its_own_words(app, client, launch):
    job = launch(definition="batch/dirty.cwl")

    page = client.get(f"/jobs/{job}").text
    assert "The run failed at Our Batch." in page
    assert "the lens is dirty" in page
    with app.app_context():
        assert db.session.scalars(select(AnalysisSession)).one().stage == Stage.FAILED


def test_a_run_is_adopted_and_cancelled(wes):  # noqa: F811 - the fixture
    place = ExecutionService(ServiceSettings(id="batch", title="Our Batch", url=wes))
    launch = RunningLaunch()
    launch.on_save = lambda handle: launch.aborted.set() if "run" in handle else None
    prepared = Prepared(
        id="s3ss10n",
        user="us3r",
        title="Demo",
        workflow=Workflow(id="x", title="X", repository="", definition="sleep.cwl"),
        repository="",
        commit="",
        sources=[SessionFile(path="sleep.cwl", content=SLEEPING)],
        options=place.Options(),
    )

    for _attempt in ("first", "second"):
        with pytest.raises(AbortedError):
            place.run(prepared, launch.context())
    launch.aborted.clear()
    handle, launch.saved = launch.handle, launch.saved[:1]  # as if the answer had been lost
    with pytest.raises(AbortedError):
        place.run(prepared, launch.context())
    assert launch.handle == handle
    launch.aborted.clear()
    running = place.status(launch.handle, launch.later())
    place.stop(launch.handle, launch.later())

    assert running.state is SessionState.RUNNING
    while place.status(launch.handle, launch.later()).state is not SessionState.GONE:
        pass
    place.stop(launch.handle, launch.later())
    assert [list(handle) for handle in launch.saved] == [["asked"], ["run"]]
    assert place.health(launch.later()).message == "WES 1.0.0"

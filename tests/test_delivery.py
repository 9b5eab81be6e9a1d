"""A job from its claim over HTTP to its result in the portal's store, with a store of its own."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from portal import delivery
from portal.cli import main
from portal.delivery import DeliveringExecutor
from portal.execution import QueryExecutor
from portal.parameters import read_form
from portal.plugins import HttpPolicy
from portal.plugins import ResultTable
from portal.problems import ServiceError
from portal.problems import UsageError
from portal.results.keys import ResultKey
from portal.results.store import ResultStore
from portal.uws.lines import list_lines
from portal.uws.phases import ExecutionPhase
from portal.uws.remote import HttpGateway
from portal.uws.remote_crew import Outpost
from portal.uws.remote_crew import start_remote_crew
from portal.uws.service import EXTENSION
from portal.uws.worker import run_claimed
from portal.uws.worker import Runtime
from tests.faults.conftest import until
from tests.support import lab
from tests.support.remote import serving
from tests.support.remote import worker_token

OWNER = "a" * 32
STARS = "query.lab-stars"


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture
def service(app):
    with app.app_context():
        yield app.extensions[EXTENSION]


@pytest.fixture
def afar(app, tmp_path):
    """Return the store of the remote worker."""
    return ResultStore(tmp_path / "afar")


@pytest.fixture
def run(app, service, afar):
    """Return a function that has a remote worker run a job of the lab, and gives the job."""
    with serving(app) as url:
        gateway = HttpGateway(url, worker_token(app))
        query = QueryExecutor(
            app.extensions["plugins"],
            afar,
            http_policy=HttpPolicy(),
            row_limit=lambda asked: asked or 10**6,
            max_bytes=10**9,
            tell_arriving=delivery.tell_rows,
        )
        runtime = Runtime(
            gateway=gateway, executor=DeliveringExecutor(query, gateway, afar), lease_seconds=3
        )

        def run(on_claim=lambda job_id: None, **parameters):
            model = read_form(service.types[STARS].parameters, list(parameters.items()))
            job_id = service.create_job(STARS, model, owner=OWNER, run=True)
            job = gateway.claim_next({STARS}, seconds=0)
            assert job.id == job_id
            on_claim(job_id)
            run_claimed(job, runtime)
            return service.get_job(job_id, owner=OWNER)

        yield run


def test_the_result_of_a_remote_job_is_where_every_other_result_is(app, run):
    job = run(rows="300")

    (result,) = job.results
    key = ResultKey(job_id=job.id, token=result.token, name=result.name)
    stored = app.extensions["results"].open(key)
    assert (job.phase, stored.rows, result.info["rows"]) == (ExecutionPhase.COMPLETED, 300, 300)


def test_pages_show_it_like_any_other(app, client, run):
    with client.session_transaction() as session:
        session["owner"] = OWNER
    job = run(rows="3")

    assert "Star 0, lab" in client.get(f"/jobs/{job.id}/results/result").text


@pytest.mark.parametrize("how", ["usage", "service", "crash", "cut"])
def test_a_remote_job_fails_as_a_local_one(run, work, service, how):
    far = run(rows="3", how=how)

    assert (far.phase, far.error_type) == (ExecutionPhase.ERROR, "fatal")
    assert far.error_message
    assert far.results == []


def test_a_transient_failure_is_tried_again(run):
    job = run(rows="3", how="transient")

    assert job.phase == ExecutionPhase.QUEUED
    assert job.not_before is not None


def test_what_had_come_of_an_aborted_job_is_sent(app, run, service, monkeypatch):
    asked = lab.Stars.run

    def arriving(table, context):
        yield next(iter(table.batches))
        service.abort_job(context.job_id, owner=OWNER)
        until(context.is_aborted)
        raise ServiceError("The connection broke")

    def run_and_abort(self, parameters, context):
        table = asked(self, parameters, context)
        return ResultTable(columns=table.columns, batches=arriving(table, context))

    monkeypatch.setattr(lab.Stars, "run", run_and_abort)
    job = run(rows="3")

    [result] = job.results
    key = ResultKey(job_id=job.id, token=result.token, name=result.name)
    stored = app.extensions["results"].open(key)
    assert (job.phase, stored.rows, result.info["overflow"]) == (ExecutionPhase.ABORTED, 3, True)


def test_lines_that_a_query_logs_reach_its_owner(run, service, monkeypatch):
    asked = lab.Stars.run

    def run_and_tell(self, parameters, context):
        context.log("looking through the telescope")
        return asked(self, parameters, context)

    monkeypatch.setattr(lab.Stars, "run", run_and_tell)

    job = run(rows="3")

    lines = list_lines(job.id, owner=OWNER, last=10)
    assert [line.text for line in lines] == ["looking through the telescope"]


@pytest.mark.slow
def test_a_remote_worker_has_no_database():
    """What a remote worker imports cannot even open one."""
    code = (
        "import sys, portal.delivery, portal.execution, portal.uws.remote_crew;"
        "sys.exit(bool({'sqlalchemy', 'flask_sqlalchemy', 'redis', 'rq'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("token", [None, "", "  \n"])
def test_a_remote_worker_without_a_token_does_not_start(token, tmp_path):
    arguments = ["worker", "--remote", "http://127.0.0.1:1"]
    if token is not None:
        (tmp_path / "token").write_text(token)
        arguments += ["--token-file", str(tmp_path / "token")]

    result = CliRunner().invoke(main, arguments)

    assert result.exit_code == 2
    assert "PORTAL_WORKER_TOKEN" in result.output


def test_a_remote_worker_without_an_address_does_not_start():
    outpost = Outpost(
        url="portal.example.org", token="apt_x", types=frozenset(), open_executor=lambda *_: None
    )

    with pytest.raises(UsageError, match="no address of a portal"):
        start_remote_crew(outpost, scratch=None, size=1)


def test_a_file_beside_the_table_is_sent_as_well(app, run, monkeypatch):
    asked = lab.Stars.run

    def run_and_attach(self, parameters, context):
        path = context.data_dir / "sky"
        path.write_bytes(b"the sky")
        context.attach("sky", path, media_type="application/fits", title="The sky")
        return asked(self, parameters, context)

    monkeypatch.setattr(lab.Stars, "run", run_and_attach)

    job = run(rows="3")

    table, sky = job.results
    assert (table.name, sky.name, sky.size, sky.is_file) == ("result", "sky", 7, True)
    path = app.extensions["results"].file(ResultKey(job.id, sky.token, "sky"))
    assert path.read_bytes() == b"the sky"

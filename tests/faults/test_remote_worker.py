"""Real remote workers, of another system user, that share nothing with a real portal but HTTP."""

import os
import pwd
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

import portal_files
import portal_vo
from portal import config
from portal.parameters import read_form
from portal.results.keys import ResultKey
from portal.uws.phases import ExecutionPhase
from portal.uws.reconciler import reconcile
from portal.uws.service import EXTENSION
from tests.faults.conftest import below
from tests.faults.conftest import is_alive
from tests.faults.conftest import ROOT
from tests.faults.conftest import until
from tests.support.loopback import loopback
from tests.support.nobody import nobody
from tests.support.nobody import USER
from tests.support.remote import worker_token
from tests.support.tap_service import table
from tests.support.tap_service import TapService

pytestmark = pytest.mark.peers

OWNER = "a" * 32
WORKER = ["-c", "from portal.cli import main; main()", "worker", "--remote"]
WEB = [sys.executable, "-m", "gunicorn", "-c", "python:portal.supervisor.webserver"]
P = ExecutionPhase


@pytest.fixture
def plugins():
    return [("files", portal_files), ("vo", portal_vo)]


@pytest.fixture
def lease():
    """Return the seconds until a silent worker counts as lost."""
    return 5.0


@pytest.fixture
def settings(tmp_path, lease):
    return config.load(instance=tmp_path / "instance", job_lease=lease)


@pytest.fixture(scope="module")
def somebody():
    """Return the user that runs the workers."""
    with nobody() as user:
        yield user


@pytest.fixture
def tap():
    """Return an archive with jobs of its own, each a minute long until a test changes that."""
    with loopback() as server:
        yield TapService(server, seconds=60)


class Portal:
    """A portal without workers of its own, as a process that can be restarted."""

    def __init__(self, app, settings):
        self._app = app
        self._lease = settings.job_lease
        self._service = app.extensions[EXTENSION]
        self.instance = settings.instance
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self):
        environment = {
            **os.environ,
            "PORTAL_INSTANCE": str(self.instance),
            "PORTAL_PORT": str(self.port),
            "PORTAL_JOB_LEASE": str(self._lease),
            "PORTAL_PLUGINS_DISABLED": "zooniverse",
            "PORTAL_WEB_PROCESSES": "1",
            "PORTAL_WEB_THREADS": "16",
        }
        with (self.instance / "web.log").open("ab") as log:
            command = [*WEB, "portal:create_app()"]
            self._process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=log)
        until(self._answers)

    def stop(self):
        self._process.terminate()
        self._process.wait()

    def _answers(self):
        try:
            return requests.get(f"{self.url}/uws/types", timeout=5).ok
        except requests.ConnectionError:
            return False

    def submit(self, type_name, **parameters):
        with self._app.app_context():
            model = self._service.types[type_name].parameters
            read = read_form(model, list(parameters.items()))
            return self._service.create_job(type_name, read, owner=OWNER, run=True)

    def job(self, job_id):
        with self._app.app_context():
            return self._service.get_job(job_id, owner=OWNER)

    def abort(self, job_id):
        with self._app.app_context():
            self._service.abort_job(job_id, owner=OWNER)

    def wait_for(self, job_id, phase):
        """Wait for a phase, while the reconciler does its part."""
        until(lambda: self._mended(job_id).phase == phase, 60)
        return self.job(job_id)

    def _mended(self, job_id):
        with self._app.app_context():
            store = self._app.extensions["results"]
            reconcile(self._service.types, store.delete, store.delete_attempt)
        return self.job(job_id)

    def rows(self, job):
        (result,) = job.results
        key = ResultKey(job_id=job.id, token=result.token, name=result.name)
        return self._app.extensions["results"].open(key).rows


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture
def portal(app, settings):
    """Return a running portal whose folder is its own."""
    settings.instance.chmod(0o700)
    portal = Portal(app, settings)
    portal.start()
    yield portal
    portal.stop()


@pytest.fixture
def start(portal, somebody, app, tap):
    """Return a function that starts a remote worker, which runs one job at a time."""
    token = somebody.folder / "token"
    token.write_text(worker_token(app))
    started = []

    def start():
        with (portal.instance / "worker.log").open("ab") as log:
            worker = somebody.python(
                *WORKER, portal.url, "--token-file", str(token), "-n", "1",
                environment={
                    "PORTAL_REMOTE_ALLOW": tap.server.host,
                    "PORTAL_PLUGINS_DISABLED": "zooniverse",
                },
                stderr=log,
            )  # fmt: skip
        started.append(worker)
        return worker

    yield start
    for worker in started:
        if worker.poll() is None:
            worker.terminate()
            worker.wait(20)


def ask(portal, tap):
    """Ask the archive, and wait until its job runs."""
    query = "SELECT n FROM t"
    job_id = portal.submit("query.tap", access_url=tap.url, query=query, mode="asynchronous")
    until(lambda: tap.phase == "EXECUTING")
    return job_id


def test_a_job_runs_without_the_database_and_without_the_disk_of_the_portal(
    portal, start, somebody
):
    for name in ("portal.sqlite", "secret_key", "results"):
        assert (portal.instance / name).exists()
        assert not somebody.can_read(portal.instance / name)

    worker = start()
    job_id = portal.submit("query.files-cone", table="openngc", position="10.68 41.27", sr="1")
    job = portal.wait_for(job_id, P.COMPLETED)

    assert portal.rows(job) > 0
    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in [worker.pid, *below(worker.pid)]}
    assert owners == {pwd.getpwnam(USER).pw_uid}


@pytest.mark.soak
def test_an_abort_reaches_the_archive_through_a_remote_worker(portal, start, tap):
    start()
    job_id = ask(portal, tap)

    portal.abort(job_id)

    until(lambda: tap.phase == "ABORTED" or "DELETE /tap/async/1" in tap.asked())
    assert portal.job(job_id).phase == P.ABORTED


@pytest.mark.soak
def test_what_had_come_of_an_aborted_job_is_brought_to_the_portal(portal, start, tap):
    def answer_without_end(exchange):
        exchange.head(content_type="application/x-votable+xml")
        exchange.write(table(*range(20_000)).partition("</TABLEDATA>")[0].encode())
        exchange.drip(b"<TR><TD>1</TD></TR>")

    tap.server.routes["/tap/sync"] = answer_without_end
    start()
    query = {"access_url": tap.url, "query": "SELECT n FROM t", "mode": "synchronous"}
    job_id = portal.submit("query.tap", **query)
    until(lambda: "rows so far" in portal.job(job_id).message)

    portal.abort(job_id)

    until(lambda: portal.job(job_id).results)
    job = portal.job(job_id)
    assert job.phase == P.ABORTED
    assert job.results[0].info["overflow"]
    assert portal.rows(job) == job.results[0].info["rows"] > 0


def test_what_a_killed_remote_worker_left_is_done_by_another(portal, start, tap):
    worker = start()
    job_id = ask(portal, tap)
    children = below(worker.pid)

    worker.kill()
    worker.wait()
    until(lambda: not any(is_alive(pid) for pid in children))
    start()
    tap.seconds = 0
    job = portal.wait_for(job_id, P.COMPLETED)

    assert (job.attempt, portal.rows(job)) == (2, 3)
    assert tap.asked().count("POST /tap/async") == 1  # the archive's job was adopted


@pytest.mark.parametrize("victim", ["child", pytest.param("slot", marks=pytest.mark.soak)])
def test_a_remote_worker_outlives_a_job_that_crashes(portal, start, tap, victim):
    worker = start()
    job_id = ask(portal, tap)
    (slot,) = [pid for pid in below(worker.pid) if below(pid)]
    (child,) = below(slot)

    os.kill({"child": child, "slot": slot}[victim], signal.SIGKILL)
    until(lambda: not is_alive(child))
    tap.seconds = 0
    job = portal.wait_for(job_id, P.COMPLETED)

    assert (job.attempt, worker.poll()) == (2, None)


@pytest.mark.soak
@pytest.mark.parametrize("lease", [60.0])
def test_a_remote_worker_goes_on_while_the_portal_restarts(portal, start, tap):
    start()
    job_id = ask(portal, tap)

    portal.stop()
    tap.seconds = 0
    portal.start()
    job = portal.wait_for(job_id, P.COMPLETED)

    assert (job.attempt, portal.rows(job)) == (1, 3)


@pytest.mark.soak
def test_a_remote_worker_that_is_stopped_gives_its_job_back(portal, start, somebody, tap):
    before = set(somebody.folder.iterdir())
    worker = start()
    job_id = ask(portal, tap)

    worker.terminate()

    assert worker.wait(20) == 0
    job = portal.job(job_id)
    assert (job.phase, job.attempt) == (P.QUEUED, 0)
    assert set(somebody.folder.iterdir()) == before


def test_a_worker_with_a_wrong_token_is_told_so_and_ends(portal, somebody):
    worker = somebody.python(
        *WORKER,
        portal.url,
        environment={"PORTAL_WORKER_TOKEN": "guessed"},
        stderr=subprocess.PIPE,
        text=True,
    )

    _, said = worker.communicate(timeout=60)

    assert worker.returncode == 1
    assert "not known here" in said

import errno
import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import update

from portal import config
from portal import create_app
from portal.db import db
from portal.problems import TransientError
from portal.problems import UsageError
from portal.uws import attempt as attempts
from portal.uws.attempt import Attempt
from portal.uws.database import DatabaseGateway
from portal.uws.gateway import GatewayAwayError
from portal.uws.gateway import ResultRecord
from portal.uws.lines import list_lines
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from portal.uws.worker import execute_job
from portal.uws.worker import InterruptedWork
from portal.uws.worker import Runtime
from tests.faults.conftest import until
from tests.uws.conftest import OWNER

RESULT = ResultRecord(name="result", mime_type="x", info={"rows": 0})
PATIENCE = 10


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(attempts, "CHECK_SECONDS", 0.02)
    monkeypatch.setattr(attempts, "GRACE_SECONDS", 0.2)


@pytest.fixture
def run(gateway) -> Callable[..., bool]:
    """Return a function that runs a job with the given work."""

    def run(job_id, work):
        return execute_job(job_id, Runtime(gateway=gateway, executor=work, lease_seconds=3))

    return run


def found(service, job_id):
    return service.get_job(job_id, owner=OWNER)


def test_a_job_that_works_is_completed(service, queued, run):
    job_id = queued()

    assert run(job_id, lambda attempt: [RESULT])

    assert found(service, job_id).phase == ExecutionPhase.COMPLETED


def write_to_a_full_file():
    raise OSError(errno.ENOSPC, "No space left on device")


def write_to_a_full_database():
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("PRAGMA max_page_count = 2")
        database.execute("CREATE TABLE t (x)")
        database.execute("INSERT INTO t VALUES (zeroblob(100000))")


@pytest.mark.parametrize("write", [write_to_a_full_file, write_to_a_full_database])
def test_a_job_that_finds_no_room_on_the_disk_says_so_and_tries_again(service, queued, run, write):
    job_id = queued()

    run(job_id, lambda _attempt: write())

    job = found(service, job_id)
    assert job.phase == ExecutionPhase.QUEUED
    assert "no room left on its disk" in job.message


def test_twenty_hints_run_a_job_once(service, queued, run):
    job_id = queued()
    started = []

    def work(attempt):
        started.append(attempt.job.attempt)
        return [RESULT]

    threads = [threading.Thread(target=run, args=(job_id, work)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert started == [1]


@pytest.mark.parametrize(
    ("error", "kind"), [(UsageError("no such table"), "fatal"), (TransientError("busy"), None)]
)
def test_what_the_work_raises_becomes_the_jobs_error(service, queued, run, error, kind):
    job_id = queued()

    def work(attempt):
        raise error

    run(job_id, work)

    job = found(service, job_id)
    assert job.error_type == kind
    assert job.phase == (ExecutionPhase.ERROR if kind else ExecutionPhase.QUEUED)


def test_a_mistake_of_ours_is_told_with_a_reference_and_nothing_else(service, queued, run, caplog):
    job_id = queued()

    def work(attempt):
        raise KeyError("/secret/path")

    run(job_id, work)

    job = found(service, job_id)
    assert job.phase == ExecutionPhase.ERROR
    assert "secret" not in job.error_message
    reference = job.error_message.rstrip(".").split()[-1]
    assert reference in caplog.text


def test_too_little_memory_is_an_error_of_the_job(service, queued, run):
    job_id = queued()

    def work(attempt):
        raise MemoryError

    run(job_id, work)

    assert "more memory" in found(service, job_id).error_message


def test_an_abort_calls_back_so_that_blocked_work_ends(service, queued, run):
    job_id = queued()

    def work(attempt: Attempt):
        told = threading.Event()
        attempt.on_abort(told.set)
        service_abort(job_id)
        assert told.wait(PATIENCE)
        assert attempt.is_aborted()
        raise OSError("the socket was closed under it")

    def service_abort(job_id):
        service.abort_job(job_id, owner=OWNER)

    run(job_id, work)

    job = found(service, job_id)
    assert (job.phase, job.error_message) == (ExecutionPhase.ABORTED, None)


def test_a_callback_given_after_the_abort_is_called_at_once(service, gateway, queued):
    attempt = Attempt(gateway.claim(queued()), gateway, lease_seconds=3)
    called = threading.Event()
    service.abort_job(attempt.job.id, owner=OWNER)
    with attempt:
        attempt.on_abort(called.set)
        assert called.wait(PATIENCE)
        late = threading.Event()
        attempt.on_abort(late.set)
        assert late.is_set()


def test_work_that_ignores_an_abort_is_ended_with_its_process(service, gateway, queued):
    given_up = threading.Event()
    job = gateway.claim(queued())
    service.abort_job(job.id, owner=OWNER)

    with Attempt(job, gateway, lease_seconds=3, give_up=given_up.set):
        assert given_up.wait(PATIENCE)


def test_work_that_lingers_may_end_what_it_was_starting(service, gateway, queued, monkeypatch):
    monkeypatch.setattr(attempts, "GRACE_SECONDS", 0.0)
    given_up = threading.Event()
    job = gateway.claim(queued())
    service.abort_job(job.id, owner=OWNER)

    with Attempt(job, gateway, lease_seconds=3, give_up=given_up.set) as attempt:
        attempt.linger(PATIENCE)
        until(attempt.is_aborted)
        assert not given_up.wait(0.1)

    assert not given_up.is_set()


def test_an_attempt_that_lost_its_job_is_given_up_and_calls_nobody_back(gateway, queued):
    given_up, told = threading.Event(), threading.Event()
    job = gateway.claim(queued())
    with Attempt(job, gateway, lease_seconds=3, give_up=given_up.set) as attempt:
        attempt.on_abort(told.set)
        gateway.release(job)
        gateway.claim(job.id)
        assert given_up.wait(PATIENCE)

    assert not told.is_set()
    assert not attempt.is_aborted()


def test_of_quick_reports_the_last_one_is_shown(service, queued, run, monkeypatch):
    monkeypatch.setattr(attempts, "REPORT_SECONDS", 0.1)
    job_id = queued()

    def work(attempt: Attempt):
        attempt.report(0.1, "first")
        attempt.report(0.2, "second")
        stop = threading.Event()
        for _ in range(PATIENCE * 50):
            if found(service, job_id).message == "second":
                return [RESULT]
            stop.wait(0.02)
        raise UsageError("never shown")

    run(job_id, work)

    assert found(service, job_id).phase == ExecutionPhase.COMPLETED


@pytest.mark.slow
def test_work_past_its_duration_is_aborted(service, queued, run):
    job_id = queued()
    db.session.execute(update(Job).values(execution_duration=1))
    db.session.commit()

    def work(attempt: Attempt):
        stopped = threading.Event()
        attempt.on_abort(stopped.set)
        assert stopped.wait(PATIENCE)
        return [RESULT]

    run(job_id, work)

    job = found(service, job_id)
    assert job.phase == ExecutionPhase.ABORTED
    assert "longer than its execution duration" in job.message


def test_a_duration_that_is_changed_while_the_job_runs_holds(gateway, queued):
    job = gateway.claim(queued())
    with Attempt(job, gateway, lease_seconds=3) as attempt:
        before = attempt.deadline
        db.session.execute(update(Job).values(execution_duration=0))
        db.session.commit()
        stop = threading.Event()
        for _ in range(PATIENCE * 100):
            if attempt.deadline is None:
                break
            stop.wait(0.01)
        assert before is not None
        assert attempt.deadline is None


def test_sigterm_gives_the_job_back(service, queued, run):
    job_id = queued()

    def work(attempt):
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(PATIENCE)

    with pytest.raises(InterruptedWork):
        run(job_id, work)

    job = found(service, job_id)
    assert (job.phase, job.attempt) == (ExecutionPhase.QUEUED, 0)


def log_of(job_id):
    db.session.rollback()
    return [line.text for line in reversed(list_lines(job_id, owner=OWNER, last=1000))]


def test_lines_are_handed_in_while_the_job_runs(queued, run):
    job_id = queued()

    def work(attempt: Attempt):
        attempt.log("first")
        attempt.log("second")
        until(lambda: log_of(job_id) == ["first", "second"])
        return [RESULT]

    run(job_id, work)

    assert log_of(job_id) == ["first", "second"]


def test_the_last_lines_of_a_job_that_fails_are_not_lost(service, queued, run):
    job_id = queued()

    def work(attempt: Attempt):
        for number in range(450):
            attempt.log(f"line {number}")
        raise UsageError("no such table")

    run(job_id, work)

    assert log_of(job_id) == [f"line {number}" for number in range(450)]


class Shaky:
    """A gateway whose every second call finds the portal away."""

    def __init__(self, gateway):
        self._gateway = gateway
        self._calls = 0

    def __getattr__(self, name):
        self._calls += 1
        if name in ("log", "report", "check") and self._calls % 2:
            raise GatewayAwayError("away")
        return getattr(self._gateway, name)


def test_a_gateway_that_is_away_now_and_then_costs_no_line_and_no_lease(gateway, queued):
    job = gateway.claim(queued())
    lines = [f"line {number}" for number in range(20)]
    with Attempt(job, Shaky(gateway), lease_seconds=3) as attempt:
        for number, line in enumerate(lines):
            attempt.log(line)
            attempt.report(number / 20, "on its way")
        until(lambda: log_of(job.id) == lines)

    assert not attempt.is_aborted()


def test_an_attempt_gives_up_when_the_gateway_is_away_for_longer_than_its_lease(gateway, queued):
    class Away:
        def __getattr__(self, name):
            raise GatewayAwayError("away")

    given_up = threading.Event()
    job = gateway.claim(queued())
    attempt = Attempt(job, Away(), lease_seconds=0.1, give_up=given_up.set)
    with attempt:
        assert given_up.wait(PATIENCE)


def test_a_database_that_is_away_is_told_as_such(tmp_path, types):
    away = create_app(
        config.load(instance=tmp_path, database_url=f"sqlite:///{tmp_path}/none/x.sqlite"),
        plugins=[],
    )
    gateway = DatabaseGateway(away, types=types, lease=timedelta(seconds=3))

    with pytest.raises(GatewayAwayError):
        gateway.claim("0" * 32)


@pytest.mark.parametrize(
    ("given", "shown"), [(1.5, 1.0), (-1, 0.0), (float("nan"), None), (None, None)]
)
def test_progress_is_a_number_from_0_to_1_or_unknown(service, gateway, queued, given, shown):
    job = gateway.claim(queued())

    Attempt(job, gateway, lease_seconds=3).report(given, "")

    assert found(service, job.id).progress == shown

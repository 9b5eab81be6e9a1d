"""A job that another program made at a service, followed here and left as it is there."""

import threading
import time

import pytest

from portal.plugins import AbortedError
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins.testing import check_query
from portal_vo.resume import job_address
from portal_vo.resume import ResumeParameters
from portal_vo.resume import ResumeQuery
from tests.support.tap_service import table

JOB_PATH = "/tap/async/1"

pytestmark = pytest.mark.usefixtures("_no_pauses")


def resume(tap, job, **parameters):
    parameters.setdefault("job_url", f"{tap.url}/async/1")
    return ResumeQuery().run(ResumeParameters(**parameters), job.context())


def test_the_query_keeps_the_contract():
    check_query(ResumeQuery())


def test_a_job_that_runs_is_followed_and_stays(tap, job, read):
    tap.phase, tap.began, tap.seconds = "EXECUTING", time.monotonic(), 0.2
    rows, _ = read(resume(tap, job))
    assert len(rows) == 3
    assert not [one for one in tap.asked() if one.startswith(("POST", "DELETE"))]


def test_a_job_that_has_ended_gives_its_result(tap, job, read):
    tap.phase, tap.answer = "COMPLETED", table(7)
    assert [row["n"] for row in read(resume(tap, job))[0]] == [7]


def test_a_job_that_waits_is_started_only_when_that_is_asked(tap, job, read):
    with pytest.raises(UsageError, match="PENDING"):
        resume(tap, job)
    assert tap.phase == "PENDING"
    assert len(read(resume(tap, job, start=True))[0]) == 3


@pytest.mark.parametrize(
    ("phase", "error", "kind", "words"),
    [
        ("ERROR", ("fatal", "No such table: dogs"), UsageError, "No such table: dogs"),
        ("ERROR", ("fatal", "disk full"), ServiceError, "disk full"),
        ("ERROR", ("transient", "try later"), TransientError, "try later"),
        ("ABORTED", ("fatal", ""), ServiceError, "ABORTED"),
        ("ARCHIVED", ("fatal", ""), UsageError, "ARCHIVED"),
    ],
)
def test_a_job_that_failed_says_why(tap, job, phase, error, kind, words):
    tap.phase, tap.error = phase, error
    with pytest.raises(kind, match=words):
        resume(tap, job)


def test_a_job_that_is_not_there_is_told(tap, job):
    with pytest.raises(UsageError, match="knows no job"):
        resume(tap, job, job_url=f"{tap.url}/async/2")


def test_something_else_than_a_job_is_told(tap, job):
    with pytest.raises(ServiceError, match="not a job"):
        resume(tap, job, job_url=f"{tap.url}/capabilities")


@pytest.mark.slow
def test_who_stops_following_does_not_abort_the_job(tap, job):
    tap.phase, tap.began, tap.seconds = "EXECUTING", time.monotonic(), 60
    threading.Timer(0.3, job.abort).start()
    with pytest.raises(AbortedError):
        resume(tap, job)
    assert tap.phase == "EXECUTING"


@pytest.mark.parametrize(
    "tail",
    [
        "",
        "/",
        "/phase",
        "/results",
        "/results/result",
        "/error",
        "?PHASE=RUN",
        "/results/result/#x",
    ],
)
def test_the_address_of_a_part_leads_to_its_job(tail):
    assert job_address(f" https://x/tap/async/12{tail}") == "https://x/tap/async/12"

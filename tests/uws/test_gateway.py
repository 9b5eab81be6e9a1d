from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy import update

from portal.credentials import RemoteCredential
from portal.db import clock
from portal.db import db
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.uws.gateway import Hold
from portal.uws.gateway import ResultRecord
from portal.uws.models import Job
from portal.uws.models import LogLine
from portal.uws.models import Result
from portal.uws.phases import ExecutionPhase
from portal.uws.remote import HttpGateway
from tests.support.remote import EveryResult
from tests.support.remote import open_door
from tests.support.remote import serving
from tests.support.remote import worker_token
from tests.uws.conftest import OWNER

RESULT = ResultRecord(name="result", mime_type="application/x-votable+xml", info={"rows": 3})


@pytest.fixture(params=["database", "http"])
def gateway(request, app, gateway):
    """Run every test over the database, and over HTTP as a remote worker."""
    if request.param == "database":
        yield gateway
        return
    open_door(app, gateway, EveryResult())
    with serving(app) as url:
        yield HttpGateway(url, worker_token(app))


def row(service, job_id):
    return service.get_job(job_id, owner=OWNER)


def test_a_claim_gives_all_that_is_needed_to_run(service, gateway, queued):
    job = gateway.claim(queued("Lyra"))

    assert job.type == "hello"
    assert job.parameters == (("name", "Lyra"),)
    assert job.attempt == 1
    assert row(service, job.id).phase == ExecutionPhase.EXECUTING


def test_a_job_is_claimed_once(gateway, queued):
    job_id = queued()

    assert gateway.claim(job_id) is not None
    assert gateway.claim(job_id) is None


def test_a_job_that_waits_for_its_next_try_is_not_claimed_before(service, gateway, queued):
    job_id = queued()
    db.session.execute(update(Job).values(not_before=clock() + timedelta(minutes=1)))
    db.session.commit()

    assert gateway.claim(job_id) is None


def test_finishing_commits_the_phase_and_the_results_together(service, gateway, queued):
    job = gateway.claim(queued())

    assert gateway.finish(job, [RESULT])

    found = row(service, job.id)
    assert found.phase == ExecutionPhase.COMPLETED
    assert [(one.name, one.token, one.partial) for one in found.results] == [
        ("result", job.token, False)
    ]


def test_a_zombie_can_do_nothing_any_more(service, gateway, queued):
    zombie = gateway.claim(queued())
    db.session.execute(update(Job).values(phase=ExecutionPhase.QUEUED, token=None))
    db.session.commit()
    heir = gateway.claim(zombie.id)

    assert not gateway.finish(zombie, [RESULT])
    assert not gateway.partial(zombie, RESULT)
    assert not gateway.fail(zombie, ServiceError("no"))
    assert not gateway.checkpoint(zombie, "remote", "x")
    assert not gateway.renew(zombie)
    assert gateway.check(zombie).hold is Hold.LOST

    assert gateway.finish(heir, [RESULT])
    assert [one.token for one in db.session.scalars(select(Result))] == [heir.token]


def test_an_attempt_is_told_lost_from_aborted(service, gateway, queued):
    lost, aborted, destroyed = (gateway.claim(queued()) for _ in range(3))
    gateway.release(lost)
    service.abort_job(aborted.id, owner=OWNER)
    service.destroy_job(destroyed.id, owner=OWNER)

    holds = [gateway.check(job).hold for job in (lost, aborted, destroyed)]

    assert holds == [Hold.LOST, Hold.ABORTED, Hold.ABORTED]


def test_a_user_who_aborts_beats_a_worker_that_finishes_later(service, gateway, queued):
    job = gateway.claim(queued())
    service.abort_job(job.id, owner=OWNER)

    gateway.finish(job, [])
    assert row(service, job.id).phase == ExecutionPhase.ABORTED


def test_what_had_come_of_an_aborted_job_is_listed(service, gateway, queued):
    job = gateway.claim(queued())
    gateway.partial(job, RESULT)
    service.abort_job(job.id, owner=OWNER)
    before = row(service, job.id)
    assert not before.is_settled
    version = before.version

    assert gateway.finish(job, [RESULT])

    found = row(service, job.id)
    assert (found.phase, found.is_settled) == (ExecutionPhase.ABORTED, True)
    assert found.version > version
    assert [(one.name, one.token, one.partial) for one in found.results] == [
        ("result", job.token, False)
    ]


def test_nothing_comes_of_a_job_that_is_gone_or_anothers(service, gateway, queued):
    gone = gateway.claim(queued())
    service.destroy_job(gone.id, owner=OWNER)
    lost = gateway.claim(queued())
    db.session.execute(update(Job).where(Job.id == lost.id).values(token="0" * 32))
    db.session.commit()

    assert not gateway.finish(gone, [RESULT])
    assert not gateway.finish(lost, [RESULT])
    assert row(service, lost.id).results == []


def test_rows_of_a_failed_job_are_no_longer_offered(service, gateway, queued):
    job = gateway.claim(queued())
    gateway.partial(job, RESULT)

    gateway.fail(job, ServiceError("Column rra not found"))

    assert row(service, job.id).results == []


def test_a_worker_that_finishes_beats_a_user_who_aborts_later(service, gateway, queued):
    job = gateway.claim(queued())
    gateway.finish(job, [RESULT])

    assert not service.abort_job(job.id, owner=OWNER)
    assert row(service, job.id).phase == ExecutionPhase.COMPLETED


def test_a_fatal_error_ends_the_job_in_the_services_own_words(service, gateway, queued):
    job = gateway.claim(queued())

    gateway.fail(job, ServiceError("Column rra not found"))

    found = row(service, job.id)
    assert (found.phase, found.error_type) == (ExecutionPhase.ERROR, "fatal")
    assert found.error_message == "Column rra not found"


def test_a_transient_error_is_tried_again_later_and_then_told(service, gateway, queued):
    job = gateway.claim(queued())
    gateway.fail(job, TransientError("too busy"))

    found = row(service, job.id)
    assert found.phase == ExecutionPhase.QUEUED
    assert found.not_before > clock()
    assert "too busy" in found.message
    assert log_of(job.id) == ["Attempt 1 ended: too busy"]

    db.session.execute(update(Job).values(not_before=None))
    db.session.commit()
    again = gateway.claim(job.id)
    assert "too busy" in row(service, job.id).message
    gateway.fail(again, TransientError("still too busy"))

    found = row(service, job.id)
    assert (found.phase, found.error_type) == (ExecutionPhase.ERROR, "transient")


def test_a_partial_result_shows_and_is_replaced_by_the_whole_one(service, gateway, queued):
    job = gateway.claim(queued())
    gateway.partial(job, ResultRecord(name="result", mime_type="x", info={"rows": 1}))
    assert [one.partial for one in row(service, job.id).results] == [True]

    gateway.finish(job, [RESULT])

    assert [(one.partial, one.info["rows"]) for one in row(service, job.id).results] == [(False, 3)]


def test_a_checkpoint_is_there_for_the_next_attempt(service, gateway, queued):
    job = gateway.claim(queued())
    gateway.checkpoint(job, "remote_job", "http://x/1")
    gateway.checkpoint(job, "remote_job", "http://x/2")
    gateway.release(job)

    heir = gateway.claim(job.id)

    assert heir.checkpoints == {"remote_job": "http://x/2"}


def test_a_released_job_is_queued_as_if_the_attempt_had_not_been(service, gateway, queued):
    job = gateway.claim(queued())

    assert gateway.release(job)

    found = row(service, job.id)
    assert (found.phase, found.attempt) == (ExecutionPhase.QUEUED, 0)


def test_a_job_past_its_duration_is_aborted_not_failed(service, gateway, queued):
    job = gateway.claim(queued())

    gateway.overrun(job)

    found = row(service, job.id)
    assert found.phase == ExecutionPhase.ABORTED
    assert "longer than its execution duration" in found.message


@pytest.mark.parametrize("progress", [None, 0.5])
def test_progress_is_shown(service, gateway, queued, progress):
    job = gateway.claim(queued())

    gateway.report(job, progress, "half way")

    found = row(service, job.id)
    assert (found.progress, found.message) == (progress, "half way")


def test_a_credential_is_for_the_attempt_that_holds_the_job(gateway, queued):
    job = gateway.claim(queued())

    assert gateway.credential(job, "a.example") == RemoteCredential(
        user_name=OWNER, secret="a.example"
    )
    assert gateway.credential(job, "elsewhere") is None
    assert gateway.credential(replace(job, owner="else"), "a.example").user_name == OWNER
    gateway.release(job)
    assert gateway.credential(job, "a.example") is None


def test_a_refused_credential_is_forgotten_by_the_attempt_that_holds_the_job(
    gateway, queued, forgotten
):
    job = gateway.claim(queued())

    assert gateway.forget_credential(replace(job, owner="else"), "a.example")
    assert forgotten == [(OWNER, "a.example")]
    gateway.release(job)
    gateway.forget_credential(job, "a.example")
    assert len(forgotten) == 1


def log_of(job_id):
    lines = db.session.scalars(select(LogLine).where(LogLine.job_id == job_id).order_by(LogLine.id))
    return [line.text for line in lines]


def test_lines_are_kept_in_their_order_and_long_ones_are_cut(gateway, queued):
    job = gateway.claim(queued())

    assert gateway.log(job, ["first", "second"])
    assert gateway.log(job, ["x" * 5000])

    assert log_of(job.id) == ["first", "second", "x" * 1000]


def test_the_last_line_that_is_kept_says_so(gateway, queued):
    job = gateway.claim(queued())
    for number in range(6):
        assert gateway.log(job, [f"line {number}"] * 200)

    lines = log_of(job.id)

    assert len(lines) == 1000
    assert lines[-2:] == ["line 4", "No further lines are kept."]


def test_a_lost_attempt_writes_no_lines(gateway, queued):
    job = gateway.claim(queued())
    gateway.release(job)

    assert not gateway.log(job, ["too late"])
    assert log_of(job.id) == []


@pytest.mark.parametrize("text", ["a\0b", "half \ud800"])
def test_text_that_no_database_takes_is_mended(service, gateway, queued, text):
    job = gateway.claim(queued())

    assert gateway.report(job, None, text)
    assert gateway.log(job, [text])
    assert gateway.fail(job, ServiceError(text, detail=text))

    assert row(service, job.id).error_message.isprintable()


def test_a_renewed_lease_is_later(service, gateway, queued):
    job = gateway.claim(queued())
    before = row(service, job.id).lease

    assert gateway.renew(job)
    assert row(service, job.id).lease > before

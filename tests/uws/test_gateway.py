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
from portal.uws.database import DatabaseGateway
from portal.uws.gateway import Hold
from portal.uws.gateway import ResultRecord
from portal.uws.models import Job
from portal.uws.models import Result
from portal.uws.phases import ExecutionPhase
from tests.uws.conftest import OWNER

RESULT = ResultRecord(name="result", mime_type="application/x-votable+xml", info={"rows": 3})


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

    assert not gateway.finish(job, [RESULT])
    assert row(service, job.id).phase == ExecutionPhase.ABORTED


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

    db.session.execute(update(Job).values(not_before=None))
    db.session.commit()
    gateway.fail(gateway.claim(job.id), TransientError("still too busy"))

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


def test_a_credential_is_for_the_attempt_that_holds_the_job(app, types, gateway, queued):
    asking = DatabaseGateway(
        app,
        types=types,
        lease=timedelta(seconds=3),
        find_credential=lambda owner, host: RemoteCredential(user_name=owner, secret=host),
    )
    job = asking.claim(queued())

    assert asking.credential(job, "a.example") == RemoteCredential(
        user_name=OWNER, secret="a.example"
    )
    assert asking.credential(replace(job, token="another"), "a.example") is None
    assert asking.credential(replace(job, owner="else"), "a.example").user_name == OWNER
    assert gateway.credential(job, "a.example") is None

    asking.finish(job, [])
    assert asking.credential(job, "a.example") is None

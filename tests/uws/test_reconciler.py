from datetime import timedelta

import pytest
from sqlalchemy import update

from portal.db import clock
from portal.db import db
from portal.problems import NotFoundError
from portal.uws.gateway import Hold
from portal.uws.gateway import ResultRecord
from portal.uws.lines import list_lines
from portal.uws.listing import count_jobs
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from portal.uws.reconciler import forgotten_jobs
from portal.uws.reconciler import note_hint
from portal.uws.reconciler import reconcile
from tests.uws.conftest import Greeting
from tests.uws.conftest import OWNER


def set_values(**values):
    db.session.execute(update(Job).values(**values))
    db.session.commit()


def pass_once(service):
    """Reconcile once, and return the tokens whose files were dropped."""
    dropped = []
    reconcile(service.types, service.delete_files, lambda _id, token: dropped.append(token))
    return dropped


def phase(service, job_id):
    return service.get_job(job_id, owner=OWNER).phase


def test_a_job_whose_worker_fell_silent_is_queued_again(service, gateway, queued):
    job = gateway.claim(queued())
    set_values(lease=clock() - timedelta(seconds=1))

    assert pass_once(service) == [job.token]

    assert phase(service, job.id) == ExecutionPhase.QUEUED
    assert gateway.claim(job.id).attempt == 2
    [line] = list_lines(job.id, owner=OWNER, last=9)
    assert line.text == "Attempt 1 ended: its worker was lost"


def test_a_job_whose_worker_lives_is_left_alone(service, gateway, queued):
    job = gateway.claim(queued())

    pass_once(service)

    assert phase(service, job.id) == ExecutionPhase.EXECUTING
    assert gateway.check(job).hold is Hold.HELD


def test_a_job_that_loses_every_worker_ends_with_a_truthful_error(service, gateway, queued):
    job_id = queued()
    for _ in range(3):
        assert gateway.claim(job_id)
        set_values(lease=clock() - timedelta(seconds=1))
        pass_once(service)

    found = service.get_job(job_id, owner=OWNER)
    assert (found.phase, found.error_type) == (ExecutionPhase.ERROR, "transient")
    assert "lost 3 times" in found.error_message


def test_a_job_that_nobody_stopped_in_time_is_aborted(service, gateway, queued):
    job = gateway.claim(queued())
    set_values(execution_duration=1, start_time=clock() - timedelta(seconds=10))

    pass_once(service)

    assert phase(service, job.id) == ExecutionPhase.ABORTED


def test_a_job_without_limit_is_not_overdue(service, gateway, queued):
    job = gateway.claim(queued())
    set_values(execution_duration=0, start_time=clock() - timedelta(days=1))

    pass_once(service)

    assert phase(service, job.id) == ExecutionPhase.EXECUTING


def test_a_job_is_destroyed_at_its_destruction_time_even_while_it_runs(
    service, gateway, queued, deleted
):
    job = gateway.claim(queued())
    set_values(destruction=clock() - timedelta(seconds=1))

    pass_once(service)

    with pytest.raises(NotFoundError):
        service.get_job(job.id, owner=OWNER)
    assert deleted == [job.id]
    assert gateway.check(job).hold is Hold.ABORTED


def test_a_job_nobody_was_told_of_is_found(service, queued):
    job_id = queued()
    set_values(hinted_time=clock() - timedelta(seconds=5))

    assert forgotten_jobs(timedelta(seconds=2)) == [job_id]
    note_hint(job_id)
    assert forgotten_jobs(timedelta(seconds=2)) == []


def test_jobs_that_wait_for_the_user_are_not_forgotten_ones(service):
    service.create_job("hello", Greeting(), owner=OWNER)

    assert forgotten_jobs(timedelta(0)) == []


def test_a_job_that_waits_for_its_next_try_is_not_forgotten(service, queued):
    queued()
    set_values(hinted_time=None, not_before=clock() + timedelta(minutes=1))

    assert forgotten_jobs(timedelta(0)) == []


def test_two_passes_at_once_do_no_harm(service, gateway, queued):
    job = gateway.claim(queued())
    set_values(lease=clock() - timedelta(seconds=1))

    pass_once(service)
    heir = gateway.claim(job.id)
    pass_once(service)

    assert gateway.check(heir).hold is Hold.HELD


@pytest.mark.parametrize("end", [ExecutionPhase.ERROR, ExecutionPhase.ABORTED])
def test_files_of_a_job_that_ended_badly_are_dropped_once_its_process_is_gone(
    service, gateway, queued, end
):
    job = gateway.claim(queued())
    set_values(phase=end, end_time=clock(), lease=None)
    assert pass_once(service) == []

    set_values(end_time=clock() - timedelta(minutes=1))

    assert pass_once(service) == [job.token]
    assert pass_once(service) == []


def test_what_an_aborted_job_has_kept_stays_and_what_only_arrived_goes(service, gateway, queued):
    record = ResultRecord(name="result", mime_type="x")
    kept, lost = gateway.claim(queued("Vela")), gateway.claim(queued("Lyra"))
    for one in (kept, lost):
        gateway.partial(one, record)
        service.abort_job(one.id, owner=OWNER)
    gateway.finish(kept, [record])
    set_values(end_time=clock() - timedelta(minutes=2))

    assert pass_once(service) == [lost.token]

    results = [service.get_job(one.id, owner=OWNER).results for one in (kept, lost)]
    assert [len(one) for one in results] == [1, 0]


def test_files_of_a_completed_job_are_kept(service, gateway, queued):
    job = gateway.claim(queued())
    assert gateway.finish(job, [])
    set_values(end_time=clock() - timedelta(minutes=1))

    assert pass_once(service) == []


def test_an_archived_job_is_what_it_was_without_results_until_it_is_forgotten(
    service, gateway, queued, deleted
):
    job = gateway.claim(queued("Vela"))
    gateway.finish(job, [ResultRecord(name="result", mime_type="x")])
    set_values(destruction=clock() - timedelta(seconds=1))

    def once():
        reconcile(
            service.types, service.delete_files, lambda *_: None, archive_for=timedelta(days=1)
        )

    once()

    kept = service.get_job(job.id, owner=OWNER)
    assert (kept.phase, kept.results) == (ExecutionPhase.ARCHIVED, [])
    assert kept.parameters[0].value == "Vela"
    assert deleted == [job.id]
    assert count_jobs(owner=OWNER) == 0
    once()
    assert phase(service, job.id) == ExecutionPhase.ARCHIVED
    set_values(destruction=clock() - timedelta(seconds=1))
    once()
    with pytest.raises(NotFoundError):
        service.get_job(job.id, owner=OWNER)


def test_a_running_job_is_aborted_before_it_is_archived(service, gateway, queued):
    job = gateway.claim(queued())
    set_values(destruction=clock() - timedelta(seconds=1))

    reconcile(service.types, service.delete_files, lambda *_: None, archive_for=timedelta(days=1))

    assert phase(service, job.id) == ExecutionPhase.ARCHIVED
    assert not gateway.finish(job, [])

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from datetime import UTC

import pytest
from sqlalchemy import select
from sqlalchemy import update

from portal.db import db
from portal.parameters import InvalidParametersError
from portal.problems import NotFoundError
from portal.uws.callers import ForbiddenError
from portal.uws.limits import Wishes
from portal.uws.listing import count_jobs
from portal.uws.listing import list_jobs
from portal.uws.listing import list_references
from portal.uws.models import Job
from portal.uws.models import Parameter
from portal.uws.moves import move
from portal.uws.phases import ExecutionPhase
from portal.uws.phases import TRANSITIONS
from tests.uws.conftest import Greeting
from tests.uws.conftest import OWNER

STRANGER = "b" * 32


def test_a_new_job_waits_to_be_run_and_keeps_its_parameters_as_strings(service, hinted):
    job = service.get_job(
        service.create_job("hello", Greeting(name="Vela"), owner=OWNER), owner=OWNER
    )

    found = service.get_job(job.id, owner=OWNER)
    assert found.phase == ExecutionPhase.PENDING
    assert [(one.name, one.value) for one in found.parameters] == [("name", "Vela")]
    assert (found.title, found.text) == ("Greet Vela", "hello Vela")
    assert hinted == []


def test_a_job_is_committed_before_anybody_is_told_of_it(app, service, hinted):
    seen_by_others = []

    def look(job_ids):
        with app.app_context():
            seen_by_others.extend(db.session.scalars(select(Job.phase).where(Job.id.in_(job_ids))))

    service._hint = look
    service.create_job("hello", Greeting(), owner=OWNER, run=True)

    assert seen_by_others == [ExecutionPhase.QUEUED]


def test_a_form_sent_twice_is_one_job(service, hinted):
    first = service.get_job(
        service.create_job("hello", Greeting(), owner=OWNER, run=True, request_key="k1"),
        owner=OWNER,
    )
    second = service.get_job(
        service.create_job("hello", Greeting(), owner=OWNER, run=True, request_key="k1"),
        owner=OWNER,
    )

    assert second.id == first.id
    assert hinted == [first.id]


def test_the_same_key_of_somebody_else_is_another_job(service):
    first = service.get_job(
        service.create_job("hello", Greeting(), owner=OWNER, request_key="k1"), owner=OWNER
    )
    second = service.get_job(
        service.create_job("hello", Greeting(), owner=STRANGER, request_key="k1"), owner=STRANGER
    )

    assert second.id != first.id


def test_a_double_click_in_two_threads_is_one_job(app, service):
    ids = []
    start = threading.Barrier(4)

    def click():
        start.wait()
        with app.app_context():
            job = service.get_job(
                service.create_job("hello", Greeting(), owner=OWNER, run=True, request_key="k"),
                owner=OWNER,
            )
            ids.append(job.id)

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ids) == 4
    assert len(set(ids)) == 1


@pytest.mark.parametrize("call", ["get_job", "destroy_job"])
def test_somebody_elses_job_looks_as_if_there_were_none(service, call):
    job = service.get_job(service.create_job("hello", Greeting(), owner=OWNER), owner=OWNER)

    with pytest.raises(NotFoundError) as theirs:
        getattr(service, call)(job.id, owner=STRANGER)
    with pytest.raises(NotFoundError) as nobodys:
        getattr(service, call)("0" * 32, owner=STRANGER)

    assert theirs.value.message == nobodys.value.message


def test_somebody_else_can_neither_run_nor_abort_a_job(service):
    job = service.get_job(service.create_job("hello", Greeting(), owner=OWNER), owner=OWNER)

    with pytest.raises(NotFoundError):
        service.run_job(job.id, owner=STRANGER)
    assert not service.abort_job(job.id, owner=STRANGER)
    assert service.get_job(job.id, owner=OWNER).phase == ExecutionPhase.PENDING


def test_no_more_run_than_may_when_many_are_made_at_once(app, service):
    def make(_):
        with app.app_context():
            return service.create_job("hello", Greeting(), owner=OWNER, run=True)

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make, range(16)))

    phases = [service.get_job(one, owner=OWNER).phase for one in made]
    assert Counter(phases) == {ExecutionPhase.QUEUED: 5, ExecutionPhase.HELD: 11}


def test_a_job_too_many_is_held_with_the_reason_and_can_be_run_later(service, hinted):
    running = [service.create_job("hello", Greeting(), owner=OWNER, run=True) for _ in range(5)]

    held = service.create_job("hello", Greeting(), owner=OWNER, run=True)

    assert service.get_job(held, owner=OWNER).phase == ExecutionPhase.HELD
    assert "5 unfinished jobs" in service.get_job(held, owner=OWNER).message
    assert held not in hinted
    assert service.run_job(held, owner=OWNER)
    assert service.get_job(held, owner=OWNER).phase == ExecutionPhase.HELD
    service.abort_job(running[0], owner=OWNER)
    assert service.run_job(held, owner=OWNER)
    assert service.get_job(held, owner=OWNER).phase == ExecutionPhase.QUEUED
    assert hinted[-1] == held


def test_the_limit_of_one_owner_is_not_anothers(service):
    for _ in range(5):
        service.create_job("hello", Greeting(), owner=OWNER, run=True)

    other = service.create_job("hello", Greeting(), owner=STRANGER, run=True)

    assert service.get_job(other, owner=STRANGER).phase == ExecutionPhase.QUEUED


def test_jobs_of_nobody_are_counted_by_address(service):
    def made(address):
        job_id = service.create_job("hello", Greeting(), owner="", address=address, run=True)
        return service.get_job(job_id, owner="").phase

    assert [made("192.0.2.1") for _ in range(6)][-2:] == ["QUEUED", "HELD"]
    assert made("192.0.2.2") == "QUEUED"


def test_a_job_of_nobody_belongs_to_whoever_knows_its_id_and_is_in_no_list(service):
    job_id = service.create_job("hello", Greeting(), owner="")

    assert service.get_job(job_id, owner=STRANGER).id == job_id
    assert list_jobs(owner="") == []
    assert list_references(owner="") == []
    assert count_jobs(owner="") == 0
    service.destroy_job(job_id, owner=OWNER)
    with pytest.raises(NotFoundError):
        service.get_job(job_id, owner="")


def test_parameters_and_run_id_can_be_changed_until_a_job_is_queued(service):
    job_id = service.create_job("hello", Greeting(name="Vela"), owner=OWNER)

    service.change_job(
        job_id, owner=OWNER, wishes=Wishes(run_id="r"), parameters=[("NAME", "Lyra")]
    )

    job = service.get_job(job_id, owner=OWNER)
    assert [(one.name, one.value) for one in job.parameters] == [("name", "Lyra")]
    assert job.run_id == "r"
    service.run_job(job_id, owner=OWNER)
    with pytest.raises(ForbiddenError, match="QUEUED"):
        service.change_job(job_id, owner=OWNER, parameters=[("name", "Ara")])
    job = service.get_job(job_id, owner=OWNER)
    assert [one.value for one in job.parameters] == ["Lyra"]


def test_a_wrong_parameter_changes_nothing(service):
    job_id = service.create_job("hello", Greeting(name="Vela"), owner=OWNER)

    with pytest.raises(InvalidParametersError):
        service.change_job(
            job_id, owner=OWNER, wishes=Wishes(run_id="r"), parameters=[("nme", "Lyra")]
        )

    job = service.get_job(job_id, owner=OWNER)
    assert (job.parameters[0].value, job.run_id) == ("Vela", None)


def test_wishes_are_granted_up_to_the_limits(service):
    job_id = service.create_job("hello", Greeting(), owner=OWNER)
    far = datetime(2999, 1, 1, tzinfo=UTC)

    service.change_job(job_id, owner=OWNER, wishes=Wishes(destruction=far, execution_duration=0))

    job = service.get_job(job_id, owner=OWNER)
    assert job.execution_duration == service.limits.max_execution_duration
    assert job.destruction < far


def test_running_a_job_queues_it_once(service, hinted):
    job = service.get_job(service.create_job("hello", Greeting(), owner=OWNER), owner=OWNER)

    assert service.run_job(job.id, owner=OWNER)
    assert not service.run_job(job.id, owner=OWNER)
    assert hinted == [job.id]


def test_destroying_a_job_forgets_it_with_all_that_hangs_on_it(service, deleted):
    job_id = service.create_job("hello", Greeting(name="x"), owner=OWNER, run=True)

    service.destroy_job(job_id, owner=OWNER)

    with pytest.raises(NotFoundError):
        service.get_job(job_id, owner=OWNER)
    assert db.session.scalars(select(Parameter)).all() == []
    assert deleted == [job_id]


@pytest.mark.parametrize("start", ExecutionPhase)
def test_a_phase_moves_only_where_uws_lets_it(service, start):
    job_id = service.create_job("hello", Greeting(), owner=OWNER)
    for target in ExecutionPhase:
        db.session.execute(update(Job).values(phase=start))

        moved = move(job_id, target)

        assert (target, moved) == (target, target in TRANSITIONS[start])
        phase = db.session.scalar(select(Job.phase).where(Job.id == job_id))
        assert phase == (target if moved else start)
        db.session.commit()


def test_every_move_raises_the_version_that_followers_look_at(service):
    job = service.get_job(service.create_job("hello", Greeting(), owner=OWNER), owner=OWNER)
    before = job.version

    service.run_job(job.id, owner=OWNER)

    assert service.get_job(job.id, owner=OWNER).version > before


@pytest.mark.parametrize("key", ["k" * 500, "a\x00b", "\ud800"])
def test_whatever_a_form_has_for_a_key_makes_one_job(service, key):
    first = service.create_job("hello", Greeting(), owner=OWNER, request_key=key)

    assert service.create_job("hello", Greeting(), owner=OWNER, request_key=key) == first

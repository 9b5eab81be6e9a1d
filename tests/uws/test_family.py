"""A job made of others, step by step: who runs when, and what becomes of one becomes of all."""

import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy import update

from portal.db import clock
from portal.db import db
from portal.problems import ServiceError
from portal.uws.family import list_children
from portal.uws.gateway import ResultRecord
from portal.uws.limits import Wishes
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase as P
from portal.uws.reconciler import forgotten_jobs
from portal.uws.reconciler import reconcile
from portal.uws.remote import HttpGateway
from portal.uws.types import JobTypes
from portal.uws.worker import execute_job
from portal.uws.worker import Runtime
from tests.support.remote import EveryResult
from tests.support.remote import open_door
from tests.support.remote import serving
from tests.support.remote import worker_token
from tests.uws.conftest import Everybody
from tests.uws.conftest import Greeting
from tests.uws.conftest import HELLO
from tests.uws.conftest import HELLO_ALL
from tests.uws.conftest import OWNER


@pytest.fixture
def types():
    others = [replace(HELLO, name=name) for name in ("hello.slow", "hello.new")]
    each = replace(
        HELLO_ALL,
        name="hello.each",
        children=lambda _: [(one, Greeting()) for one in ("hello", "hello.slow", "hello.new")],
    )
    return JobTypes([HELLO, HELLO_ALL, *others, each])


@pytest.fixture
def gateway(request, app, gateway):
    """Return the gateway over the database, or over HTTP where a test asks for it."""
    if getattr(request, "param", "database") == "database":
        yield gateway
        return
    open_door(app, gateway, EveryResult())
    with serving(app) as url:
        yield HttpGateway(url, worker_token(app))


@pytest.fixture
def parent(service):
    """Return the id of a job with two children, which runs."""
    return create(service, run=True)


def create(service, names=("Ada", "Bob"), **options):
    return service.create_job("hello.all", Everybody(names=list(names)), owner=OWNER, **options)


def job(service, job_id):
    db.session.rollback()
    return service.get_job(job_id, owner=OWNER)


def phases(service, job_ids):
    return [job(service, one).phase for one in job_ids]


def finish(gateway, job_id):
    held = gateway.claim(job_id)
    return gateway.finish(held, [ResultRecord(name="result", mime_type="x", info={"rows": 1})])


def pass_once(service):
    reconcile(service.types, service.delete_files, lambda _id, _token: None)


def test_a_job_that_is_run_waits_for_its_children_and_no_worker_can_take_it(
    service, gateway, parent, hinted
):
    children = list_children(parent)

    whole = job(service, parent)
    assert (whole.phase, whole.token, whole.lease) == (P.EXECUTING, None, None)
    assert whole.progress == 0
    assert phases(service, children) == [P.QUEUED, P.QUEUED]
    assert sorted(hinted) == sorted(children)
    assert [job(service, one).parameters[0].value for one in children] == ["Ada", "Bob"]
    assert {(one.owner, one.run_id) for one in map(service_get(service), children)} == {
        (OWNER, parent)
    }
    assert gateway.claim(parent) is None


def service_get(service):
    return lambda job_id: job(service, job_id)


def test_a_job_made_first_and_run_later_has_children_when_it_is_run(service, hinted):
    parent = create(service, wishes=Wishes(run_id="mine", execution_duration=77))
    assert list_children(parent) == []

    assert service.run_job(parent, owner=OWNER)

    children = [job(service, one) for one in list_children(parent)]
    assert [(one.run_id, one.execution_duration) for one in children] == [("mine", 77)] * 2
    assert sorted(hinted) == sorted(one.id for one in children)
    assert not service.run_job(parent, owner=OWNER)
    assert len(list_children(parent)) == 2


def test_a_job_without_children_is_run_like_any_other(service, gateway):
    parent = create(service, names=())
    service.run_job(parent, owner=OWNER)

    assert job(service, parent).phase == P.QUEUED
    assert gateway.children(gateway.claim(parent)) == []


def test_a_job_that_is_held_has_no_children_yet(service):
    for _ in range(5):
        service.create_job("hello", Greeting(), owner=OWNER, run=True)

    parent = create(service, run=True)

    assert job(service, parent).phase == P.HELD
    assert list_children(parent) == []


def test_the_end_of_the_last_child_queues_the_parent_once(service, gateway, parent):
    first, second = list_children(parent)

    finish(gateway, first)
    halfway = job(service, parent)
    assert (halfway.phase, halfway.progress) == (P.EXECUTING, 0.5)
    assert halfway.message == "1 of 2 parts have ended"
    version = halfway.version
    finish(gateway, second)

    assert job(service, parent).phase == P.QUEUED
    assert job(service, parent).version > version
    assert gateway.claim(parent).attempt == 1
    pass_once(service)
    assert job(service, parent).phase == P.EXECUTING
    assert gateway.claim(parent) is None


@pytest.mark.parametrize("gateway", ["database", "http"], indirect=True)
def test_the_merge_sees_how_each_child_ended(service, gateway, parent):
    first, second = list_children(parent)
    gateway.fail(gateway.claim(first), ServiceError("The telescope fell over"))
    held = gateway.claim(second)
    gateway.finish(held, [ResultRecord(name="result", mime_type="x", size=7, info={"rows": 1})])

    ended = gateway.children(gateway.claim(parent))

    assert [(one.id, one.type, one.phase, one.error) for one in ended] == [
        (first, "hello", "ERROR", "The telescope fell over"),
        (second, "hello", "COMPLETED", None),
    ]
    assert [one.token for one in ended] == [None, held.token]
    assert [dict(one.parameters)["name"] for one in ended] == ["Ada", "Bob"]
    assert ended[1].results == (
        ResultRecord(name="result", mime_type="x", size=7, info={"rows": 1}),
    )


def test_what_took_long_before_begins_first_and_what_is_unknown_before_that(
    service, gateway, hinted
):
    for name, seconds in (("hello", 1), ("hello.slow", 5)):
        known = service.create_job(name, Greeting(), owner=OWNER, run=True)
        finish(gateway, known)
        began = job(service, known).end_time - timedelta(seconds=seconds)
        db.session.execute(update(Job).where(Job.id == known).values(start_time=began))
        db.session.commit()
    hinted.clear()

    service.create_job("hello.each", Everybody(), owner=OWNER, run=True)

    assert [job(service, one).type for one in hinted] == ["hello.new", "hello.slow", "hello"]


def test_who_runs_the_last_child_goes_on_with_the_parent(service, gateway, parent, hinted):
    hinted.clear()
    runtime = Runtime(
        gateway=gateway,
        executor=lambda _attempt: [ResultRecord(name="result", mime_type="x", info={"rows": 1})],
        lease_seconds=3,
    )

    for child in list_children(parent):
        assert execute_job(child, runtime)

    assert job(service, parent).phase == P.COMPLETED
    assert hinted == []


def test_a_parent_with_which_nobody_goes_on_is_found(service, gateway, parent, hinted):
    first, second = list_children(parent)
    finish(gateway, first)
    hinted.clear()

    ending = gateway.finish(gateway.claim(second), [], goes_on=True)  # and then it was killed

    assert ending.parent == parent
    assert hinted == []
    assert forgotten_jobs(timedelta(0)) == [parent]


def test_a_child_that_is_aborted_alone_counts_as_ended(service, gateway, parent, hinted):
    first, second = list_children(parent)
    service.abort_job(first, owner=OWNER)
    hinted.clear()

    service.abort_job(second, owner=OWNER)

    assert job(service, parent).phase == P.QUEUED
    assert hinted == [parent]
    assert [one.phase for one in gateway.children(gateway.claim(parent))] == ["ABORTED"] * 2


def test_a_merge_that_fails_for_a_moment_is_tried_again(service, gateway, parent):
    for child in list_children(parent):
        finish(gateway, child)
    held = gateway.claim(parent)
    gateway.release(held)

    assert finish(gateway, parent)
    assert job(service, parent).phase == P.COMPLETED


def test_the_reconciler_leaves_a_job_that_waits_alone(service, gateway, parent):
    finish(gateway, list_children(parent)[0])

    pass_once(service)

    assert job(service, parent).phase == P.EXECUTING


def test_the_reconciler_queues_a_parent_that_nobody_told(service, parent):
    statement = update(Job).where(Job.parent_id == parent).values(phase=P.COMPLETED)
    db.session.execute(statement)
    db.session.commit()

    pass_once(service)

    assert job(service, parent).phase == P.QUEUED


def test_children_whose_workers_are_lost_end_and_the_parent_goes_on(service, gateway, parent):
    for child in list_children(parent):
        for _ in range(3):
            gateway.claim(child)
            past = clock() - timedelta(seconds=1)
            db.session.execute(update(Job).where(Job.id == child).values(lease=past))
            db.session.commit()
            pass_once(service)

    assert phases(service, list_children(parent)) == [P.ERROR, P.ERROR]
    assert job(service, parent).phase == P.QUEUED


def test_an_abort_reaches_the_children_that_have_not_ended(service, gateway, parent):
    ended, running = list_children(parent)
    finish(gateway, ended)
    held = gateway.claim(running)

    assert service.abort_job(parent, owner=OWNER)

    assert phases(service, [parent, ended, running]) == [P.ABORTED, P.COMPLETED, P.ABORTED]
    gateway.finish(held, [])
    pass_once(service)
    assert job(service, running).phase == P.ABORTED
    assert job(service, parent).phase == P.ABORTED


def test_the_parts_rows_are_awaited_when_one_is_aborted_while_they_arrive(service, gateway, parent):
    ended, running = list_children(parent)
    finish(gateway, ended)
    held = gateway.claim(running)
    record = ResultRecord(name="result", mime_type="x")
    gateway.partial(held, record)

    service.abort_job(running, owner=OWNER)
    pass_once(service)
    before = phases(service, [parent])
    gateway.finish(held, [record])

    assert before == [P.EXECUTING]
    assert phases(service, [parent]) == [P.QUEUED]
    children = gateway.children(gateway.claim(parent))
    assert [len(one.results) for one in children] == [1, 1]


def test_the_parts_of_a_job_are_not_counted_among_those_that_may_run(service):
    made = [create(service, run=True) for _ in range(5)]
    one_more = create(service, run=True)

    assert phases(service, made) == [P.EXECUTING] * 5
    assert phases(service, [one_more]) == [P.HELD]


def test_nobody_elses_children_are_aborted(service, parent):
    assert not service.abort_job(parent, owner="b" * 32)

    assert phases(service, [parent, *list_children(parent)]) == [P.EXECUTING, P.QUEUED, P.QUEUED]


def test_when_the_time_of_a_job_is_over_what_its_children_have_is_put_together(
    service, gateway, parent
):
    ended, late = list_children(parent)
    finish(gateway, ended)
    long_ago = clock() - timedelta(hours=2)
    db.session.execute(update(Job).where(Job.id == parent).values(start_time=long_ago))
    db.session.commit()

    pass_once(service)

    assert phases(service, [parent, ended, late]) == [P.QUEUED, P.COMPLETED, P.ABORTED]
    told = gateway.children(gateway.claim(parent))
    assert told[1].error == "Stopped: the time of the job that it is a part of was over"
    pass_once(service)
    assert job(service, parent).phase == P.EXECUTING


@pytest.mark.parametrize("way", ["by its owner", "in time"])
def test_what_destroys_a_job_destroys_its_children(service, parent, deleted, way):
    family = {parent, *list_children(parent)}
    if way == "in time":
        past = clock() - timedelta(seconds=1)
        db.session.execute(update(Job).where(Job.id == parent).values(destruction=past))
        db.session.commit()
        pass_once(service)
    else:
        service.destroy_job(parent, owner=OWNER)

    assert db.session.scalars(select(Job.id)).all() == []
    assert set(deleted) == family


def test_a_job_that_is_archived_has_no_children_any_more(service, parent, deleted):
    family = {parent, *list_children(parent)}
    past = clock() - timedelta(seconds=1)
    db.session.execute(update(Job).where(Job.id == parent).values(destruction=past))
    db.session.commit()

    reconcile(
        service.types,
        service.delete_files,
        lambda _id, _token: None,
        archive_for=timedelta(days=1),
    )

    assert job(service, parent).phase == P.ARCHIVED
    assert list_children(parent) == []
    assert set(deleted) == family


def test_a_job_that_is_run_eight_times_at_once_has_its_children_once(app, service):
    parent = create(service)

    def run(_number):
        with app.app_context():
            return service.run_job(parent, owner=OWNER)

    moved = at_once([partial(run, number) for number in range(8)])

    assert sorted(moved.values()) == [False] * 7 + [True]
    assert len(list_children(parent)) == 2


def test_a_parent_whose_last_child_was_destroyed_goes_on(service, gateway, parent):
    ended, other = list_children(parent)
    finish(gateway, ended)
    service.destroy_job(other, owner=OWNER)

    pass_once(service)

    assert [one.id for one in gateway.children(gateway.claim(parent))] == [ended]


def test_children_that_end_at_once_queue_the_parent_without_the_reconciler(app, service, gateway):
    parent = create(service, names=[str(number) for number in range(4)], run=True)
    held = [gateway.claim(child) for child in list_children(parent)]
    db.session.rollback()

    at_once([partial(gateway.finish, one, []) for one in held])

    assert job(service, parent).phase == P.QUEUED


@pytest.mark.parametrize("time", range(3))
def test_an_abort_and_children_that_end_do_not_get_in_each_others_way(app, service, gateway, time):
    parent = create(service, names=[str(number) for number in range(4)], run=True)
    children = list_children(parent)
    held = [gateway.claim(child) for child in children]
    db.session.rollback()

    def abort():
        with app.app_context():
            return service.abort_job(parent, owner=OWNER)

    done = at_once([*(partial(gateway.finish, one, []) for one in held), abort])

    assert len(done) == 5
    assert done[abort]
    assert job(service, parent).phase == P.ABORTED
    assert set(phases(service, children)) <= {P.COMPLETED, P.ABORTED}


def at_once(calls):
    """Make calls in threads that begin together; return what each returned that returned."""
    gate = threading.Barrier(len(calls))
    returned = {}

    def make(call):
        gate.wait()
        returned[call] = call()

    threads = [threading.Thread(target=make, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return returned

"""The portal is a polite guest: no more jobs ask one host at once than may."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.db import db
from portal.links import host_of
from portal.problems import TransientError
from portal.problems import UsageError
from portal.uws.board import JobBoard
from portal.uws.hosts import waits_for_host
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from portal.uws.reconciler import forgotten_jobs
from portal.uws.types import Description
from portal.uws.types import JobTypes
from tests.uws.conftest import Greeting
from tests.uws.conftest import HELLO
from tests.uws.conftest import HELLO_ALL
from tests.uws.conftest import OWNER

LIMIT = 2


def describe(greeting):
    """Say that who is greeted lives at a host of that name; the world lives nowhere."""
    host = None if greeting.name == "world" else greeting.name
    return Description(title="Greet", text="", host=host, host_limit=LIMIT if host else None)


@pytest.fixture
def types():
    return JobTypes([replace(HELLO, describe=describe, transient_retries=1), HELLO_ALL])


@pytest.fixture
def busy(queued, gateway, hinted):
    """Return the jobs that ask a host which may not be asked by more, and two that wait."""
    ids = [queued("vo.example") for _ in range(4)]
    running = [gateway.claim(job_id) for job_id in ids[:LIMIT]]
    hinted.clear()
    return running, ids[LIMIT:]


@pytest.mark.parametrize("other", ["other.example", "world"])
def test_a_job_too_many_for_its_host_stays_queued_and_others_do_not_wait_for_it(
    busy, gateway, queued, other
):
    _, waiting = busy
    assert [gateway.claim(job_id) for job_id in waiting] == [None, None]
    assert gateway.claim(queued(other)) is not None
    assert db.session.get(Job, waiting[0]).phase == ExecutionPhase.QUEUED


@pytest.mark.parametrize("way", ["finish", "fail", "overrun", "release", "try again"])
def test_when_one_ends_the_one_that_has_waited_longest_is_told(busy, gateway, hinted, way):
    (first, _), waiting = busy
    match way:
        case "finish":
            gateway.finish(first, [])
        case "fail":
            gateway.fail(first, UsageError("no"))
        case "try again":
            gateway.fail(first, TransientError("busy"))
        case "overrun":
            gateway.overrun(first)
        case "release":
            gateway.release(first)
    told = first.id if way == "release" else waiting[0]  # what was given back was there before
    assert hinted == [told]
    assert gateway.claim(told) is not None
    assert gateway.claim(waiting[1]) is None


def test_an_aborted_job_makes_room_for_the_poller_to_see(busy, service, gateway):
    (first, _), waiting = busy
    assert forgotten_jobs(timedelta(0)) == []
    service.abort_job(first.id, owner=OWNER)
    assert forgotten_jobs(timedelta(0)) == waiting
    assert gateway.claim(waiting[0]) is not None
    assert forgotten_jobs(timedelta(0)) == []


def test_workers_that_ask_are_not_given_what_may_not_start(busy, app, gateway, queued):
    board = JobBoard(app, gateway, budget=5)
    db.session.commit()
    assert board.claim(["hello"], seconds=0) is None
    elsewhere = queued("other.example")
    assert board.claim(["hello"], seconds=0).id == elsewhere


def test_workers_that_are_told_at_once_do_not_take_more_than_may(queued, gateway):
    ids = [queued("vo.example") for _ in range(5)]
    db.session.commit()
    with ThreadPoolExecutor(5) as pool:
        claimed = [job for job in pool.map(gateway.claim, ids) if job is not None]
    assert len(claimed) == LIMIT


def test_a_job_says_that_it_waits_for_its_host(busy):
    (first, _), (waiting, _) = busy
    assert waits_for_host(db.session.get(Job, waiting))
    assert not waits_for_host(db.session.get(Job, first.id))


def test_the_merge_of_parts_is_told_of_by_the_last_of_them(service, gateway, types, hinted):
    parameters = types["hello.all"].parameters(names=["a.example", "b.example"])
    parent = service.create_job("hello.all", parameters, owner=OWNER, run=True)
    first, second = [gateway.claim(job_id) for job_id in hinted]
    hinted.clear()

    gateway.finish(first, [])
    assert hinted == []
    gateway.finish(second, [])
    assert hinted == [parent]
    assert gateway.claim(parent) is not None


def test_a_changed_job_asks_another_host(service, gateway):
    job_id = service.create_job("hello", Greeting(name="a.example"), owner=OWNER)
    service.change_job(job_id, owner=OWNER, parameters=[("NAME", "b.example")])
    assert db.session.get(Job, job_id).host == "b.example"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://VO.Example.org/tap", "vo.example.org"),
        ("https://user:secret@vo.example.org:443/tap?x=1", "vo.example.org"),
        ("http://127.0.0.1:8080/tap", "127.0.0.1:8080"),
        ("http://[::1]:81/", "::1:81"),
        ("http://vo.example.org:port/", None),
        ("not an address", None),
        ("", None),
        (None, None),
    ],
)
def test_a_host_is_named_in_one_way(url, host):
    assert host_of(url) == host

import threading
import time

import pytest
from sqlalchemy import text

from portal.db import db
from portal.uws.wait import Watcher
from tests.uws.conftest import Greeting
from tests.uws.conftest import OWNER

LONG = 20.0


@pytest.fixture
def watcher(app):
    return Watcher(app, budget=3, budget_per_owner=2)


def wait_in_thread(watcher, job, owner=OWNER, seconds=LONG):
    answers = []
    begun = time.monotonic()

    def wait():
        answers.append(watcher.wait(job.id, owner=owner, seen=job.version, seconds=seconds))
        answers.append(time.monotonic() - begun)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread, answers


def until(condition):
    stop = threading.Event()
    for _ in range(1000):
        if condition():
            return
        stop.wait(0.01)
    raise AssertionError("it did not happen")


def test_a_waiter_wakes_when_the_job_changes(service, watcher):
    job = service.get_job(service.create_job("hello", Greeting(), owner=OWNER), owner=OWNER)
    thread, answers = wait_in_thread(watcher, job)
    until(lambda: watcher._watched)

    service.run_job(job.id, owner=OWNER)
    thread.join(LONG)

    assert answers[0] is True
    assert answers[1] < LONG / 2


def test_a_waiter_wakes_when_the_job_is_deleted(service, watcher):
    job = service.get_job(service.create_job("hello", Greeting(), owner=OWNER), owner=OWNER)
    thread, answers = wait_in_thread(watcher, job)
    until(lambda: watcher._watched)

    service.destroy_job(job.id, owner=OWNER)
    thread.join(LONG)

    assert answers[1] < LONG / 2


def test_a_waiter_gets_its_answer_when_the_time_is_over(service, watcher):
    job = service.get_job(service.create_job("hello", Greeting(), owner=OWNER), owner=OWNER)

    assert watcher.wait(job.id, owner=OWNER, seen=job.version, seconds=0.1) is True


def test_who_has_seen_an_older_version_does_not_wait(service, watcher):
    job = service.get_job(service.create_job("hello", Greeting(), owner=OWNER), owner=OWNER)
    service.run_job(job.id, owner=OWNER)
    thread, answers = wait_in_thread(watcher, job)
    thread.join(LONG)

    assert answers[1] < LONG / 2


def test_over_the_budget_of_its_owner_a_waiter_is_answered_at_once(service, watcher):
    job = service.get_job(service.create_job("hello", Greeting(), owner=OWNER), owner=OWNER)
    threads = [wait_in_thread(watcher, job)[0] for _ in range(2)]
    until(lambda: watcher._owners[OWNER] == 2)

    assert watcher.wait(job.id, owner=OWNER, seen=job.version, seconds=LONG) is False

    service.run_job(job.id, owner=OWNER)
    for thread in threads:
        thread.join(LONG)


def test_waiting_holds_no_database_connection(app, service, watcher):
    job = service.get_job(service.create_job("hello", Greeting(), owner=OWNER), owner=OWNER)
    db.session.remove()
    thread, _ = wait_in_thread(watcher, job)
    until(lambda: watcher._watched)
    until(lambda: db.engine.pool.checkedout() == 0)

    service.run_job(job.id, owner=OWNER)
    thread.join(LONG)


def test_the_watching_thread_ends_with_the_last_waiter(service, watcher):
    job = service.get_job(service.create_job("hello", Greeting(), owner=OWNER), owner=OWNER)
    watcher.wait(job.id, owner=OWNER, seen=job.version, seconds=0.1)

    until(lambda: not watcher._running)


def test_waiters_outlast_a_database_that_fails_for_a_moment(service, watcher, caplog):
    job = service.get_job(service.create_job("hello", Greeting(), owner=OWNER), owner=OWNER)
    thread, answers = wait_in_thread(watcher, job)
    until(lambda: watcher._watched)
    db.session.execute(text("ALTER TABLE job RENAME TO gone"))
    db.session.commit()
    until(lambda: "could not be watched" in caplog.text)
    db.session.execute(text("ALTER TABLE gone RENAME TO job"))
    db.session.commit()

    service.run_job(job.id, owner=OWNER)
    thread.join(LONG)

    assert answers[0] is True
    assert answers[1] < LONG / 2


def test_a_change_wakes_those_who_wait_for_that_job_and_nobody_else(service, watcher):
    jobs = [
        service.get_job(service.create_job("hello", Greeting(), owner=OWNER), owner=OWNER)
        for _ in range(2)
    ]
    waits = [wait_in_thread(watcher, job, owner=str(n)) for n, job in enumerate(jobs)]
    until(lambda: all(one.was_seen for one in watcher._watched.values()))
    until(lambda: len(watcher._watched) == 2)
    woken = []
    other = watcher._watched[jobs[1].id].news
    notify = other.notify_all
    other.notify_all = lambda: (woken.append(True), notify())

    service.run_job(jobs[0].id, owner=OWNER)
    waits[0][0].join(LONG)

    assert woken == []
    service.run_job(jobs[1].id, owner=OWNER)
    waits[1][0].join(LONG)
    assert woken == [True]

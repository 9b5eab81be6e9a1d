"""Jobs for workers that ask."""

import threading

import pytest

from portal.db import db
from portal.uws import board as boards
from portal.uws.board import JobBoard
from tests.faults.conftest import until

TYPES = ["hello"]


@pytest.fixture
def board(app, gateway, monkeypatch):
    monkeypatch.setattr(boards, "LOOK_SECONDS", 0.01)
    yield JobBoard(app, gateway, budget=20)
    until(lambda: not looking())


@pytest.fixture
def ask(board):
    """Return a function that asks in a thread, and gives the thread and where its answer comes."""

    def ask(seconds=20.0, types=TYPES, board=board):
        answers = []
        thread = threading.Thread(
            target=lambda: answers.append(board.claim(types, seconds=seconds))
        )
        thread.start()
        return thread, answers

    return ask


def looking():
    return [one for one in threading.enumerate() if one.name == "job-board"]


def test_every_waiter_gets_a_job_of_its_own(ask, service, queued):
    asked = [ask() for _ in range(4)]
    until(looking)

    queued_ids = {queued() for _ in range(4)}
    for thread, _ in asked:
        thread.join()

    assert {answers[0].id for _, answers in asked} == queued_ids


@pytest.mark.slow
def test_one_thread_looks_for_all_and_ends_with_the_last(ask):
    asked = [ask(seconds=0.5) for _ in range(10)]
    until(looking)
    assert len(looking()) == 1

    for thread, answers in asked:
        thread.join()
        assert answers == [None]
    until(lambda: not looking())


@pytest.mark.slow
def test_who_waits_holds_no_connection(app, gateway, ask, monkeypatch):
    monkeypatch.setattr(boards, "LOOK_SECONDS", 1.0)
    thread, _ = ask(seconds=0.5, board=JobBoard(app, gateway, budget=1))
    until(looking)

    with app.app_context():
        until(lambda: db.engine.pool.checkedout() == 0, 0.5)
    assert thread.is_alive()
    thread.join()


def test_a_job_that_comes_back_is_seen(ask, gateway, queued):
    held = gateway.claim(queued())
    thread, answers = ask()
    until(looking)

    gateway.release(held)
    thread.join()

    assert answers[0].id == held.id

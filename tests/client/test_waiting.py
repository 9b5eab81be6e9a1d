import json
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_client import Portal
from portal_client import PortalError
from portal_client import UnavailableError
from portal_client import WaitTimeoutError
from portal_client.waiting import LONGEST_PAUSE
from portal_client.waiting import LONGEST_POLL
from portal_client.waiting import PATIENCE
from portal_client.waiting import Waiter
from tests.support.loopback import loopback

JOB = "/uws/jobs/1"
FINAL = {"COMPLETED"}


class Time:
    """A clock that only polls and pauses move."""

    def __init__(self):
        self.now = 0.0
        self.pauses = []

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds

    def waiter(self, timeout):
        return Waiter(timeout, clock=self.clock, sleep=self.sleep)


def document(phase):
    return json.dumps({"jobId": "1", "phase": phase, "jobInfo": {}})


def answering(*answers):
    """Return a route that gives these answers one after the other, and the last one for ever."""
    left = list(answers)

    def route(exchange):
        answer = left.pop(0) if len(left) > 1 else left[0]
        answer(exchange)

    return route


def tells(phase):
    return lambda exchange: exchange.answer(document(phase), content_type="application/json")


def fails(status):
    return lambda exchange: exchange.answer("<html>", status=status, content_type="text/html")


def hangs_up(exchange):
    exchange.connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def server():
    with loopback() as server:
        yield server


def test_a_wait_asks_for_the_phase_it_knows_until_the_job_has_ended(server):
    server.routes[JOB] = answering(*map(tells, ("QUEUED", "EXECUTING", "COMPLETED")))
    job = Portal(server.url).job("1")

    assert job.wait(30).phase == "COMPLETED"
    asked = [one.form for one in server.requests]
    assert [one.get("PHASE") for one in asked] == [None, "QUEUED", "EXECUTING"]
    assert all(0 < int(one["WAIT"]) <= 30 for one in asked[1:])


@pytest.mark.slow
@pytest.mark.parametrize("trouble", [fails(502), fails(503), fails(429), hangs_up])
def test_a_portal_that_is_away_for_a_while_is_waited_for(server, trouble):
    server.routes[JOB] = answering(tells("EXECUTING"), trouble, trouble, tells("COMPLETED"))

    assert Portal(server.url).job("1").wait(30).phase == "COMPLETED"
    assert len(server.requests) == 4


@pytest.mark.slow
def test_a_portal_that_stays_away_does_not_outlast_the_timeout():
    with loopback() as server:
        server.routes[JOB] = tells("EXECUTING")
        job = Portal(server.url).job("1")

    with pytest.raises(WaitTimeoutError):
        job.wait(0.5)


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_refusal_ends_the_wait_at_once(server, status):
    server.routes[JOB] = answering(tells("EXECUTING"), fails(status))

    with pytest.raises(PortalError) as refused:
        Portal(server.url).job("1").wait(30)

    assert refused.value.status == status
    assert len(server.requests) == 2


def test_early_answers_are_not_answered_by_a_storm_of_polls():
    time = Time()
    polls = []

    def busy(phase, seconds):
        polls.append(seconds)
        return phase

    with pytest.raises(WaitTimeoutError, match="After 100 s the job is QUEUED"):
        time.waiter(100).wait(busy, "QUEUED", FINAL)

    assert len(polls) < 30
    assert time.pauses[:6] == [0.2, 0.4, 0.8, 1.6, 3.2, LONGEST_PAUSE]
    assert time.now == pytest.approx(100)


def test_polls_that_took_their_time_need_no_pause():
    time = Time()
    asked = []

    def quiet(phase, seconds):
        asked.append(seconds)
        time.now += seconds
        return phase if len(asked) < 3 else "COMPLETED"

    time.waiter(None).wait(quiet, "EXECUTING", FINAL)

    assert asked == [LONGEST_POLL] * 3
    assert time.pauses == []


def test_pauses_are_short_again_after_news():
    time = Time()
    told = iter(["QUEUED", "QUEUED", "EXECUTING", "EXECUTING", "COMPLETED"])

    time.waiter(None).wait(lambda phase, seconds: next(told), "QUEUED", FINAL)

    assert time.pauses == [0.2, 0.4, 0.2]


def test_without_a_timeout_an_absent_portal_is_given_up_some_day():
    time = Time()

    def nobody(phase, seconds):
        raise UnavailableError("Connection refused")

    with pytest.raises(UnavailableError):
        time.waiter(None).wait(nobody, "EXECUTING", FINAL)

    assert PATIENCE < time.now < PATIENCE + 2 * LONGEST_PAUSE


@given(
    timeout=st.floats(0, 1000),
    polls=st.lists(st.tuples(st.booleans(), st.floats(0, LONGEST_POLL)), max_size=50),
)
def test_a_wait_never_takes_longer_than_its_timeout(timeout, polls):
    time = Time()
    left = iter(polls)

    def poll(phase, seconds):
        is_there, took = next(left, (True, 0.0))
        time.now += min(took, seconds)
        if not is_there:
            raise UnavailableError("busy")
        return phase

    with pytest.raises(WaitTimeoutError):
        time.waiter(timeout).wait(poll, "EXECUTING", FINAL)

    assert time.now == pytest.approx(timeout)

from datetime import datetime
from datetime import timedelta
from datetime import UTC

import pytest
from sqlalchemy import update

from portal.db import clock
from portal.db import db
from portal.problems import UsageError
from portal.uws.gateway import ResultRecord
from portal.uws.listing import count_jobs
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from portal.uws.schedules import is_due
from portal.uws.schedules import LastJob
from portal.uws.schedules import RecurringJob
from portal.uws.schedules import SCHEDULER
from portal.uws.schedules import Timetable
from tests.uws.conftest import Greeting

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOURLY = RecurringJob(
    id="greet",
    title="Greet",
    type="hello",
    parameters=Greeting(name="again"),
    every=timedelta(hours=1),
)


@pytest.fixture
def timetable(service):
    return Timetable(service, [HOURLY])


def last_job(phase, *, created, ended=None):
    return LastJob(id="x", phase=phase, creation_time=created, end_time=ended, error_message=None)


def minutes_before_noon(minutes):
    return NOON - timedelta(minutes=minutes)


def test_what_was_never_made_is_due():
    assert is_due(HOURLY, None, NOON)


@pytest.mark.parametrize("phase", ["QUEUED", "EXECUTING", "HELD", "PENDING"])
def test_nothing_is_made_while_the_last_one_has_not_ended(phase):
    last = last_job(ExecutionPhase(phase), created=minutes_before_noon(600))

    assert not is_due(HOURLY, last, NOON)


def test_one_that_succeeded_is_followed_in_the_next_period():
    done = ExecutionPhase.COMPLETED
    before, after = minutes_before_noon(1), NOON + timedelta(minutes=1)

    assert is_due(HOURLY, last_job(done, created=before, ended=before), NOON)
    assert not is_due(HOURLY, last_job(done, created=NOON, ended=after), after)


@pytest.mark.parametrize("phase", [ExecutionPhase.ERROR, ExecutionPhase.ABORTED])
def test_one_that_failed_is_tried_again_in_its_period_but_not_at_once(phase):
    failed = last_job(phase, created=NOON, ended=NOON + timedelta(minutes=5))

    assert not is_due(HOURLY, failed, NOON + timedelta(minutes=19))
    assert is_due(HOURLY, failed, NOON + timedelta(minutes=20))


def test_a_due_job_is_made_once_however_often_one_looks(service, timetable, hinted):
    [made] = timetable.make_due()

    assert timetable.make_due() == []
    assert Timetable(service, [HOURLY]).make_due() == []
    assert count_jobs(owner=SCHEDULER) == 1
    assert hinted == [made]
    job = service.get_job(made, owner=SCHEDULER)
    assert (job.type, job.run_id, job.title) == ("hello", "greet", "Greet again")


def test_two_hosts_that_look_at_the_same_moment_make_one_job(service, timetable, monkeypatch):
    other = Timetable(service, [HOURLY])
    standings = other.standings()
    monkeypatch.setattr(other, "standings", lambda: standings)

    [made] = timetable.make_due()

    assert other.make_due() == [made]
    assert count_jobs(owner=SCHEDULER) == 1


def test_the_next_one_follows_when_its_period_has_come(gateway, timetable):
    [first] = timetable.make_due()
    gateway.finish(gateway.claim(first), [ResultRecord(name="result", mime_type="text/plain")])
    db.session.execute(update(Job).values(creation_time=clock() - timedelta(hours=1)))
    db.session.commit()

    [second] = timetable.make_due()

    assert second != first
    [standing] = timetable.standings()
    assert (standing.last.id, standing.last.phase) == (second, ExecutionPhase.QUEUED)


def test_what_went_wrong_last_time_is_known(gateway, timetable):
    [made] = timetable.make_due()
    gateway.fail(gateway.claim(made), UsageError("The registry is closed."))

    [standing] = timetable.standings()

    assert standing.last.phase == ExecutionPhase.ERROR
    assert standing.last.error_message == "The registry is closed."

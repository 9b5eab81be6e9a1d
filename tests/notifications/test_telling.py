"""Who is told of which end, in the same transaction."""

import pytest
from sqlalchemy import select

from portal.db import clock
from portal.db import db
from portal.notifications import Event
from portal.notifications import tell
from portal.notifications.choices import Choices
from portal.notifications.choices import choose
from portal.notifications.models import Notice
from portal.notifications.models import Sending
from portal.uws.callers import NOBODY
from portal.uws.callers import SCHEDULER
from portal.uws.models import Job
from portal.uws.moves import destroy
from portal.uws.moves import move
from portal.uws.phases import ExecutionPhase
from portal.uws.service import jobs
from tests.notifications.conftest import ALICE
from tests.notifications.conftest import BROWSER
from tests.support.instances import settings_in

P = ExecutionPhase
pytestmark = pytest.mark.usefixtures("in_app")


def notices():
    return db.session.scalars(select(Notice).order_by(Notice.creation_time)).all()


@pytest.mark.parametrize("owner", [BROWSER, ALICE, "user:operator"])
def test_the_end_of_a_long_job_is_told_to_its_owner(end, owner):
    job_id = end(owner)

    [notice] = notices()
    assert (notice.owner, notice.event, notice.title) == (owner, "finished", "Finished: Stars")
    assert notice.link == f"/jobs/{job_id}"
    assert notice.read_time is None


def test_a_failure_is_told_with_its_reason_in_one_line(end):
    end(BROWSER, P.ERROR, error_message="No such\ntable\x00 " + "x" * 600)

    [notice] = notices()
    assert notice.event == "failed"
    assert notice.text.startswith("No such table")
    assert len(notice.text) == 500


def test_a_job_that_ran_too_long_is_told_as_a_failure_and_one_that_was_aborted_is_not(end):
    end(BROWSER, P.ABORTED, seconds=100, execution_duration=600)
    end(BROWSER, P.ABORTED, seconds=700, execution_duration=600)

    [notice] = notices()
    assert notice.event == "failed"
    assert "longer than" in notice.text


@pytest.mark.parametrize("owner", [NOBODY, SCHEDULER])
def test_nobody_is_told_of_jobs_that_nobody_watches(end, owner):
    end(owner)

    assert notices() == []


def test_parts_of_a_job_are_not_told_of(end):
    whole = end(BROWSER, seconds=1)
    end(BROWSER, parent_id=whole)

    assert notices() == []


def test_what_was_over_in_a_moment_is_not_told_but_a_session_is(end):
    end(BROWSER, seconds=5)
    end(BROWSER, seconds=5, type="orc.jupyterhub", title="Stars in a notebook")

    [notice] = notices()
    assert (notice.event, notice.title) == ("session", "Ready: Stars in a notebook")


def test_what_somebody_does_not_want_to_hear_is_not_told(end):
    choose(BROWSER, Choices(events=frozenset({"failed"}), min_seconds=0))
    end(BROWSER)
    end(BROWSER, P.ERROR, seconds=0)

    assert [one.event for one in notices()] == ["failed"]


def test_a_notice_goes_with_its_job(end, alice):
    choose(alice, Choices(by_mail=True))
    destroy(end(alice))

    assert notices() == []
    assert db.session.scalars(select(Sending)).all() == []


def test_the_owner_who_aborts_hears_nothing(end):
    job = Job(type="t", owner=BROWSER, phase=P.QUEUED, creation_time=clock())
    choose(BROWSER, Choices(min_seconds=0))
    db.session.add(job)
    db.session.commit()

    assert jobs().abort_job(job.id, owner=BROWSER)
    assert notices() == []


def test_rooms_tell_what_they_want(told):
    tell(BROWSER, Event.SESSION, "Ready:\0a\nsession", link="/sessions/1", text="It waits.")
    db.session.commit()

    [notice] = notices()
    assert (notice.title, notice.link, notice.job_id) == (
        "Ready:\ufffda session",
        "/sessions/1",
        None,
    )


class TestOnBothDatabases:
    """What is written in the transaction of the end."""

    @pytest.fixture
    def settings(self, tmp_path, each_database):
        return settings_in(tmp_path, database_url=each_database)

    def test_a_notice_is_there_only_if_the_end_is(self, end):
        job = Job(type="t", owner=BROWSER, phase=P.EXECUTING, creation_time=clock())
        choose(BROWSER, Choices(min_seconds=0))
        db.session.add(job)
        db.session.commit()

        move(job.id, P.COMPLETED, end_time=clock())
        db.session.rollback()
        assert notices() == []

        assert move(job.id, P.COMPLETED, end_time=clock())
        assert not move(job.id, P.ERROR, end_time=clock())
        db.session.commit()
        assert [one.event for one in notices()] == ["finished"]

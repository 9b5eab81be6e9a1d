"""Whether an archive answers is what the last job of its check says."""

from datetime import timedelta
from types import ModuleType

import pytest
from sqlalchemy import update

from portal.archives import health
from portal.archives.health import find_health
from portal.db import clock
from portal.db import db
from portal.plugins import Archive
from portal.plugins import Column
from portal.plugins import hookimpl
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryLink
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.uws.models import Job


class Check(Query):
    """Fails for an archive that is ill."""

    id = "clinic.check"
    title = "Check"
    hidden = True

    class Parameters(QueryParameters):
        is_ill: bool = parameter(False, title="Ill")

    def text(self, parameters):
        return "How are you?"

    def run(self, parameters, context):
        if parameters.is_ill:
            raise ServiceError("a cold")
        return ResultTable.from_rows([Column(name="n", datatype="int")], [(1,)])


def archive(name, **parameters):
    queries = (Check(),) if name == "well" else ()
    link = None if name == "nobody" else QueryLink(query_id=Check.id, parameters=parameters)
    return Archive(id=name, title=name.title(), description="D.", queries=queries, health=link)


@pytest.fixture
def plugins():
    clinic = ModuleType("clinic")

    @hookimpl
    def portal_register_archives():
        wrong = QueryLink(query_id="clinic.nothing")
        return [
            archive("well"),
            archive("ill", is_ill="true"),
            archive("nobody"),
            Archive(id="wrong", title="Wrong", description="D.", queries=(), health=wrong),
        ]

    clinic.portal_register_archives = portal_register_archives
    return [("clinic", clinic)]


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"schedules": True})


def known(app):
    """Return what is known of each archive, by its id."""
    with app.app_context():
        found = ((one.id, find_health(one)) for one in app.extensions["plugins"].archives)
        return {name: health for name, health in found if health}


@pytest.fixture
def look(app, work):
    """Return a function that says how the archives are, once what is due has been done."""

    def look_():
        with app.app_context():
            app.extensions["timetable"].make_due()
        work()
        return known(app)

    return look_


def test_each_archive_that_can_be_asked_is_as_its_last_check_says(look):
    found = look()

    assert {name: (one.answers, one.reason) for name, one in found.items()} == {
        "well": (True, ""),
        "ill": (False, "a cold"),
    }


def test_nothing_is_known_before_the_first_check(app):
    assert known(app) == {}


def test_a_check_that_takes_too_long_is_no_answer(app, look):
    look()
    with app.app_context():
        db.session.execute(update(Job).values(phase="ABORTED"))
        db.session.commit()

    assert look()["well"].reason == f"There was no answer within {health.SECONDS} s."


def test_checks_come_again_and_are_kept_for_hours_only(app, look):
    before = look()["well"].time
    with app.app_context():
        earlier = clock() - health.EVERY * 2
        db.session.execute(update(Job).values(creation_time=earlier, end_time=earlier))
        db.session.commit()

    after = look()["well"].time

    assert after >= before
    with app.app_context():
        job = db.session.query(Job).order_by(Job.creation_time.desc()).first()
        assert job.destruction - job.creation_time <= health.KEPT + timedelta(seconds=5)
        assert job.execution_duration == health.SECONDS


def test_pages_say_how_an_archive_is_and_since_when(client, look):
    before = client.get("/archives").text
    look()

    cards, page = client.get("/archives").text, client.get("/archives/ill").text

    assert "Answers" not in before
    assert (cards.count("Answers"), cards.count("Does not answer: a cold")) == (1, 1)
    assert "a cold" in page
    assert "just now" in page

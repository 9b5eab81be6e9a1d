from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from portal.db import db
from portal.uws.schedules import RecurringJob
from portal.uws.schedules import Timetable
from portal.uws.service import EXTENSION
from tests.support import lab

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_health_tells_the_state_of_what_jobs_need(client):
    response = client.get("/health")

    assert response.status_code == 200
    assert response.json["status"] == "ok"
    assert response.json["redis"] == "away"


def test_health_says_so_when_the_database_is_gone(client, monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(db.session, "execute", refuse)

    response = client.get("/health")

    assert response.status_code == 503
    assert response.json["database"] == "error"


def test_the_page_of_plugins_names_those_set_aside_and_why(app, client, tmp_path):
    from portal.plugins.discovery import Candidate

    def broken():
        raise ImportError("no module named <nothing>")

    app.extensions["plugins"].load(
        [Candidate(name="broken", load=broken)], settings={}, data_dir=tmp_path, probing=False
    )

    page = client.get("/plugins").get_data(as_text=True)

    assert "set aside: ImportError: no module named &lt;nothing&gt;" in page


@pytest.fixture
def plugins():
    return [("lab", lab)]


def test_the_page_of_job_types_says_what_each_takes(client):
    page = client.get("/job-types").text

    assert '<section id="query.lab-stars"' in page
    assert "whole number, at least 0, at most 2000000" in page
    assert "one of well, usage, transient" in page
    assert 'href="/archives/lab/query.lab-stars"' in page
    assert 'href="/uws/types/query.lab-stars/schema"' in page


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/uws/types", "http://localhost/job-types"),
        ("/uws/types/QUERY.lab-stars", "http://localhost/job-types#query.lab-stars"),
    ],
)
def test_browsers_are_sent_from_the_types_to_their_page(client, address, page):
    answer = client.get(address, headers=BROWSER)

    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    assert "Accept" in answer.headers["Vary"]


def test_a_browser_may_ask_for_what_programs_get(client):
    answer = client.get("/uws/types/query.lab-stars?format=json", headers=BROWSER)

    assert answer.json["name"] == "query.lab-stars"


def test_the_page_of_plugins_says_how_scheduled_work_went(app, client, monkeypatch):
    monkeypatch.setitem(app.extensions, "timetable", timetable(app))

    assert "not yet" in client.get("/plugins").text

    with app.app_context():
        app.extensions["timetable"].make_due()
    page = client.get("/plugins").text

    assert "Count the stars" in page
    assert "24.0 h" in page
    assert "Queued" in page


def timetable(app):
    recurring = RecurringJob(
        id="count",
        title="Count the stars",
        type="query.lab-stars",
        parameters=lab.StarsParameters(),
        every=timedelta(days=1),
    )
    return Timetable(app.extensions[EXTENSION], [recurring])

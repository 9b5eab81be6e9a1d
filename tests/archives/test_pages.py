import re
from html import unescape

import pytest
from sqlalchemy import func
from sqlalchemy import select

from portal.db import db
from portal.plugins import Archive
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.uws.models import Job
from tests.support import lab

FORM = "/archives/lab/query.lab-stars"


@pytest.fixture
def plugins():
    return [("lab", lab)]


def text_of(response):
    return unescape(response.get_data(as_text=True))


def count_jobs(app):
    with app.app_context():
        return db.session.scalar(select(func.count(Job.id)))


def test_the_list_names_every_archive_and_leads_to_it(client):
    page = text_of(client.get("/archives"))

    assert "The lab" in page
    assert 'href="/archives/lab"' in page


def test_an_archive_shows_its_queries_and_examples(client):
    page = text_of(client.get("/archives/lab"))

    assert f'href="{FORM}"' in page
    assert f'href="{FORM}?rows=3"' in page
    assert "Nowhere" in page


@pytest.mark.parametrize(
    "url", ["/archives/none", "/archives/none/query.lab-stars", "/archives/lab/query.none"]
)
def test_what_is_not_there_is_a_404_page(client, url):
    response = client.get(url)

    assert response.status_code == 404
    assert "<!doctype html>" in text_of(response)


def test_a_form_starts_with_the_defaults(client):
    page = text_of(client.get(FORM))

    assert re.search(r'name="rows" value="10"', page)
    assert "Survey B" in page


def test_a_form_is_filled_in_from_its_address_whatever_the_case(client):
    page = text_of(client.get(FORM + "?ROWS=7&survey=b&unknown=1"))

    assert re.search(r'name="rows" value="7"', page)
    assert re.search(r'value="b" selected', page)


def test_a_sent_form_becomes_a_job(app, client):
    response = client.post(FORM, data={"rows": "3", "request_key": "k"})

    assert response.status_code == 303
    assert re.fullmatch(r"/jobs/[0-9a-f]{32}", response.location)
    assert count_jobs(app) == 1


def test_a_form_sent_twice_is_one_job(app, client):
    first = client.post(FORM, data={"rows": "3", "request_key": "k"})
    second = client.post(FORM, data={"rows": "3", "request_key": "k"})

    assert second.location == first.location
    assert count_jobs(app) == 1


def test_wrong_values_come_back_with_a_message_at_each_field_and_nothing_is_lost(app, client):
    response = client.post(FORM, data={"rows": "-1", "survey": "b", "maxrec": "many"})
    page = text_of(response)

    assert response.status_code == 422
    assert "must be at least 0" in page
    assert "write a whole number" in page
    assert re.search(r'name="rows" value="-1"', page)
    assert re.search(r'value="b" selected', page)
    assert count_jobs(app) == 0


def test_what_was_typed_is_shown_and_never_run(client):
    hostile = '"><script>alert(1)</script>'
    page = client.post(FORM, data={"rows": hostile}).get_data(as_text=True)

    assert "<script>alert" not in page


def test_a_form_without_the_token_is_refused(app, client):
    app.config["WTF_CSRF_ENABLED"] = True
    client.get(FORM)

    assert client.post(FORM, data={"rows": "3"}).status_code == 403
    assert count_jobs(app) == 0


class BrokenQuery(Query):
    id = "query.broken"
    title = "Broken"
    Parameters = QueryParameters

    def text(self, parameters):
        raise RuntimeError("no text")

    def choices(self, field_name):
        raise RuntimeError("no choices")

    def run(self, parameters, context):
        raise RuntimeError("no rows")


def test_a_query_whose_choices_fail_still_shows_its_form(app, client, monkeypatch):
    registry = app.extensions["plugins"]
    broken = BrokenQuery()
    archive = Archive(id="lab", title="The lab", description="", queries=(broken,))
    monkeypatch.setitem(registry._archives, "lab", archive)
    monkeypatch.setitem(registry._queries, "query.broken", (broken, archive))
    monkeypatch.setitem(registry._owner_of, id(broken), "lab")

    response = client.get("/archives/lab/query.broken")

    assert response.status_code == 200
    assert "Maximum number of rows" in text_of(response)
    assert "lab" in registry.guard.faults

"""Pages and fragments from one URL."""

import pytest
from flask import Flask
from flask import Request
from flask import request
from flask import Response

from portal import htmx

VARY = {"HX-Request", "HX-Boosted", "HX-History-Restore-Request"}


@pytest.fixture
def app(tmp_path):
    (tmp_path / "job.html").write_text("<!doctype html>{% include '_job.html' %}")
    (tmp_path / "_job.html").write_text("<p id='job'>{{ phase }}</p>")
    app = Flask(__name__, template_folder=str(tmp_path))
    htmx.init_app(app)
    app.add_url_rule(
        "/", "show", lambda: htmx.render("job.html", "_job.html", phase="<QUEUED>"), methods=["GET"]
    )
    return app


@pytest.fixture
def client(app):
    return app.test_client()


def test_a_browser_gets_the_page(client):
    response = client.get("/")
    assert response.text == "<!doctype html><p id='job'>&lt;QUEUED&gt;</p>"


def test_a_swap_gets_the_fragment_of_the_same_url(client):
    response = client.get("/", headers={"HX-Request": "true"})
    assert response.text == "<p id='job'>&lt;QUEUED&gt;</p>"


@pytest.mark.parametrize("whole", ["HX-Boosted", "HX-History-Restore-Request"])
def test_what_replaces_the_whole_page_gets_the_page(client, whole):
    response = client.get("/", headers={"HX-Request": "true", whole: "true"})
    assert response.text.startswith("<!doctype html>")


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_cache_is_told_what_the_answer_depends_on(client, headers):
    assert set(client.get("/", headers=headers).vary) == VARY


def test_an_app_keeps_its_own_request_class():
    class Limited(Request):
        max_form_parts = 7

    app = Flask(__name__)
    app.request_class = Limited
    htmx.init_app(app)
    with app.test_request_context(headers={"HX-Request": "true"}):
        assert isinstance(request, Limited)
        assert request.max_form_parts == 7
        assert htmx.wants_fragment()


def test_events_of_several_rooms_reach_the_browser_together():
    response = htmx.trigger(Response(), "basket-changed")
    htmx.trigger(response, "job-started")
    assert response.headers.getlist("HX-Trigger") == ["basket-changed, job-started"]

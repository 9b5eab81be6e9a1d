"""What every page has, and the small parts that pages are made of."""

import json
import re

import pytest
from flask import flash
from flask import render_template
from flask import render_template_string

from portal import htmx


@pytest.fixture
def page(app):
    app.add_url_rule("/flashing", "flashing", lambda: flash("Row 1 < 2", "success") or flashed())

    def flashed():
        return render_template_string("{% extends 'base.html' %}")

    return app.test_client().get("/flashing").text


def part(app, source, **variables):
    with app.test_request_context():
        return render_template_string(source, **variables)


def test_a_page_runs_no_script_or_style_of_its_own(page):
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) == 2
    assert all("src=" in attributes and not text for attributes, text in scripts)
    assert "<style" not in page
    assert not re.search(r"\s(style|on\w+)=", page)


def test_a_page_asks_no_other_host(page):
    assert not re.search(r'(src|href)="(https?:)?//', page)


def test_htmx_is_told_what_it_may_do(page):
    config = json.loads(re.search(r"name=\"htmx-config\" content='([^']*)'", page)[1])
    assert config == htmx.CONFIG
    assert config["selfRequestsOnly"] is True
    assert config["historyCacheSize"] == 0
    assert not any(
        config[name] for name in ("allowEval", "allowScriptTags", "includeIndicatorStyles")
    )


def test_requests_of_htmx_carry_the_token(page):
    headers = json.loads(re.search(r"hx-headers='([^']*)'", page)[1])
    assert len(headers["X-CSRFToken"]) > 20


def test_a_message_is_shown_once_at_the_top_and_escaped(page):
    assert page.count("Row 1 &lt; 2") == 1
    assert 'class="notice success"' in page


@pytest.mark.parametrize(("path", "title"), [("/jobs", "Jobs"), ("/archives", "Find data")])
def test_the_navigation_says_where_you_are(client, path, title):
    current = re.findall(r'aria-current="true">([^<]*)<', client.get(path).text)
    assert current == [title]


def test_a_missing_page_says_what_to_do_next(client):
    response = client.get("/no/such/page")
    assert response.status_code == 404
    assert "<!doctype html>" in response.text
    assert 'href="/jobs"' in response.text


def test_a_swap_gets_only_the_notice_of_an_error(client):
    text = client.get("/no/such/page", headers={"HX-Request": "true"}).text
    assert text.lstrip().startswith('<div id="error">')
    assert "Not Found" in text


def test_an_error_shows_its_reference(app):
    with app.test_request_context():
        text = render_template(
            "error.html", status=500, title="Something went wrong", message="", reference="8f3a2b1c"
        )
    assert "<code>8f3a2b1c</code>" in text


def test_pages_of_rows_lead_only_where_there_are_rows(app):
    text = part(
        app,
        "{% from '_pagination.html' import pagination %}{{ pagination(1, 50, 12345, links) }}",
        links={"next": "?page=2", "last": "?page=247"},
    )
    assert "1\u201350 of 12,345 rows" in text
    assert re.findall(r'href="([^"]*)"', text) == ["?page=2", "?page=247"]


def test_rows_that_still_arrive_have_no_end(app):
    source = "{% from '_pagination.html' import pagination %}{{ pagination(1, 50, none, {}) }}"
    assert "1\u201350, more arriving" in part(app, source)


def test_a_phase_is_said_in_words_not_only_by_its_colour(app):
    source = "{% from '_phase.html' import phase_badge %}{{ phase_badge('EXECUTING') }}"
    assert part(app, source) == '<span class="phase" data-phase="EXECUTING">Executing</span>'


def test_the_last_of_the_breadcrumbs_is_the_page_itself(app):
    source = "{% from '_breadcrumbs.html' import breadcrumbs %}{{ breadcrumbs(trail) }}"
    text = part(app, source, trail=[("Archives", "/archives"), ("NGC & IC", None)])
    assert '<a href="/archives">Archives</a>' in text
    assert '<span aria-current="page">NGC &amp; IC</span>' in text

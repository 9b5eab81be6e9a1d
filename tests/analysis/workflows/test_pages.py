"""Pages of workflows: found, narrowed down, shown."""

import re
from types import ModuleType

import pytest

from portal.plugins import hookimpl
from tests.support.pages import text_of
from tests.support.software import Broken
from tests.support.software import Known
from tests.support.software import many


def plugin(*sources):
    made = ModuleType("software")
    made.portal_register_workflows = hookimpl(lambda: list(sources))
    return made


@pytest.fixture
def sources():
    return [Known()]


@pytest.fixture
def plugins(sources):
    return [("software", plugin(*sources))]


def titles(response):
    return re.findall(r'<h2><a href="/workflows/[^"]*">([^<]*)<', response.text)


def test_the_list_shows_what_there_is_and_how_to_run_it(client):
    page = client.get("/workflows")

    assert titles(page) == ["Light curves", "Viewer &lt;b&gt;of&lt;/b&gt; cubes"]
    assert "2 workflows" in page.text
    assert 'href="/analysis/launch?workflow=known:curve"' in page.text
    assert "Notebook · Ada Lovelace, Čeněk Šťastný · Python, Jupyter" in page.text
    assert "<script>alert" not in page.text
    assert "javascript:" not in page.text


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("q=light", ["curve"]),
        ("q=LIGHT+variable", ["curve"]),
        ("q=stastny", ["curve"]),
        ("q=radio", ["viewer"]),
        ("q=java", ["viewer"]),
        ("q=light+radio", []),
        ("type=desktop", ["viewer"]),
        ("type=", ["curve", "viewer"]),
        ("author=hopper", ["viewer"]),
        ("author=Ada+Lovelace", ["curve"]),
        ("platform=python", ["curve"]),
        ("platform=pyth", []),
        ("keyword=Photometry", ["curve"]),
        ("source=known", ["curve", "viewer"]),
        ("source=other", []),
        ("q=cubes&type=desktop&platform=Java", ["viewer"]),
    ],
)
def test_the_address_says_what_is_looked_for(client, query, ids):
    page = client.get(f"/workflows?{query}")

    assert re.findall(r'<h2><a href="/workflows/known/(\w+)"', page.text) == ids
    assert ("Nothing fits" in page.text) == (not ids)


def test_the_form_keeps_what_was_asked(client):
    page = client.get("/workflows?q=cubes&type=desktop").text

    assert 'value="cubes"' in page
    assert '<option value="desktop" selected>Desktop (1)</option>' in page
    assert '<option value="">Any</option>' in page
    assert "<details open>" in page


def test_a_swap_gets_the_list_alone_and_the_address_of_what_is_filled_in(client):
    answer = client.get("/workflows?q=light&type=&author=", headers={"HX-Request": "true"})

    assert answer.text.lstrip().startswith('<section id="workflow-list"')
    assert answer.headers["HX-Replace-Url"] == "/workflows?q=light"
    assert 'hx-swap-oob="innerHTML">1 of 2 workflows<' in answer.text


def test_a_field_that_there_is_not_is_said_to_be_wrong(client):
    answer = client.get("/workflows?colour=1")

    assert answer.status_code == 422
    assert "Some values cannot be used" in answer.text


@pytest.mark.parametrize("sources", [[Known(many(60))]])
def test_many_are_paged_and_each_page_has_its_address(client):
    first, last = (
        client.get("/workflows?q=workflow"),
        client.get("/workflows?q=workflow&page=3"),
    )

    assert len(titles(first)) == 24
    assert titles(last) == [f"Workflow {number:04}" for number in range(48, 60)]
    assert "49–60 of 60 workflows" in last.text
    assert 'href="/workflows?q=workflow&amp;page=2" rel="next"' in first.text
    assert titles(client.get("/workflows?page=999999999")) == titles(last)


@pytest.mark.parametrize("sources", [[Broken(), Known()]])
def test_a_source_that_fails_hurts_only_itself(client):
    page = client.get("/workflows")

    assert page.status_code == 200
    assert "Broken software did not answer" in page.text
    assert len(titles(page)) == 2
    assert client.get("/workflows/known/curve").status_code == 200
    assert client.get("/workflows/broken/curve").status_code == 404


@pytest.mark.parametrize("sources", [()])
def test_without_any_the_page_says_where_they_come_from(client):
    assert "No workflows yet" in client.get("/workflows").text


def test_a_page_of_one_has_all_that_is_known(client):
    page = text_of(client.get("/workflows/known/curve"))

    for words in (
        "Plots light curves",
        "Needs a basket.",
        "v1.2",
        "curve.ipynb",
        "2 cores, 4 GB of memory",
        "MIT",
        'href="https://doi.org/10.5281/zenodo.1"',
        'href="https://curve.example.org/tutorial"',
        'href="https://curve.example.org/docs"',
        'href="https://git.example.org/stars/curve"',
        "Ada Lovelace; Čeněk Šťastný (2026). Light curves, version 1.2. https://doi.org/10.5281/",
        'data-copy="citation"',
        "days ago",
        'href="/analysis/launch?workflow=known:curve"',
    ):
        assert words in page


def test_what_authors_want_cited_is_cited(client):
    page = client.get("/workflows/known/viewer").text

    assert ">Hopper 2025</pre>" in page
    assert "javascript:" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("path", ["known/none", "none/curve", "known/..%2f", "local/curve"])
def test_what_there_is_not_is_not_found(client, path):
    assert client.get(f"/workflows/{path}").status_code == 404


def test_the_page_of_plugins_names_the_source(client):
    page = client.get("/plugins").text

    assert '<a href="/workflows?source=known">workflows: Known software</a>' in page


def test_the_start_page_and_the_navigation_lead_there(client):
    assert 'href="/workflows"' in client.get("/").text
    assert 'aria-current="true">Analyse<' in client.get("/workflows").text


def test_links_have_the_prefix_of_the_portal(client):
    page = client.get("/workflows", environ_overrides={"SCRIPT_NAME": "/esap"}).text

    assert 'href="/esap/analysis/launch?workflow=known:curve"' in page
    assert 'href="/esap/workflows?keyword=radio"' in page

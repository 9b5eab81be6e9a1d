import jinja2
import pytest

from portal.plugins import QueryLink
from portal.results.rendering import plugin_environment
from portal.results.rendering import render_view
from portal_zooniverse.actions import WorkflowsOfProject
from portal_zooniverse.columns import PROJECT_COLUMNS
from portal_zooniverse.columns import WORKFLOW_COLUMNS
from portal_zooniverse.renderers import ProjectCards

EMPTY = {column.name: None for column in PROJECT_COLUMNS} | {"project_id": 7}
ROW = EMPTY | {
    "display_name": "A <b>zoo</b>",
    "description": "<img src=x onerror=alert(1)>",
    "state": "live",
    "tags": "astronomy, nature",
    "classifications_count": 1_234_567,
    "classifiers_count": 8_900,
    "completeness": 0.784,
    "project_url": "https://zoo.example.org/projects/a/zoo",
}


@pytest.fixture
def cards():
    loader = jinja2.PrefixLoader({"zooniverse": jinja2.PackageLoader("portal_zooniverse")})
    environment = plugin_environment(loader)

    def render(row):
        view = ProjectCards()
        variables = view.context(PROJECT_COLUMNS, [row])
        return str(render_view(environment, view.template, variables, href_of))

    return render


def href_of(link):
    return f"/form/{link.query_id}?project={link.parameters['project']}"


def test_projects_are_shown_as_cards_and_other_rows_are_not():
    assert ProjectCards().can_render(PROJECT_COLUMNS)
    assert not ProjectCards().can_render(WORKFLOW_COLUMNS)


def test_a_card_says_how_far_a_project_is(cards):
    page = cards(ROW)
    assert "1,234,567 classifications by 8,900 volunteers, 78% complete" in page
    assert '<span class="badge">live</span>' in page
    assert '<span class="badge">nature</span>' in page


def test_a_card_leads_to_the_page_and_to_the_workflows(cards):
    page = cards(ROW)
    assert 'href="https://zoo.example.org/projects/a/zoo"' in page
    assert 'href="/form/query.zooniverse-workflows?project=7"' in page


def test_what_a_project_says_is_escaped(cards):
    page = cards(ROW)
    assert "<img" not in page
    assert "<b>" not in page


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example", "", None])
def test_only_web_pages_are_linked(cards, url):
    assert "Its page" not in cards(ROW | {"project_url": url})


def test_every_field_may_be_missing(cards):
    assert "badge" not in cards(EMPTY)
    assert "0 classifications," in cards(EMPTY | {"classifications_count": 0, "completeness": 0.0})


def test_a_project_leads_to_its_workflows():
    action = WorkflowsOfProject()
    assert action.applies(PROJECT_COLUMNS)
    assert not action.applies(WORKFLOW_COLUMNS)
    link = QueryLink(query_id="query.zooniverse-workflows", parameters={"project": "7"})
    assert action.link(ROW) == link

import jinja2
import pytest

from portal.plugins import PageLink
from portal.plugins import QueryLink
from portal_vo.registry import COLUMNS
from portal_vo.renderers import ServiceCards

ROW = {
    "title": "A <b>catalogue</b>",
    "short_name": None,
    "service_type": "Tables (TAP)",
    "waveband": "radio, optical",
    "publisher": "CDS",
    "creators": None,
    "description": "<img src=x onerror=alert(1)>",
    "access_url": "http://vo.example.org/tap",
    "reference_url": "https://vo.example.org/about",
    "standard_id": "ivo://ivoa.net/std/tap",
    "ivoid": "ivo://example/tap",
}


def address(link):
    """Return an address, as the portal would, for the forms and pages that there are."""
    if isinstance(link, PageLink):
        return f"/page/{link.page_id}?{link.parameters['ivoid']}"
    return None if link.query_id == "query.ssa" else f"/form/{link.query_id}"


@pytest.fixture
def cards():
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("portal_vo"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["link_url"] = address

    def render(row):
        variables = ServiceCards().context(COLUMNS, [row])
        return environment.get_template("services.html").render(**variables)

    return render


def test_registry_rows_can_be_shown_as_cards():
    assert ServiceCards().can_render(COLUMNS)
    assert not ServiceCards().can_render(COLUMNS[:4])


def test_a_tap_service_has_a_way_to_its_query_form(cards):
    page = cards(ROW)
    assert 'href="/form/query.tap"' in page
    assert "Query this service" in page
    assert 'href="https://vo.example.org/about"' in page


def test_a_card_carries_the_link_with_the_address():
    (service,) = ServiceCards().context(COLUMNS, [ROW])["services"]
    assert service["link"] == QueryLink(
        query_id="query.tap", parameters={"access_url": "http://vo.example.org/tap"}
    )


@pytest.mark.parametrize(
    ("standard", "query"),
    [
        ("tap#aux", "query.tap"),
        ("conesearch", "query.scs"),
        ("sia", "query.sia1"),
        ("sia#query-2.0", "query.sia2"),
    ],
)
def test_every_type_of_service_has_its_form(cards, standard, query):
    page = cards({**ROW, "standard_id": f"ivo://ivoa.net/std/{standard}"})
    assert f'href="/form/{query}"' in page


@pytest.mark.parametrize("standard", ["slap", "datalink#links-1.0", "unheard-of", "ssa"])
def test_a_service_without_a_form_has_no_button(cards, standard):
    assert "Query this service" not in cards(
        {**ROW, "standard_id": f"ivo://ivoa.net/std/{standard}"}
    )


def test_the_title_leads_to_everything_on_the_resource(cards):
    assert '<a href="/page/resource?ivo://example/tap">A &lt;b&gt;' in cards(ROW)
    assert "/page/" not in cards({**ROW, "ivoid": "nonsense"})


def test_what_a_registry_says_is_escaped(cards):
    page = cards(ROW)
    assert "<img" not in page
    assert "<b>" not in page


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.org", None, ""])
def test_only_web_pages_are_linked(cards, url):
    assert "About it" not in cards({**ROW, "reference_url": url})


def test_every_field_may_be_missing(cards):
    empty = dict.fromkeys(ROW) | {"ivoid": "ivo://example/tap", "service_type": "Tables (TAP)"}
    assert "ivo://example/tap" in cards(empty)

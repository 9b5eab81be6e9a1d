"""The main job on the Virtual Observatory, in a browser and against a real registry and service."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.steps import column
from tests.browser.steps import expect_count
from tests.browser.steps import expect_phase
from tests.browser.steps import open_rows
from tests.browser.steps import put_into_basket
from tests.browser.steps import send
from tests.browser.test_design import AXE_RULES
from tests.services.fixtures import dachs  # noqa: F401 - a fixture
from tests.test_portal_up import free_port
from tests.test_portal_up import portal

pytestmark = [pytest.mark.browser, pytest.mark.peers]

IMAGES = "SELECT TOP 30 * FROM ivoa.obscore WHERE obs_collection = 'zephyr-dr1' ORDER BY s_ra"


@pytest.fixture(scope="module")
def running(tmp_path_factory, dachs):  # noqa: F811 - a fixture
    """A portal whose registry is the test service."""
    settings = {"IVOA_REGISTRY": f"{dachs.url}/tap", "PORTAL_REMOTE_ALLOW": "127.0.0.1"}
    with portal(tmp_path_factory.mktemp("portal"), free_port(), **settings) as started:
        yield started


def test_the_way_from_a_keyword_to_the_basket(visit, dachs):  # noqa: F811 - a fixture
    page = visit()
    page.get_by_label("Search the registry").fill("zephyr")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Ask the registry itself").click()  # there is no copy of it yet
    expect(page.locator("#field-keywords")).to_have_value("zephyr")
    send(page)
    expect_phase(page, "Completed")

    open_rows(page)
    page.get_by_role("link", name="Services", exact=True).click()
    expect(page.get_by_role("heading", name="Zephyr radio continuum images")).to_be_visible()
    results = Axe().run(page, options=AXE_RULES)
    assert results.violations_count == 0, results.generate_report()
    page.get_by_role("link", name="Query this service").click()
    expect(page.locator("#field-access_url")).to_have_value(f"{dachs.url}/tap")

    page.locator("#field-mode").select_option("asynchronous")
    send(page, query=IMAGES)
    expect_phase(page, "Completed")
    open_rows(page)
    expect(page.get_by_text("1–30 of 30 rows")).to_be_visible()
    assert set(column(page, "obs_collection")) == {"zephyr-dr1"}
    titles = column(page, "obs_title")
    put_into_basket(page, 0, 3)
    expect_count(page, 2)
    page.get_by_role("link", name="Basket").click()
    assert set(page.locator("tbody th").all_inner_texts()) == {titles[0], titles[3]}
    expect(page.get_by_role("cell", name="Virtual Observatory")).to_have_count(2)


def test_a_mistake_is_told_in_the_words_of_the_service(visit, dachs):  # noqa: F811 - a fixture
    page = visit("archives/vo/query.tap")
    send(page, access_url=f"{dachs.url}/tap", query="SELECT FROM nothing")
    expect_phase(page, "Error")
    expect(page.locator("#job .notice")).to_contain_text("Could not parse your query")
    expect(page.locator("#job pre").first).to_have_text("SELECT FROM nothing")
    page.get_by_role("link", name="Change and run again").click()
    expect(page.locator("#field-query")).to_have_value(re.compile("SELECT FROM nothing"))

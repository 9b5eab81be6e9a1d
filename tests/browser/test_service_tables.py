"""The pages about the tables of a service, in a browser with scripts and in one without."""

from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_design import AXE_RULES
from tests.support.loopback import loopback
from tests.support.tap_metadata import TapMetadata
from tests.test_portal_up import free_port
from tests.test_portal_up import portal

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    settings = {"PORTAL_REMOTE_ALLOW": "127.0.0.1"}
    with portal(tmp_path_factory.mktemp("portal"), free_port(), **settings) as started:
        yield started


@pytest.fixture
def address():
    """Where the tables of a service are that was never read."""
    with loopback() as server:
        yield f"archives/vo/query.tap/tables?access_url={quote(TapMetadata(server).url)}"


def check_access(page):
    results = Axe().run(page, options=AXE_RULES)
    assert results.violations_count == 0, results.generate_report()


def test_a_service_is_read_by_itself_and_narrowed_while_one_types(visit, address):
    page = visit(address)
    expect(page.locator("#table-list")).to_be_visible()
    check_access(page)
    page.get_by_label("Tables with these words").press_sequentially("brightness")
    expect(page.locator("#table-list li")).to_have_count(1)
    expect(page.get_by_label("Tables with these words")).to_be_focused()
    assert "q=brightness" in page.url
    page.reload()
    expect(page.locator("#table-list li")).to_have_count(1)


def test_ticked_columns_fill_in_the_form(visit, address):
    page = visit(address)
    page.get_by_role("link", name="cat.stars").first.click()
    expect(page.get_by_role("heading", name="cat.stars")).to_be_visible()
    check_access(page)
    page.get_by_label("Choose mag").check()
    page.get_by_role("button", name="Query the ticked columns").click()
    expect(page.locator("#field-query")).to_have_value("SELECT TOP 1000 mag\nFROM cat.stars")


def test_from_the_form_to_the_tables_and_back_by_an_example(visit, address):
    page = visit("archives/vo/query.tap")
    page.locator("#field-access_url").fill(address.partition("access_url=")[2].replace("%3A", ":"))
    page.get_by_role("button", name="Tables and columns").click()
    page.get_by_role("link", name="Examples").click()
    check_access(page)
    page.get_by_role("link", name="Near M87").click()
    expect(page.locator("#field-query")).to_have_value(
        "SELECT TOP 5 *\nFROM cat.stars WHERE mag < 12"
    )


def test_without_scripts_the_page_reloads_itself_until_the_service_is_read(visit, address):
    page = visit(address, java_script_enabled=False)
    page.get_by_role("button", name="Read the tables").click()
    expect(page.locator("#table-list")).to_be_visible()
    page.get_by_role("link", name="Service", exact=True).click()
    expect(page.get_by_text("1,000,000 rows")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_in_the_dark_and_on_a_phone_nothing_overflows(visit, address, width):
    page = visit(address, color_scheme="dark", viewport={"width": width, "height": 800})
    expect(page.locator("#table-list")).to_be_visible()
    for part in ("", "&tab=service", "&tab=examples", "&table=cat.stars"):
        page.goto(address + part)
        check_access(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

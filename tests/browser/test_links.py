"""What a row leads to, in a browser and with a real server of images: links, a cut-out."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.steps import expect_phase
from tests.browser.steps import send
from tests.browser.test_design import AXE_RULES
from tests.services.fixtures import dachs  # noqa: F401 - a fixture
from tests.test_portal_up import free_port
from tests.test_portal_up import portal

pytestmark = [pytest.mark.browser, pytest.mark.peers]

QUERY = "SELECT accref, mime, object, pub_did FROM sky.images WHERE object = 'first'"


@pytest.fixture(scope="module")
def running(tmp_path_factory, dachs):  # noqa: F811 - a fixture
    """A portal that may talk to the test service."""
    settings = {"IVOA_REGISTRY": f"{dachs.url}/tap", "PORTAL_REMOTE_ALLOW": "127.0.0.1"}
    with portal(tmp_path_factory.mktemp("portal"), free_port(), **settings) as started:
        yield started


def is_accessible(page):
    results = Axe().run(page, options=AXE_RULES)
    return results.violations_count == 0 or results.generate_report()


def press(page):
    """Send the form of the page, filled in as it is."""
    page.get_by_role("button", name="Search", exact=True).click()
    expect_phase(page, "Completed")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_the_way_from_a_row_to_a_cut_out(visit, dachs, javascript):  # noqa: F811 - a fixture
    page = visit("archives/vo/query.tap", java_script_enabled=javascript)
    send(page, access_url=f"{dachs.url}/tap", query=QUERY)
    expect_phase(page, "Completed")
    see_rows(page, javascript)

    page.get_by_role("link", name="What belongs to it").click()
    press(page)
    see_rows(page, javascript)
    expect(page.get_by_role("heading", name="The data #this")).to_be_visible()
    assert not javascript or is_accessible(page) is True

    page.get_by_role("link", name="Cut out a part").click()
    expect(page.locator("#field-id")).to_have_value("ivo://portal.test/~?sky/data/first.fits")
    expect(page.locator("#field-circle")).to_have_value("180.0007252204 39.9994444422 0.0502831366")
    page.locator("#field-circle").fill("180.0 40.0 60 arcsec")
    press(page)

    picture = page.get_by_role("img", name="HDU 0:")
    expect(picture).to_be_visible()
    if javascript:
        expect_drawn(page, picture)
    assert not javascript or is_accessible(page) is True
    with page.expect_download() as download:
        page.get_by_role("link", name="Download Cut-out of").click()
    assert download.value.suggested_filename.endswith("-cutout.fits")


def expect_drawn(page, picture):
    """Wait until the picture itself has come: its frame is there long before."""
    page.wait_for_function("one => one.naturalWidth > 100", arg=picture.element_handle())


def see_rows(page, javascript):
    if not javascript:
        page.get_by_role("link", name="Look at the rows").click()

"""The main job below a path, behind the web server of the operators' example."""

import pytest
from playwright.sync_api import expect

from tests.browser.steps import expect_count
from tests.browser.steps import expect_phase
from tests.browser.steps import open_rows
from tests.browser.steps import put_into_basket
from tests.browser.steps import send
from tests.browser.steps import sort_by
from tests.browser.steps import VIRGO
from tests.test_portal_up import free_port
from tests.test_portal_up import nginx
from tests.test_portal_up import portal

pytestmark = [pytest.mark.browser, pytest.mark.peers, pytest.mark.soak]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A portal at /esap/, which is all that browsers may see of its server."""
    outside, inside = free_port(), free_port()
    folder = tmp_path_factory.mktemp("portal")
    settings = {
        "PORTAL_PUBLIC_URL": f"http://127.0.0.1:{outside}/esap",
        "PORTAL_TRUSTED_PROXIES": "1",
    }
    with nginx(folder, outside, inside), portal(folder, inside, **settings) as started:
        yield started


def test_no_step_of_the_way_leaves_the_path(visit, running):
    page = visit()
    assert page.url.endswith("/esap/")
    page.get_by_role("link", name="Local tables", exact=True).click()
    page.get_by_role("heading", name="Cone search").get_by_role("link").click()
    send(page, position="12:30:49")
    expect(page.locator("#form-errors")).to_be_focused()
    send(page, **VIRGO)
    expect_phase(page, "Completed")
    expect(page.locator("#result [name=row]").first).to_be_visible()
    open_rows(page)
    sort_by(page, "b_mag")
    put_into_basket(page, 0, 1)
    assert page.url.startswith(running[1])
    expect_count(page, 2)
    page.get_by_role("link", name="Basket").click()
    page.get_by_role("link", name="Empty the basket").click()
    page.get_by_role("button", name="Empty the basket").click()
    expect_count(page, 0)
    cookies = page.context.cookies()
    assert cookies
    assert {cookie["path"] for cookie in cookies} == {"/esap/"}

"""All archives asked from a browser: who can answer, and their answers as they come."""

import re
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from portal.plugins.discovery import installed
from tests.browser.steps import expect_phase
from tests.browser.steps import open_rows
from tests.browser.test_design import AXE_RULES
from tests.browser.test_design import LOOKS
from tests.support.installed import install_skies
from tests.support.loopback import loopback
from tests.support.skies import images
from tests.support.skies import Sky
from tests.test_portal_up import free_port
from tests.test_portal_up import portal

pytestmark = pytest.mark.browser

SOUTH = "0/8-11"
FOUND = "#archives [role=status]"


@pytest.fixture(scope="module")
def patience():
    """What the slow archive waits for."""
    return threading.Event()


@pytest.fixture(scope="module")
def server(patience):
    def slow(exchange):
        patience.wait(60)
        images(("s", 10.69, 41.27, "ivo://slow", "http://data/9", ""))(exchange)

    with loopback() as running:
        running.routes["/good"] = images(
            ("Mosaic of M 31", 10.68, 41.27, "ivo://a?1", "http://data/1", 58000.5),
            ("Field beside", 10.75, 41.3, "ivo://a?2", "http://data/2", 58001.5),
        )
        running.routes["/slow"] = slow
        running.routes["/rubbish"] = lambda exchange: exchange.answer("<html>Welcome!</html>")
        yield running


@pytest.fixture(scope="module")
def running(tmp_path_factory, server):
    """A portal with archives that are well, slow, dead and out of their minds."""
    plugin, instance = tmp_path_factory.mktemp("plugin"), tmp_path_factory.mktemp("portal")
    skies = [
        Sky(name="good", url=f"{server.url}/good", collections=["deep survey"]),
        Sky(name="slow", url=f"{server.url}/slow", knows_bands=True),
        Sky(name="rubbish", url=f"{server.url}/rubbish"),
        Sky(name="dead", url=f"http://127.0.0.1:{free_port()}/"),
        Sky(name="south", url=f"{server.url}/good", coverage=SOUTH),
    ]
    others = {one.name for one in installed()} - {"files", "names"}
    settings = {
        **install_skies(plugin, skies),
        "PORTAL_REMOTE_ALLOW": "127.0.0.1",
        "PORTAL_PLUGINS_DISABLED": ",".join(others),
    }
    with portal(instance, free_port(), PORTAL_WORKERS="6", **settings) as started:
        yield started


def part(page, archive):
    return page.locator("#parts li").filter(has_text=f"Sky of {archive}")


def box(page, archive, title="Images"):
    group = page.get_by_role("group", name=f"Sky of {archive}")
    return group.get_by_role("checkbox", name=title)


def test_answers_appear_as_they_come_and_those_that_fail_say_why(visit, patience):
    page = visit("search")
    expect(page.locator(FOUND)).to_have_text("6 of 6 can answer.")
    page.locator("#field-position").press_sequentially("M 31", delay=30)
    expect(page.locator(FOUND)).to_have_text("5 of 6 can answer at 10.68479 +41.26906.")
    expect(box(page, "south")).to_be_disabled()
    expect(page.locator("#archives")).to_contain_text("has no data there")
    expect(page).to_have_url(re.compile(r"search\?position=M\+31"))
    assert Axe().run(page, options=AXE_RULES).response["violations"] == []
    page.get_by_role("button", name="Search", exact=True).click()

    expect(part(page, "good")).to_contain_text("2 rows")
    expect(part(page, "rubbish")).to_contain_text("Error")
    expect(part(page, "dead")).to_contain_text("Error")
    expect(part(page, "slow")).to_contain_text("Executing")
    expect(page.locator("#standing .phase")).to_have_text("Executing")
    part(page, "good").get_by_role("link", name="Its rows").click()
    expect(page.locator("#rows-table")).to_contain_text("Mosaic of M 31")
    page.go_back()

    patience.set()

    expect_phase(page, "Completed")
    expect(part(page, "slow")).to_contain_text("1 row")
    expect(part(page, "dead").get_by_role("button", name="Ask again")).to_be_visible()
    expect(page.locator("#rows-table")).to_contain_text("Sky of good")
    expect(page.get_by_role("link", name="Download How each part ended")).to_be_visible()
    assert Axe().run(page, options=AXE_RULES).response["violations"] == []
    open_rows(page)
    expect(page.locator("#rows-table")).to_contain_text("The deep survey")


def test_everything_works_without_scripts(visit, patience):
    patience.set()
    page = visit("search", java_script_enabled=False)
    page.locator("#field-position").fill("10.68 41.27")
    box(page, "rubbish").uncheck()
    page.get_by_role("button", name="Show who can answer").click()
    expect(page.locator(FOUND)).to_have_text("5 of 6 can answer at 10.68000 +41.27000.")
    expect(box(page, "south")).to_be_disabled()
    expect(box(page, "rubbish")).not_to_be_checked()
    assert "csrf" not in page.url
    box(page, "dead").uncheck()
    page.get_by_role("button", name="Search", exact=True).click()

    expect_phase(page, "Completed")
    expect(page.locator("#parts li")).to_have_count(3)
    open_rows(page)
    expect(page.locator("#rows-table")).to_contain_text("Mosaic of M 31")


@pytest.mark.parametrize("look", LOOKS)
def test_the_form_can_be_used_by_everybody(visit, look):
    page = visit("search?position=10.68+41.27&band=21+cm", **LOOKS[look])
    expect(page.locator("#archives")).to_contain_text("cannot be asked for a band")

    assert Axe().run(page, options=AXE_RULES).response["violations"] == []


def test_what_is_wrong_is_said_and_nothing_is_lost(visit):
    page = visit("search")
    page.locator("#field-position").fill("10.68 41.27")
    page.get_by_label("Radius").fill("-1")
    page.get_by_role("button", name="Search", exact=True).click()

    expect(page.locator("#form-errors")).to_contain_text("Radius: must be more than 0")
    expect(page.locator("#field-position")).to_have_value("10.68 41.27")


@pytest.mark.parametrize("look", LOOKS)
def test_several_positions_may_be_given(visit, look):
    page = visit("search?position=10.68+41.27", **LOOKS[look])
    page.get_by_text("Several positions").click()
    page.get_by_label("More positions").fill("M 33\n10.7 -60")
    expect(page.locator(FOUND)).to_have_text("6 of 6 can answer at one of 3 positions.")
    expect(page).to_have_url(re.compile(r"positions=M\+33&positions=10.7\+-60"))

    assert Axe().run(page, options=AXE_RULES).response["violations"] == []


def test_the_start_page_leads_there(visit):
    page = visit()
    page.get_by_label("Search all archives around a position").fill("M 31")
    page.get_by_role("button", name="Go on").click()

    expect(page.locator("#field-position")).to_have_value("M 31")
    expect(page.locator(FOUND)).to_have_text("5 of 6 can answer at 10.68479 +41.26906.")

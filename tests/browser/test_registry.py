"""Searching the copy of the registry as one types, in a browser with and without scripts."""

import re
from datetime import datetime
from datetime import UTC

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from portal_vo.mirror.files import MirrorFiles
from tests.browser.test_design import AXE_RULES
from tests.support.regtap import record
from tests.support.regtap import write_mirror
from tests.test_portal_up import free_port
from tests.test_portal_up import portal

pytestmark = pytest.mark.browser

REGISTRY = "http://127.0.0.1:9/tap"  # where nobody answers: what is found is in the copy
PAGE = "archives/vo/pages/registry"
RECORDS = {
    **{f"ivo://a/{n:02}": record(f"Galaxy survey {n:02}", waveband="radio") for n in range(25)},
    "ivo://b/pulsars": record("Pulsar timing", waveband="x-ray"),
}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A portal that has a copy of a registry."""
    folder = tmp_path_factory.mktemp("portal")
    files = MirrorFiles(folder / "plugins" / "vo" / "registry", REGISTRY)
    write_mirror(files, RECORDS, as_of=datetime.now(UTC))
    settings = {"IVOA_REGISTRY": REGISTRY, "PORTAL_REMOTE_ALLOW": "127.0.0.1"}
    with portal(folder, free_port(), **settings) as started:
        yield started


def titles(page):
    return page.locator("#choose-form h2")


def settled(page, keywords):
    """Wait until the answer to what was typed is there, and htmx has seen to it."""
    hidden = page.locator('#choose-form input[name="keywords"]')
    expect(hidden).to_have_value(keywords)
    expect(
        page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")
    ).to_have_count(0)
    page.wait_for_timeout(100)


def test_services_are_found_while_one_types_and_chosen_on_several_pages(visit):
    page = visit(PAGE)
    page.get_by_label("Keywords").press_sequentially("gal", delay=50)
    expect(page.locator("#page-summary")).to_have_text("25 resources")
    settled(page, "gal")
    page.get_by_label("Choose Tables (TAP) of Galaxy survey 00").check()
    expect(page.get_by_role("button", name="Query the 1 chosen service")).to_be_visible()
    expect(page).to_have_url(re.compile("chosen=tap"))
    assert Axe().run(page, options=AXE_RULES).violations_count == 0

    page.get_by_role("button", name="Next").click()
    expect(titles(page)).to_have_count(5)
    page.get_by_label("Choose Tables (TAP) of Galaxy survey 24").check()
    expect(page.get_by_role("button", name="Query the 2 chosen services")).to_be_visible()
    settled(page, "gal")
    page.get_by_label("Keywords").fill("pulsar")
    settled(page, "pulsar")
    expect(titles(page)).to_have_text(["Pulsar timing"])
    page.get_by_role("button", name="Query the 2 chosen services").click()
    expect(page.get_by_role("link", name=re.compile("^Query Galaxy survey"))).to_have_count(2)
    assert Axe().run(page, options=AXE_RULES).violations_count == 0


def test_leaving_the_field_for_a_choice_asks_nothing_that_could_undo_the_choice(visit):
    page = visit(PAGE)
    page.get_by_label("Keywords").press_sequentially("gal", delay=50)
    settled(page, "gal")
    held = []

    def hold(route):
        held.append(route)

    page.route(lambda url: "chosen" not in url, hold)
    page.get_by_label("Choose Tables (TAP) of Galaxy survey 00").check()
    expect(page).to_have_url(re.compile("chosen=tap"))
    for route in held:
        route.continue_()
    page.wait_for_timeout(300)
    expect(page).to_have_url(re.compile("chosen=tap"))
    expect(page.get_by_role("button", name="Query the 1 chosen service")).to_be_visible()


def test_enter_searches_and_sends_no_file(visit):
    page = visit(PAGE, java_script_enabled=False)
    page.get_by_label("Keywords").fill("pulsar")
    page.get_by_label("Keywords").press("Enter")
    expect(titles(page)).to_have_text(["Pulsar timing"])


@pytest.mark.parametrize("scripts", [True, False])
def test_a_search_by_the_moc_of_a_file_keeps_what_was_filled_in(visit, scripts):
    page = visit(PAGE, java_script_enabled=scripts)
    page.get_by_label("Keywords").fill("galaxy")
    page.get_by_text("Narrow it down").click()
    page.get_by_text("From a MOC file").click()
    moc = {"name": "survey.json", "mimeType": "application/json", "buffer": b'{"3": [1, 2]}'}
    page.get_by_label("Has data in the region: a file with a MOC").set_input_files(moc)
    page.get_by_role("button", name="Use it").click()
    expect(page).to_have_url(re.compile("region=3%2F1-2"))
    expect(page.get_by_label("Has data in the region", exact=True)).to_have_value("3/1-2")
    expect(page.get_by_label("Keywords")).to_have_value("galaxy")
    if scripts:
        assert Axe().run(page, options=AXE_RULES).violations_count == 0


def test_everything_works_without_scripts(visit):
    page = visit(PAGE, java_script_enabled=False)
    page.get_by_label("Keywords").fill("galaxy")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#page-summary")).to_have_text("25 resources")
    page.get_by_label("Choose Tables (TAP) of Galaxy survey 03").check()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Choose Tables (TAP) of Galaxy survey 21").check()
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_label("Choose Tables (TAP) of Galaxy survey 03")).to_be_checked()
    page.get_by_role("button", name="Query the 2 chosen services").click()
    page.get_by_role("link", name="Query Galaxy survey 21").click()
    expect(page.locator("#field-access_url")).to_have_value("http://vo.example.org/tap")

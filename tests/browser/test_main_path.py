"""The main job in a real browser: ask, follow, look, sort, collect; and what may go wrong."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.looks import check_every_look
from tests.browser.steps import ADQL
from tests.browser.steps import ask
from tests.browser.steps import column
from tests.browser.steps import CONE
from tests.browser.steps import documents
from tests.browser.steps import ENDLESS
from tests.browser.steps import expect_count
from tests.browser.steps import expect_phase
from tests.browser.steps import open_rows
from tests.browser.steps import put_into_basket
from tests.browser.steps import send
from tests.browser.steps import sort_by
from tests.browser.steps import tab_to
from tests.browser.steps import VIRGO
from tests.browser.workers import held
from tests.browser.workers import kill_job

pytestmark = pytest.mark.browser

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])


def floats(texts):
    return [float(text) for text in texts]


@SCRIPTS
def test_a_wrong_value_is_told_at_its_field_and_nothing_typed_is_lost(visit, scripts):
    page = visit(java_script_enabled=scripts)
    page.get_by_role("link", name="Local tables", exact=True).click()
    page.get_by_role("heading", name="Cone search").get_by_role("link").click()
    send(page, position="12:30:49", sr="7")
    expect(page.locator("#form-errors")).to_be_focused()
    expect(page.locator("#field-position")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#field-position-error")).to_contain_text("give right ascension")
    expect(page.locator("#field-position")).to_have_value("12:30:49")
    expect(page.locator("#field-sr")).to_have_value("7")


@SCRIPTS
def test_a_job_page_follows_its_job_until_it_has_ended(visit, running, scripts):
    page = visit(CONE, java_script_enabled=scripts)
    with held(running[0].pid):
        send(page, **VIRGO)
        expect_phase(page, "Queued")
    with documents(page) as loaded:
        expect_phase(page, "Completed")
    assert bool(loaded) != scripts
    rows = page.locator("#result [name=row]")
    expect(rows).to_have_count(100 if scripts else 0)


@SCRIPTS
def test_rows_are_sorted_paged_collected_and_removed(visit, scripts):
    page = visit(java_script_enabled=scripts)
    ask(page, CONE, **VIRGO)
    expect_phase(page, "Completed")
    open_rows(page)
    sort_by(page, "b_mag")
    first = floats(column(page, "b_mag"))
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("101–200 of")).to_be_visible()
    second = floats(column(page, "b_mag"))
    assert first + second == sorted(first + second)

    address, names = page.url, column(page, "name")
    put_into_basket(page, 0, 2)
    assert page.url == address
    expect_count(page, 2)
    page.get_by_role("link", name="Basket").click()
    expect(page.locator("tbody th")).to_have_count(2)
    assert set(page.locator("tbody th").all_inner_texts()) == {names[0], names[2]}
    page.get_by_role("checkbox", name=names[0], exact=True).check()
    page.get_by_role("button", name="Remove ticked items").click()
    expect(page.locator("tbody th")).to_have_text([names[2]])
    expect_count(page, 1)

    page.get_by_role("link", name="Empty the basket").click()
    expect(page.get_by_role("heading", name="Empty the basket?")).to_be_visible()
    page.get_by_role("button", name="Empty the basket").click()
    expect(page.get_by_role("heading", name="The basket is empty")).to_be_visible()
    expect_count(page, 0)


def test_the_way_can_be_gone_by_keyboard_alone(visit):
    page = visit(CONE)
    tab_to(page, "#field-position")
    page.keyboard.type("10.6847 41.2688")
    page.keyboard.press("Enter")
    expect_phase(page, "Completed")
    tab_to(page, "#job a[href*='/results/']")
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("Rows of"))
    tab_to(page, "[name=row]")
    page.keyboard.press("Space")
    tab_to(page, "button:not([name], [formaction])", key="Shift+Tab")
    page.keyboard.press("Enter")
    expect_count(page, 1)
    page.get_by_role("link", name="Basket").press("Enter")
    tab_to(page, "[name=item]")
    page.keyboard.press("Space")
    tab_to(page, "[name=do][value=remove]", key="Shift+Tab")
    page.keyboard.press("Enter")
    expect_count(page, 0)


def test_a_double_click_makes_one_job_that_every_tab_shows(visit, running):
    page = visit(CONE)
    page.locator("#field-position").fill("10.6847 41.2688")
    tab = page.context.new_page()
    with held(running[0].pid):
        page.get_by_role("button", name="Search", exact=True).dblclick()
        expect_phase(page, "Queued")
        tab.goto("jobs")
        expect(tab.locator("tbody tr")).to_have_count(1)
        expect(tab.locator("tbody .phase")).to_have_text("Queued")
    expect_phase(page, "Completed")
    expect(tab.locator("tbody .phase")).to_have_text("Completed")
    tab.locator("tbody a").click()
    expect_phase(tab, "Completed")
    assert tab.url == page.url


def test_back_and_reload_show_the_same_rows(visit):
    page = visit(CONE)
    send(page, **VIRGO)
    expect_phase(page, "Completed")
    open_rows(page)
    sort_by(page, "b_mag")
    names = column(page, "name")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("101–200 of")).to_be_visible()
    page.go_back()
    assert column(page, "name") == names
    page.reload()
    assert column(page, "name") == names


def test_a_running_job_can_be_aborted(visit):
    page = visit()
    ask(page, ADQL, query=ENDLESS)
    expect_phase(page, "Executing")
    page.get_by_role("button", name="Abort").click()
    expect_phase(page, "Aborted")
    expect(page.locator("#job")).to_contain_text("Aborted by its owner")
    expect(page.get_by_role("link", name="Change and run again")).to_be_visible()


def test_a_job_whose_process_is_killed_is_tried_again_and_ends_truthfully(visit, running):
    page = visit()
    ask(page, ADQL, query=ENDLESS)
    expect_phase(page, "Executing")
    for attempt in ("second", "third"):
        kill_job(running[0].pid)
        expect(page.locator("#job .standing")).to_contain_text(f"{attempt} attempt")
        expect_phase(page, "Executing")
    kill_job(running[0].pid)
    expect_phase(page, "Error")
    expect(page.locator("#job")).to_contain_text("was lost 3 times")


@pytest.fixture(scope="module")
def worked(chromium, running):
    """The state of a visitor who has worked here, and the pages that lie on the way."""
    context = chromium.new_context(base_url=running[1])
    page = context.new_page()
    failed = ask(page, ADQL, query="SELECT nothing FROM files.openngc")
    expect_phase(page, "Error")
    empty = ask(page, ADQL, query="SELECT name FROM files.openngc WHERE ra < -1")
    expect_phase(page, "Completed")
    job = ask(page, ADQL, query="SELECT TOP 30 name, ra, b_mag, identifiers FROM files.openngc")
    expect_phase(page, "Completed")
    open_rows(page)
    rows = page.url
    put_into_basket(page, 0, 1)
    state = context.storage_state()
    context.close()
    return state, [
        "./", "archives", "archives/files", CONE, f"{CONE}?position=here&sr=-1", ADQL,
        "jobs", job, failed, empty, f"{job}/delete", f"{rows}?sort=b_mag&first=25&size=25",
        "basket", "basket/empty", "jobs/nowhere", "plugins", "job-types",
    ]  # fmt: skip


def test_every_page_on_the_way_is_accessible(visit, worked):
    state, addresses = worked
    page = visit(storage_state=state)
    for address in addresses:
        page.goto(address)
        if "?position" in address:
            page.get_by_role("button", name="Search", exact=True).click()
            expect(page.locator("#form-errors")).to_be_visible()
        check_every_look(page)

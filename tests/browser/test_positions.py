"""A position while it is typed: where it is, who knew it, and without scripts."""

import pytest
from playwright.sync_api import expect

from tests.browser.looks import check_every_look
from tests.browser.steps import CONE
from tests.browser.steps import expect_phase
from tests.browser.steps import open_rows
from tests.browser.steps import send

pytestmark = pytest.mark.browser

PLACE = "#field-position-place"


def test_a_form_says_where_a_name_is(visit):
    page = visit(CONE)
    position = page.locator("#field-position")

    position.press_sequentially("M 31", delay=20)
    expect(page.locator(PLACE)).to_contain_text("10.684790 +41.269060")
    expect(page.locator(PLACE)).to_contain_text("00:42:44.35 +41:16:08.6")
    expect(position).to_be_focused()

    position.fill("400 10")
    expect(page.locator(PLACE)).to_contain_text("right ascension runs from 0 to 360")
    position.fill("Andromdea")
    expect(page.locator(PLACE)).to_contain_text("Did you mean Andromeda Galaxy?")
    position.fill("")
    expect(page.locator(PLACE)).to_have_text("")


def test_a_filled_form_says_it_at_once(visit):
    page = visit(f"{CONE}?position=galactic+121.17440+-21.57322")

    expect(page.locator(PLACE)).to_contain_text("00:42:44")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_the_job_looks_the_name_up(visit, scripts):
    page = visit(f"{CONE}?table=openngc&sr=1", java_script_enabled=scripts)

    send(page, position="Andromeda Galaxy")

    expect_phase(page, "Completed")
    expect(page.locator("#main")).to_contain_text("is at 10.684790 +41.269060")
    open_rows(page)
    expect(page.locator("#rows-table")).to_contain_text("NGC0224")


def test_what_a_form_says_can_be_read_by_everybody(visit):
    page = visit(f"{CONE}?position=Andromdea")
    expect(page.locator(PLACE)).to_contain_text("Did you mean")

    check_every_look(page)

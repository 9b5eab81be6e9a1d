"""From a user of the Zooniverse to the data of a project, with scripts and without."""

import pytest
from playwright.sync_api import expect

from tests.browser.looks import check_every_look
from tests.browser.steps import expect_phase
from tests.browser.steps import open_rows
from tests.browser.steps import send
from tests.support.loopback import loopback
from tests.support.panoptes import Panoptes
from tests.support.panoptes import project
from tests.support.panoptes import role
from tests.support.panoptes import user
from tests.test_portal_up import free_port
from tests.test_portal_up import portal

pytestmark = pytest.mark.browser

FORM = "archives/zooniverse/query.zooniverse-user-projects"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A portal whose Zooniverse has one user with two projects."""
    with loopback() as server:
        api = Panoptes(server)
        api.accounts.users = [user(7, "Ada")]
        api.projects = [project(1, display_name="Galaxies"), project(2, display_name="Comets")]
        api.accounts.roles = [role(11, 7, 1), role(12, 7, 2, "collaborator")]
        settings = {
            "PORTAL_REMOTE_ALLOW": server.host,
            "PORTAL_PLUGINS__ZOONIVERSE__API_URL": api.url,
        }
        with portal(tmp_path_factory.mktemp("portal"), free_port(), **settings) as started:
            yield started


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_a_card_leads_to_the_form_of_its_classifications(visit, scripts):
    page = visit(FORM, java_script_enabled=scripts)
    page.get_by_label("State").check()
    send(page, user="ada")
    expect_phase(page, "Completed")
    open_rows(page)
    card = page.locator("article", has_text="Comets")
    expect(card).to_contain_text("Role: collaborator")

    card.get_by_role("link", name="Classifications").click()

    expect(page.locator("#field-project")).to_have_value("2")
    page.get_by_role("button", name="Search", exact=True).click()
    expect_phase(page, "Error")
    expect(page.locator("#main")).to_contain_text("store your login for zooniverse under Account")


def test_forms_and_cards_can_be_read_by_everybody(visit):
    page = visit(FORM)
    check_every_look(page)
    send(page, user="ada")
    expect_phase(page, "Completed")
    open_rows(page)
    check_every_look(page)
    page.goto("archives/zooniverse")
    check_every_look(page)

"""The account page in a real browser: a token from its making to its end, and a login."""

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.looks import check_every_look

pytestmark = pytest.mark.browser

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
CLIPBOARD = ["clipboard-read", "clipboard-write"]


def make_token(page, label="notebook"):
    page.get_by_role("contentinfo").get_by_role("link", name="Account").click()
    page.get_by_label("What is it for?").fill(label)
    page.get_by_label("90 days").check()
    page.get_by_role("button", name="Make a token").click()
    return page.get_by_label("Token", exact=True).input_value()


def store_login(page, host="archive.example.org"):
    page.get_by_label("Host").fill(host)
    page.get_by_label("User name").fill("kepler")
    page.get_by_label("Password or token").fill("harmonices mundi")
    page.get_by_role("button", name="Store the login").click()


def status(running, secret):
    headers = {"Authorization": f"Bearer {secret}"}
    return requests.get(f"{running[1]}account", headers=headers, timeout=30).status_code


@SCRIPTS
def test_a_token_is_made_used_and_revoked(visit, running, scripts):
    page = visit(java_script_enabled=scripts)
    secret = make_token(page)
    assert status(running, secret) == 200

    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_role("listitem").filter(has_text="notebook")).not_to_contain_text("never")
    page.get_by_role("link", name="Revoke notebook").click()
    page.get_by_role("button", name="Revoke the token").click()

    expect(page.get_by_text("You have no tokens.")).to_be_visible()
    assert status(running, secret) == 401


def test_a_token_is_copied_by_a_button(visit):
    page = visit(permissions=CLIPBOARD)
    secret = make_token(page)

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret


def test_where_copying_is_not_allowed_the_token_is_selected(visit):
    page = visit()
    secret = make_token(page)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(Error('no')); }")

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("button", name="Selected")).to_be_visible()
    assert page.evaluate("document.getSelection().toString()") == secret


@SCRIPTS
def test_a_wrong_login_is_told_at_its_field_and_a_right_one_is_listed(visit, scripts):
    page = visit("account", java_script_enabled=scripts)

    store_login(page, host="not a host")
    expect(page.locator("#form-errors")).to_be_focused()
    expect(page.get_by_label("Host")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Password or token")).to_have_value("")
    store_login(page)

    expect(page.get_by_role("listitem").filter(has_text="kepler")).to_contain_text("never used")
    assert "harmonices" not in page.content()


def test_the_pages_are_accessible_and_fit(visit):
    page = visit()
    make_token(page, label="nightly harvest of every new observation of the telescope")
    check_every_look(page)
    page.goto("account")
    store_login(page)
    check_every_look(page)
    page.get_by_role("link", name="Revoke").click()
    check_every_look(page)
    page.goto("account")
    store_login(page, host="not a host")
    check_every_look(page)

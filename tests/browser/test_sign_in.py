"""Signing in, working and signing out in a real browser, at a real provider that ends sessions."""

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE
from tests.browser.test_design import AXE_RULES
from tests.browser.watch import Watch
from tests.services.oidc import CLIENT_SECRET
from tests.services.oidc import oidc_provider
from tests.test_portal_up import free_port
from tests.test_portal_up import portal

pytestmark = pytest.mark.browser

NARROW = {"width": 320, "height": 640}
SETTINGS = """
acceptable_use = "Be kind to archives.\\n\\nAsk for what you need."

[[identity_providers]]
id = "iam"
title = "The Institute"
issuer = "{issuer}"
client_id = "portal"
scopes = ["openid", "profile", "email", "offline_access"]
archive_team_groups = ["escape/ada"]
"""


@pytest.fixture(scope="module")
def port():
    """Return the port of the portal, which the provider has to know before it starts."""
    return free_port()


@pytest.fixture(scope="module")
def institute(port):
    with oidc_provider(f"http://127.0.0.1:{port}/") as provider:
        yield provider


@pytest.fixture(scope="module")
def running(tmp_path_factory, institute, port):
    """A portal whose people sign in there: its process, and its address."""
    folder = tmp_path_factory.mktemp("portal")
    config = folder / "portal.toml"
    config.write_text(SETTINGS.format(issuer=institute.issuer))
    more = {"PORTAL_CONFIG": str(config), "PORTAL_IDENTITY_SECRETS__IAM": CLIENT_SECRET}
    with portal(folder / "instance", port, **more) as started:
        yield started


class TwoSites(Watch):
    """Watches a visitor of the portal, who also goes to the provider."""

    def __init__(self, context, root, issuer):
        self._issuer = issuer
        super().__init__(context, root)

    def _follow(self, request):
        if not request.url.startswith(f"{self._issuer}/"):
            super()._follow(request)


@pytest.fixture
def visit(chromium, running, institute):
    """Return a function that opens a page for a new visitor; nothing may go wrong on it."""
    watches = []

    def open_(path="./", **options):
        context = chromium.new_context(base_url=running[1], **options)
        context.set_default_timeout(PATIENCE)
        watches.append((context, TwoSites(context, running[1], institute.issuer)))
        page = context.new_page()
        page.goto(path)
        return page

    yield open_
    for context, _ in watches:
        context.close()
    assert [complaint for _, watch in watches for complaint in watch.complaints] == []


def sign_in(page, user):
    page.get_by_role("banner").get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name="Sign in with The Institute").click()
    page.get_by_label("User").fill(user)
    page.get_by_role("button", name="Enter").click()


def accept(page):
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Accept and sign in").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_somebody_signs_in_has_what_was_there_and_signs_out_of_both(visit, scripts):
    user = "ada" if scripts else "grace"
    page = visit("account", java_script_enabled=scripts)
    page.get_by_label("What is it for?").fill("notebook")
    page.get_by_role("button", name="Make a token").click()
    page.goto("account")
    page.get_by_label("Host").fill("archive.example.org")
    page.get_by_label("Password or token").fill("harmonices mundi")
    page.get_by_role("button", name="Store the login").click()
    expect(page.get_by_role("listitem").filter(has_text="archive.example.org")).to_be_visible()

    sign_in(page, user)
    expect(page.get_by_role("heading", name="Acceptable use")).to_be_visible()
    accept(page)

    expect(page.get_by_role("heading", name="Account")).to_be_visible()
    expect(page.locator("#who")).to_contain_text(f"{user}@iam.example.org")
    expect(page.locator("#who")).to_contain_text("archive team" if scripts else "Signed in")
    expect(page.get_by_role("listitem").filter(has_text="archive.example.org")).to_be_visible()
    expect(page.get_by_text("made in this browser before have ended")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    if not scripts:
        page.get_by_role("link", name="Sign out at The Institute").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
    page.goto("account")
    expect(page.get_by_text("You have no tokens.")).to_be_visible()


def test_a_session_that_ends_at_the_institute_ends_here(visit, institute):
    page = visit("account")
    sign_in(page, "emmy")
    accept(page)
    expect(page.locator("#who")).to_contain_text("emmy@iam.example.org")

    elsewhere = page.context.new_page()
    elsewhere.goto(f"{institute.issuer}/session/end")
    elsewhere.get_by_role("button", name="Yes, sign me out").click()

    page.reload()
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()


def test_a_program_is_let_in_by_its_code(visit, running):
    begun = requests.post(
        f"{running[1]}device/authorization", data={"client_name": "my notebook"}, timeout=30
    ).json()
    page = visit("device")
    page.get_by_label("Code").fill(begun["user_code"].lower())
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="Sign in first").click()
    page.get_by_role("link", name="Sign in with The Institute").click()
    page.get_by_label("User").fill("vera")
    page.get_by_role("button", name="Enter").click()
    accept(page)
    page.get_by_role("button", name="Let it act for me").click()

    expect(page.locator("#notices")).to_contain_text("The program gets its token now.")
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    form = {"grant_type": grant, "device_code": begun["device_code"]}
    token = requests.post(f"{running[1]}device/token", data=form, timeout=30).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    answer = requests.get(f"{running[1]}account", headers=headers, timeout=30)
    assert "vera@iam.example.org" in answer.text


def test_the_pages_are_accessible_and_fit(visit):
    page = visit("login", viewport=NARROW, color_scheme="dark")

    def check():
        found = Axe().run(page, options=AXE_RULES)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    check()
    sign_in(page, "somebody-with-a-name-that-is-long")
    check()
    accept(page)
    page.emulate_media(color_scheme="light")
    for address in ("account", "account/delete", "device"):
        page.goto(address)
        check()
    page.goto("account")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    check()

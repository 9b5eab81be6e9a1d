"""A browser, a portal as its one command starts it, and visitors whose every page is watched."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect
from playwright.sync_api import sync_playwright

from tests.browser.screenshots import CHROMIUM
from tests.browser.watch import Watch
from tests.test_portal_up import free_port
from tests.test_portal_up import portal

PATIENCE = 30_000  # milliseconds, for machines that do other things as well
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Where nobody watches, try a failed test in the browser once more, and list it as RERUN.

    A fault of the portal fails twice. What passes the second time is still to be looked into.
    """
    if "CI" not in os.environ:
        return
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="module")
def chromium():
    """A browser; it cannot outlive the module, because its event loop would stop others'."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """A portal for all modules that need no settings of their own."""
    with portal(tmp_path_factory.mktemp("portal"), free_port(), PORTAL_JOB_LEASE="3") as started:
        yield started


@pytest.fixture(scope="module")
def running(shared):
    """A portal: its process, and its address with a slash at the end. Modules may replace it."""
    return shared


@pytest.fixture
def visit(chromium, running):
    """Return a function that opens a page for a new visitor; nothing may go wrong on it.

    Addresses are relative to the portal's, as its links would be.
    """
    watches = []

    def open_(path="./", **options):
        context = chromium.new_context(base_url=running[1], **options)
        context.set_default_timeout(PATIENCE)
        watches.append((context, Watch(context, running[1])))
        page = context.new_page()
        page.goto(path)
        return page

    yield open_
    for context, _ in watches:
        context.close()
    assert [complaint for _, watch in watches for complaint in watch.complaints] == []

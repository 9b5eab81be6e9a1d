"""An archive that is described in TOML, in a browser and against a real service."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.steps import column
from tests.browser.steps import expect_count
from tests.browser.steps import expect_phase
from tests.browser.steps import open_rows
from tests.browser.steps import put_into_basket
from tests.browser.steps import send
from tests.browser.test_design import AXE_RULES
from tests.services.fixtures import dachs  # noqa: F401 - a fixture
from tests.test_portal_up import free_port
from tests.test_portal_up import portal

pytestmark = [pytest.mark.browser, pytest.mark.peers]
DESCRIPTION = """
[[archives]]
id = "lab"
title = "The laboratory"
description = "Observations of two surveys."
institute = "Test Institute"
retrieval = "By post."
links = [{{ title = "At home", url = "https://lab.example.org/" }}]

[[archives.queries]]
id = "obs"
title = "Observations"
service = "tap"
access_url = "{url}/tap"
table = "ivoa.obscore"
cone = {{ ra = "s_ra", dec = "s_dec", radius = 30 }}

[[archives.queries.fields]]
name = "survey"
title = "Survey"
type = "choice"
column = "obs_collection"
default = "zephyr-dr1"
choices = [{{ value = "all", title = "All", any = true }}, "zephyr-dr1", "breeze-dr2"]

[[archives.datasets]]
id = "breeze"
title = "Breeze"
description = "The second survey."
query = "obs"
parameters = {{ survey = "breeze-dr2" }}
category = "images"
level = "processed"
collection = "breeze-dr2"
coverage = "0/0-11"
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory, dachs):  # noqa: F811 - a fixture
    """A portal with two descriptions, of which one is wrong."""
    folder = tmp_path_factory.mktemp("archives")
    good = DESCRIPTION.format(url=dachs.url)
    (folder / "lab.toml").write_text(good, encoding="utf-8")
    (folder / "wrong.toml").write_text(good.replace("institute", "institut"), encoding="utf-8")
    settings = {
        "PORTAL_ARCHIVE_FILES": str(folder),
        "PORTAL_REMOTE_ALLOW": "127.0.0.1",
        "PORTAL_SCHEDULES": "false",
    }
    with portal(tmp_path_factory.mktemp("portal"), free_port(), **settings) as started:
        yield started


@pytest.mark.parametrize("scripts", [True, False])
def test_the_way_from_a_data_set_to_the_basket(visit, scripts):
    page = visit("archives", java_script_enabled=scripts)
    page.get_by_role("link", name="The laboratory", exact=True).click()
    expect(page.get_by_text("By post.")).to_be_visible()
    expect(page.get_by_text("Collection: breeze-dr2 · Coverage: 100 % of the sky")).to_be_visible()
    if scripts:
        results = Axe().run(page, options=AXE_RULES)
        assert results.violations_count == 0, results.generate_report()

    page.get_by_role("link", name="Breeze", exact=True).click()
    expect(page.get_by_label("Survey")).to_have_value("breeze-dr2")
    send(page, position="180 0")
    expect_phase(page, "Completed")
    open_rows(page)
    assert set(column(page, "obs_collection")) == {"breeze-dr2"}
    titles = column(page, "obs_title")
    put_into_basket(page, 0)
    expect_count(page, 1)
    page.get_by_role("link", name="Basket").click()
    assert page.locator("tbody th").all_inner_texts() == [titles[0]]


def test_the_file_that_is_wrong_is_named_with_its_line(visit):
    page = visit("plugins")

    expect(page.get_by_text("set aside: line 6: institut: there is no such key")).to_be_visible()
    expect(page.get_by_text("is it institute?")).to_be_visible()

"""Baskets in a browser: with scripts, without them, on a phone and in the dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_design import AXE_RULES

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)> " + "long" * 40


def check_access(page):
    results = Axe().run(page, options=AXE_RULES)
    assert results.violations_count == 0, results.generate_report()


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def make_basket(page, name):
    page.goto("baskets")
    page.get_by_label("Name of a new basket").fill(name)
    page.get_by_role("button", name="Make a basket").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def add(page, url, title):
    page.get_by_text("Add an address").click()
    page.get_by_label("Address of a file").fill(url)
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Put it into this basket").click()
    expect(page.get_by_role("status")).to_contain_text("put into the basket")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_basket_is_filled_searched_emptied_and_restored(visit, scripts):
    page = visit("baskets", java_script_enabled=scripts)
    make_basket(page, "First")
    add(page, "https://data.example/a.fits", HOSTILE)
    make_basket(page, "Second")
    add(page, "https://data.example/b.fits", "B")
    add(page, "https://data.example/c.fits", "C")
    expect(page.locator("#basket-count")).to_contain_text("Second")

    page.get_by_label("Search in this basket").fill("c.fits")
    page.get_by_label("Search in this basket").press("Enter")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("link", name="C", exact=True)).to_be_visible()
    page.get_by_label("C", exact=True).check()
    page.get_by_label("Basket to move ticked items to").select_option("First")
    page.get_by_role("button", name="Move ticked items there").click()
    expect(page.get_by_role("status")).to_contain_text("1 item moved to First.")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Undone")
    expect(page.get_by_role("link", name="C", exact=True)).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_pages_of_baskets_are_accessible_and_fit(visit, width, scheme):
    page = visit("baskets", viewport={"width": width, "height": 800}, color_scheme=scheme)
    check_access(page)
    make_basket(page, "Mine")
    add(page, "https://data.example/a.fits", HOSTILE)
    check_access(page)
    assert fits(page)
    page.get_by_role("link", name="<img").click()
    check_access(page)
    assert fits(page)
    for link in ("Share", "History"):
        page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Mine").click()
        page.get_by_role("link", name=link).click()
        check_access(page)
        assert fits(page)
    page.goto("account/esap-tokens")
    check_access(page)

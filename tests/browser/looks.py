"""One page in every look: light, dark, and on a narrow screen."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]
OF_SIZES = ["target-size", "scrollable-region-focusable", *OF_COLOURS]
WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 320, "height": 640}
SETTLED = "document.getAnimations().forEach(one => one instanceof CSSTransition && one.finish())"


def check_every_look(page: Page) -> None:
    """Fail for a page that somebody cannot read, whatever his screen; it is left wide and light.

    What does not depend on the look is looked at once.
    """
    for scheme, size, only in (
        ("dark", WIDE, OF_COLOURS),
        ("light", NARROW, OF_SIZES),
        ("light", WIDE, RULES),
    ):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        page.evaluate(SETTLED)
        found = Axe().run(page, options={"runOnly": only})
        where = f"{page.url} {scheme} {size['width']}"
        assert found.violations_count == 0, f"{where}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where

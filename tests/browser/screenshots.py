"""Take pictures of pages in light, dark and on a phone: screenshots.py FOLDER URL..."""

import re
import sys
from pathlib import Path

from playwright.sync_api import Browser
from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
LOOKS = {
    "light": {"viewport": WIDE, "color_scheme": "light"},
    "dark": {"viewport": WIDE, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "color_scheme": "light"},
}


def take(browser: Browser, url: str, folder: Path) -> list[Path]:
    """Return the pictures of one page, in every look, from its top to its end."""
    name = re.sub(r"\W+", "-", url.partition("://")[2].partition("/")[2]).strip("-") or "home"
    pictures = []
    for look, options in LOOKS.items():
        page = browser.new_page(**options)
        page.goto(url)
        page.wait_for_load_state("load")
        path = folder / f"{name}-{look}.png"
        page.screenshot(path=path, full_page=True)
        page.close()
        pictures.append(path)
    return pictures


def main() -> None:
    """Take the pictures of the pages named on the command line."""
    folder, urls = Path(sys.argv[1]), sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        for url in urls:
            for path in take(browser, url, folder):
                sys.stdout.write(f"{path}\n")
        browser.close()


if __name__ == "__main__":
    main()

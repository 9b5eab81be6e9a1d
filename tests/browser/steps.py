"""What a visitor does on the way from a question to the basket."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import expect
from playwright.sync_api import Page

CONE = "archives/files/query.files-cone"
ADQL = "archives/files/query.files-adql"
VIRGO = {"position": "187.7059 12.3911", "sr": "5"}
ENDLESS = (
    "SELECT COUNT(*) AS n FROM files.openngc AS a, files.openngc AS b, files.openngc AS c "
    "WHERE a.ra + b.dec > c.ra"
)


def send(page: Page, **values: str) -> None:
    """Fill in the form of a query, and send it."""
    for name, value in values.items():
        page.locator(f"#field-{name}").fill(value)
    page.get_by_role("button", name="Search", exact=True).click()


def ask(page: Page, form: str, **values: str) -> str:
    """Make a job by a form, and return the address of its page."""
    page.goto(form)
    send(page, **values)
    page.wait_for_url("**/jobs/*")
    return page.url


def expect_phase(page: Page, phase: str) -> None:
    """Wait until the page of a job says this phase."""
    expect(page.locator("#standing .phase")).to_have_text(phase)


def open_rows(page: Page) -> None:
    """Go from the page of a job to its rows."""
    page.locator("#job").get_by_role("link", name=re.compile(r"\d rows?$")).click()
    expect(page).to_have_title(re.compile("Rows of"))


def column(page: Page, name: str) -> list[str]:
    """Return the texts that a column of the table shows."""
    heads = page.locator("#rows-table thead th")
    names = [text.split("\n")[0].strip() for text in heads.all_inner_texts()]
    cells = page.locator(f"#rows-table tbody tr > :nth-child({names.index(name) + 1})")
    return cells.all_inner_texts()


def sort_by(page: Page, name: str) -> None:
    """Sort the rows by a column, the smallest first."""
    page.get_by_role("link", name=name, exact=True).click()
    head = page.get_by_role("columnheader", name=name)
    expect(head.first).to_have_attribute("aria-sort", "ascending")


def put_into_basket(page: Page, *places: int) -> None:
    """Tick the rows at these places of the page, and put them into the basket."""
    for place in places:
        page.locator("[name=row]").nth(place).check()
    page.get_by_role("button", name="Put ticked rows").click()
    expect(page.locator("#notices")).to_contain_text("put into the basket")


def expect_count(page: Page, count: int) -> None:
    """Wait until the navigation says how many items the basket holds."""
    expect(page.locator("#basket-count")).to_have_text(re.compile(rf"^{count} items?$"))


def tab_to(page: Page, selector: str, *, key: str = "Tab") -> None:
    """Press a key until the element has the focus, as somebody without a mouse does."""
    for _ in range(200):
        if page.locator(f":is({selector}):focus").count():
            return
        page.keyboard.press(key)
    raise AssertionError(f"{selector} cannot be reached by {key}")


def wait_for_editors(page: Page) -> None:
    """Wait until the editors of a page are loaded: a page that is left earlier cuts that off."""
    count = page.locator("adql-editor").count()
    expect(page.locator("adql-editor .cm-content")).to_have_count(count)


@contextmanager
def documents(page: Page) -> Iterator[list[str]]:
    """Collect the addresses of the documents that are loaded meanwhile."""
    loaded: list[str] = []

    def note(request) -> None:
        if request.resource_type == "document":
            loaded.append(request.url)

    page.on("request", note)
    yield loaded
    page.remove_listener("request", note)

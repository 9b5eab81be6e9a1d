"""The design in a real browser: every part on one page, in every look, and the conveniences."""

import threading
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import render_template
from flask import render_template_string
from jinja2 import ChoiceLoader
from jinja2 import FileSystemLoader
from playwright.sync_api import expect
from werkzeug.datastructures import MultiDict
from werkzeug.serving import make_server

from portal import htmx
from portal.parameters import Adql
from portal.parameters import FieldError
from portal.parameters import form_fields
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.parameters import Position
from portal.problems import TransientError
from portal.uws.phases import ExecutionPhase
from tests.browser.steps import wait_for_editors

pytestmark = pytest.mark.browser

PATHS = ("/gallery", "/", "/no-such-page")
LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "narrow": {"viewport": {"width": 320, "height": 640}},
}
AXE_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
SWAPS = """
{% extends "base.html" %}
{% block title %}Swaps{% endblock %}
{% block main %}
<h1>Swaps</h1>
<button id="again" hx-get="/part" hx-target="#part" hx-swap="outerHTML">Again</button>
<button id="fail" hx-get="/fail" hx-target="#part" hx-swap="outerHTML">Fail</button>
<form id="form" hx-post="/refuse" hx-target="#part" hx-swap="outerHTML"><button>Send</button></form>
<button id="fill" hx-post="/fill" hx-swap="none">Fill</button>
{% include "part.html" %}
{% endblock %}
"""
PART = """
<div id="part" data-count="{{ count }}">
  <details id="more"><summary>More</summary><p>Text</p></details>
  <div class="table-scroll" id="wide" tabindex="0" role="region" aria-label="Wide">
    <table class="data"><tbody><tr>{% for n in range(80) %}<td>{{ n }} wide</td>{% endfor %}</tr>
    </tbody></table>
  </div>
  <label>Name <input id="name" name="name"></label>
</div>
"""


class Everything(Parameters):
    target: Position = parameter(title="Position", description="ICRS, in degrees.")
    radius: float = parameter(0.5, title="Radius", unit="deg", ge=0, le=90)
    bands: list[str] = parameter([], title="Wavebands")
    verbose: bool = parameter(False, title="All columns", description="Otherwise the main ones.")
    adql: Adql = parameter(title="ADQL", description="One SELECT statement.")


def add_pages(app):
    """Add the gallery, and a page whose parts are swapped in every way."""
    gallery = FileSystemLoader(Path(__file__).parent)
    app.jinja_env.loader = ChoiceLoader([app.jinja_env.loader, gallery])
    counter = iter(range(1000))

    def part(status=200):
        return render_template_string(PART, count=next(counter)), status

    def fail():
        raise TransientError("The archive is closed for the night.")

    def swaps():
        return render_template_string(
            SWAPS.replace('{% include "part.html" %}', PART), count=next(counter)
        )

    def show_gallery():
        return render_template(
            "gallery.html.j2",
            phases=list(ExecutionPhase),
            fields=form_fields(Everything),
            values=MultiDict([("target", "here"), ("radius", "2"), ("bands", "radio")]),
            errors=[FieldError(name="target", message="give two numbers")],
            action="/sent",
            submit="Ask",
            request_key="key",
        )

    def sent():
        return "<!doctype html><title>Sent</title><p>Sent"

    def fill():
        return htmx.trigger(app.make_response(""), "basket-changed")

    for path, view in {
        "/gallery": show_gallery,
        "/swaps": swaps,
        "/part": part,
        "/fail": fail,
        "/refuse": lambda: part(422),
        "/fill": fill,
        "/sent": sent,
    }.items():
        app.add_url_rule(path, path, view, methods=["GET", "POST"])


@pytest.fixture
def server(app):
    app.config["WTF_CSRF_ENABLED"] = True
    add_pages(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def address(server):
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def open_page(chromium, address):
    """Return a function that opens a page, which may break neither the policy nor a script."""
    complaints, contexts = [], []

    def note(message):
        if "Content Security Policy" in message.text:
            complaints.append(message.text)

    def open_(path, **options):
        context = chromium.new_context(base_url=address, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        if options.get("java_script_enabled", True):
            wait_for_editors(page)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("look", LOOKS)
def test_every_part_is_accessible_in_every_look(open_page, look):
    page = open_page("/gallery", **LOOKS[look])
    for path in PATHS:
        page.goto(path)
        wait_for_editors(page)
        results = Axe().run(page, options=AXE_RULES)
        assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("path", PATHS)
def test_no_page_is_wider_than_the_screen(open_page, path):
    page = open_page(path)
    for width in (320, 360, 768, 1920):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_names_of_columns_stay_while_rows_scroll(open_page):
    page = open_page("/gallery")
    region = page.get_by_role("region", name="Rows")
    before = region.locator("thead").bounding_box()
    region.evaluate("region => region.scrollTop = 200")
    assert region.locator("th").first.bounding_box()["y"] == pytest.approx(before["y"], abs=2)


def test_the_keyboard_reaches_the_content_first(open_page):
    page = open_page("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_an_error_summary_has_the_focus_and_leads_to_the_field(open_page):
    page = open_page("/gallery")
    expect(page.locator("#form-errors")).to_be_focused()
    page.locator("#form-errors").get_by_role("link", name="Position").click()
    expect(page.get_by_label("Position")).to_be_focused()


def test_one_box_ticks_all_rows_and_shows_when_only_some_are(open_page):
    page = open_page("/gallery")
    every, rows = page.get_by_label("All rows on this page"), page.locator("[name=row]")
    assert every.evaluate("box => box.indeterminate")
    every.check()
    for row in rows.all():
        expect(row).to_be_checked()
    rows.first.uncheck()
    assert every.evaluate("box => box.indeterminate && !box.checked")
    rows.first.check()
    expect(every).to_be_checked()


def test_control_and_enter_send_the_query(open_page):
    page = open_page("/gallery")
    page.locator("#field-adql").fill("SELECT 1")
    with page.expect_navigation(url="**/sent"):
        page.keyboard.press("Control+Enter")


def test_a_notice_can_be_dismissed_and_the_focus_is_not_lost(open_page):
    page = open_page("/gallery")
    notices = page.locator(".notice:has([data-dismiss])")
    count = notices.count()
    notices.first.get_by_role("button", name="Dismiss").click()
    expect(notices).to_have_count(count - 1)
    expect(page.locator("main")).to_be_focused()


def test_a_swap_keeps_what_was_open_scrolled_and_focused(open_page):
    page = open_page("/swaps")
    page.get_by_text("More").click()
    page.locator("#wide").evaluate("region => region.scrollLeft = 300")
    page.get_by_label("Name").focus()
    page.evaluate("document.getElementById('again').click()")
    expect(page.locator("#part")).to_have_attribute("data-count", "1")
    expect(page.get_by_text("Text")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_focused()
    assert page.locator("#wide").evaluate("region => region.scrollLeft") == 300


def test_a_refused_form_is_swapped(open_page):
    page = open_page("/swaps")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#part")).to_have_attribute("data-count", "1")


def test_an_error_is_said_above_the_content_that_stays(open_page):
    page = open_page("/swaps")
    page.get_by_role("button", name="Fail").click()
    expect(page.get_by_role("status")).to_contain_text("The archive is closed for the night.")
    expect(page.locator("#part")).to_have_attribute("data-count", "0")
    expect(page).to_have_title("Swaps · Archive portal")


def test_a_request_without_any_answer_is_said_until_one_arrives(open_page):
    page = open_page("/swaps")
    page.context.set_offline(True)
    page.get_by_role("button", name="Again").click()
    expect(page.get_by_role("status")).to_contain_text("did not answer")
    page.context.set_offline(False)
    page.get_by_role("button", name="Again").click()
    expect(page.get_by_role("status")).to_have_text("")


def test_the_basket_is_counted_again_when_a_swap_has_changed_it(open_page):
    page = open_page("/swaps")
    with page.expect_response("**/basket/count"):
        page.get_by_role("button", name="Fill").click()
    expect(page.get_by_role("link", name="Basket")).to_have_text("Basket 0 items")


def test_without_scripts_there_is_nothing_that_needs_them(open_page):
    page = open_page("/gallery", java_script_enabled=False)
    expect(page.get_by_role("button", name="Dismiss")).to_have_count(0)
    expect(page.get_by_label("All rows on this page")).to_be_hidden()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page).to_have_title("Sent")

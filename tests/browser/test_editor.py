"""The ADQL editor in a real browser: colours, completion, mending, tabs, and life without it."""

import re
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from werkzeug.serving import make_server

from tests.browser.screenshots import LOOKS
from tests.browser.test_design import AXE_RULES
from tests.browser.watch import AN_ERROR_PAGE
from tests.support import observatory

pytestmark = pytest.mark.browser
FORM = "/archives/observatory/query.observatory"


@pytest.fixture
def plugins():
    return [("observatory", observatory)]


@pytest.fixture
def server(app):
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_form(chromium, server):
    """Return a function that opens the form, which may break neither the policy nor a script."""
    complaints, contexts = [], []

    def note(message):
        if message.type in ("error", "warning") and not message.text.startswith(AN_ERROR_PAGE):
            complaints.append(message.text)

    def open_(address=FORM, **options):
        root = f"http://127.0.0.1:{server.server_port}"
        context = chromium.new_context(base_url=root, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def editor(page):
    """Return the editor, once it is there."""
    return page.locator("adql-editor .cm-content")


def text(page):
    """Return what the form would send, as the editor keeps it in the field."""
    return page.locator("textarea[name=query]").input_value()


def offers(page):
    """Return the list of completions; other fields have options as well."""
    return page.locator(".cm-tooltip-autocomplete")


def write(page, query):
    editor(page).click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(query)


def test_a_query_is_coloured_and_the_field_has_the_same_text(open_form):
    page = open_form()
    write(page, "SELECT TOP 5 'a' FROM sky.objects -- all")
    colours = {
        words: editor(page)
        .get_by_text(words, exact=True)
        .evaluate("e => getComputedStyle(e).color")
        for words in ("SELECT", "5", "'a'", "-- all")
    }
    assert len(set(colours.values())) == 4
    assert text(page) == "SELECT TOP 5 'a' FROM sky.objects -- all"


def test_typing_over_coloured_text_breaks_no_policy(open_form):
    page = open_form(FORM + "?query=SELECT+ra")
    editor(page).click()
    page.keyboard.press("Control+A")
    page.keyboard.type("x", delay=20)
    assert text(page) == "x"


def test_the_field_that_had_the_focus_before_the_editor_came_passes_it_on(open_form):
    page = open_form("/archives/observatory")
    page.route(
        "**/codemirror.min.js", lambda route: (page.wait_for_timeout(300), route.continue_())
    )
    page.goto(FORM)
    page.locator("#field-query").focus()
    expect(editor(page)).to_be_focused()
    expect(page.get_by_role("textbox", name="ADQL")).to_have_count(1)
    page.unroute_all()


def test_a_column_is_completed_while_it_is_typed(open_form):
    page = open_form()
    write(page, "SELECT  FROM sky.objects AS o")
    page.keyboard.press("Home")
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    page.keyboard.type("o.red", delay=20)
    option = offers(page).get_by_role("option", name=re.compile("redshift"))
    expect(option).to_be_visible()
    expect(option).to_contain_text("src.redshift")
    expect(option).to_have_attribute("aria-selected", "true")
    page.wait_for_timeout(100)  # keys right after the list opens are meant for the text
    page.keyboard.press("Enter")
    assert text(page) == "SELECT o.redshift FROM sky.objects AS o"


def test_tables_are_offered_after_from_and_quoted(open_form):
    page = open_form()
    write(page, "SELECT * ")
    page.keyboard.type("FROM ", delay=20)
    expect(offers(page).get_by_role("option")).to_have_count(2)
    page.wait_for_timeout(100)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert text(page) == 'SELECT * FROM "sky/plates"'


def test_a_slip_is_underlined_and_mended_by_the_keyboard(open_form):
    page = open_form()
    write(page, "SELECT TOP 5 redshft FROM sky.objects")
    expect(page.locator(".cm-lintRange-error")).to_have_text("redshft")
    expect(page.get_by_role("status").filter(has_text="Did you mean redshift?")).to_be_visible()
    page.keyboard.press("Control+.")
    assert text(page) == "SELECT TOP 5 redshift FROM sky.objects"
    expect(page.locator(".cm-lintRange-error")).to_have_count(0)


def test_places_and_fixes_are_right_behind_characters_of_two_units(open_form):
    page = open_form()
    write(page, "SELECT TOP 5 '𝛼𝛽' AS a, redshft FROM sky.objects")
    expect(page.locator(".cm-lintRange-error")).to_have_text("redshft")
    page.keyboard.press("Control+.")
    assert text(page) == "SELECT TOP 5 '𝛼𝛽' AS a, redshift FROM sky.objects"


def test_check_lists_what_was_found_with_its_fixes(open_form):
    page = open_form()
    write(page, "SELECT redshft, man_id FROM sky.objects")
    page.get_by_role("button", name="Check").click()
    findings = page.get_by_role("list", name="What the check found").get_by_role("listitem")
    expect(findings.filter(has_text="redshft")).to_be_visible()
    expect(findings).to_have_count(2)
    findings.filter(has_text="redshft").get_by_role("button", name="redshift").click()
    assert text(page) == "SELECT redshift, man_id FROM sky.objects"
    expect(page.get_by_role("status").filter(has_text="man_id")).to_be_visible()
    expect(findings).to_have_count(0)


def test_check_says_when_nothing_is_wrong(open_form):
    page = open_form()
    write(page, "SELECT TOP 5 ra FROM sky.objects")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("status").filter(has_text="Nothing wrong")).to_be_visible()


def test_format_lays_the_query_out_and_can_be_undone(open_form):
    page = open_form()
    write(page, "select ra from sky.objects where ra > 1")
    page.get_by_role("button", name="Format").click()
    expect(page.locator("textarea[name=query]")).to_have_value(
        "SELECT ra\nFROM sky.objects\nWHERE ra > 1"
    )
    page.keyboard.press("Control+Z")
    assert text(page) == "select ra from sky.objects where ra > 1"


def test_control_and_enter_send_what_was_written(open_form):
    page = open_form()
    write(page, "SELECT TOP 5 ra FROM sky.objects")
    with page.expect_navigation(url="**/jobs/*"):
        page.keyboard.press("Control+Enter")
    expect(page.locator("#main")).to_contain_text("SELECT TOP 5 ra FROM sky.objects")


def test_a_portal_that_does_not_answer_is_in_nobodys_way(open_form):
    page = open_form()
    for what in ("check", "complete"):
        page.route(f"**/{what}*", lambda route: route.fulfill(status=400, json={}))
    write(page, "SELECT TOP 5 ra FROM sky.objects WHERE ra > 1 AND r")
    page.keyboard.type("a", delay=20)
    page.wait_for_timeout(700)
    assert text(page).endswith("AND ra")
    page.unroute_all()


def test_tab_leaves_the_editor_in_both_directions(open_form):
    page = open_form()
    editor(page).focus()
    page.keyboard.press("Tab")
    expect(editor(page)).not_to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(editor(page)).to_be_focused()


def test_the_label_and_the_list_of_errors_lead_into_the_editor(open_form):
    page = open_form()
    page.locator("label", has_text="ADQL").click()
    expect(editor(page)).to_be_focused()
    write(page, "")
    page.get_by_role("button", name="Search", exact=True).click()
    page.locator("#form-errors").get_by_role("link", name="ADQL").click()
    expect(editor(page)).to_be_focused()
    expect(editor(page)).to_have_attribute("aria-invalid", "true")


FILL = "(field, text) => { field.value = text; field.dispatchEvent(new Event('input')); }"


def test_a_script_that_fills_the_field_fills_the_editor(open_form):
    page = open_form(FORM + "?query=SELECT+1")
    expect(editor(page)).to_have_text("SELECT 1")
    page.locator("#field-query").evaluate(FILL, "SELECT ra FROM sky.objects")
    expect(editor(page)).to_have_text("SELECT ra FROM sky.objects")
    assert text(page) == "SELECT ra FROM sky.objects"


def test_several_queries_are_kept_in_tabs_and_are_there_again(open_form):
    page = open_form()
    write(page, "SELECT 1 FROM a")
    page.get_by_role("button", name="New query").click()
    expect(editor(page)).to_have_text("")
    page.keyboard.insert_text("SELECT 2 FROM b")
    page.get_by_role("button", name="Query 1").click()
    assert text(page) == "SELECT 1 FROM a"
    page.goto(FORM)
    expect(editor(page)).to_have_text("SELECT 1 FROM a")
    page.get_by_role("button", name="Query 2").click()
    assert text(page) == "SELECT 2 FROM b"
    page.get_by_role("button", name="Close query 2").click()
    expect(page.get_by_role("button", name="Query 1")).to_have_count(0)
    assert text(page) == "SELECT 1 FROM a"


def test_completions_that_come_late_do_not_reach_the_query_of_another_tab(open_form):
    page = open_form()
    held = []

    def hold(route):
        held.append(route)

    page.route("**/complete*", hold)
    write(page, "SELECT 1 FROM a")
    page.wait_for_timeout(300)
    page.get_by_role("button", name="New query").click()
    page.keyboard.insert_text("SELECT 2")
    for route in held:
        route.continue_()
    page.wait_for_timeout(300)
    page.keyboard.insert_text(" FROM b")
    assert text(page) == "SELECT 2 FROM b"
    expect(offers(page).get_by_role("option")).to_have_count(0)


def test_an_empty_query_does_not_hide_the_one_that_was_open(open_form):
    page = open_form()
    write(page, "SELECT 1 FROM a")
    page.get_by_role("button", name="New query").click()
    page.get_by_role("button", name="Query 1").click()
    page.goto(FORM)
    expect(editor(page)).to_have_text("SELECT 1 FROM a")


def test_a_link_with_a_query_opens_a_tab_and_loses_none(open_form):
    page = open_form()
    write(page, "SELECT 1 FROM a")
    page.get_by_role("link", name="Ten objects").click()
    expect(editor(page)).to_contain_text("SELECT TOP 10 main_id")
    page.get_by_role("button", name="Query 1").click()
    assert text(page) == "SELECT 1 FROM a"


def test_a_query_is_saved_under_a_name_by_the_keyboard(open_form):
    page = open_form()
    write(page, "SELECT TOP 5 ra FROM sky.objects")
    page.get_by_text("Save this query").click()
    page.get_by_label("Name").fill("Five positions")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved query: Five positions")).to_be_visible()
    expect(editor(page)).to_have_text("SELECT TOP 5 ra FROM sky.objects")
    assert_accessible(page)
    page.goto("/queries")
    assert_accessible(page)
    page.get_by_role("link", name="Delete Five positions").click()
    assert_accessible(page)


@pytest.mark.parametrize("look", LOOKS)
def test_the_editor_is_accessible_with_its_list_and_its_findings(open_form, look):
    page = open_form(**LOOKS[look])
    write(page, "SELECT redshft, man_id, 'a', 1 FROM sky.objects -- all")
    expect(page.locator(".cm-lintRange-error")).to_have_count(2)
    page.get_by_role("button", name="New query").click()
    page.get_by_role("button", name="Query 1").click()
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("list", name="What the check found")).to_contain_text("redshft")
    assert_accessible(page)
    write(page, "SELECT * ")
    page.keyboard.type("FROM ", delay=20)
    expect(offers(page).get_by_role("option")).to_have_count(2)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= LOOKS[look]["viewport"]["width"]


def assert_accessible(page):
    results = Axe().run(page, options=AXE_RULES)
    found = [(one["id"], one["nodes"]) for one in results.response["violations"]]
    assert found == []


def test_without_scripts_the_field_checks_mends_and_sends(open_form):
    page = open_form(java_script_enabled=False)
    expect(editor(page)).to_have_count(0)
    page.get_by_label("ADQL").fill("SELECT TOP 5 redshft FROM sky.objects")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#findings")).to_contain_text("Line 1, column 14")
    page.locator("#findings").get_by_role("button", name="redshift").click()
    expect(page.locator("#findings")).to_contain_text("found nothing wrong")
    page.get_by_role("button", name="Format").click()
    expect(page.get_by_label("ADQL")).to_have_value("SELECT TOP 5 redshift\nFROM sky.objects")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page).to_have_url(re.compile("/jobs/"))


def test_where_the_editor_cannot_be_loaded_the_field_stays(chromium, server):
    context = chromium.new_context(base_url=f"http://127.0.0.1:{server.server_port}")
    page = context.new_page()
    page.route("**/codemirror.min.js", lambda route: route.abort())
    page.goto(FORM)
    page.wait_for_load_state("networkidle")
    page.get_by_label("ADQL").fill("SELECT TOP 5 ra FROM sky.objects")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page).to_have_url(re.compile("/jobs/"))
    context.close()

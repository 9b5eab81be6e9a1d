"""Tables, files and positions between the portal in a browser and programs at a real hub."""

import io
import re
import threading
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
import requests
from astropy.io.votable import parse_single_table
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE
from tests.browser.screenshots import CHROMIUM
from tests.browser.steps import ask
from tests.browser.steps import CONE
from tests.browser.steps import expect_phase
from tests.browser.steps import open_rows
from tests.browser.steps import VIRGO
from tests.browser.test_design import AXE_RULES
from tests.services.samp_hub import hub
from tests.services.samp_hub import Program

pytestmark = [pytest.mark.browser, pytest.mark.peers]

HOSTILE = '<img src=x onerror="document.title=1">'
SENT = b"""<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><TABLE>
<FIELD name="name" datatype="char" arraysize="*"/><FIELD name="s_ra" datatype="double"/>
<DATA><TABLEDATA><TR><TD>M 31</TD><TD>10.68</TD></TR><TR><TD></TD><TD></TD></TR></TABLEDATA></DATA>
</TABLE></RESOURCE></VOTABLE>"""


@pytest.fixture(scope="module")
def the_hub(tmp_path_factory):
    with hub(tmp_path_factory.mktemp("hub")) as running_hub:
        yield running_hub


@pytest.fixture
def program(the_hub):
    """Return a function that starts a program at the hub."""
    started = []

    def start(name, *mtypes, **metadata):
        started.append(Program(the_hub[0], name, *mtypes, **metadata))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def shelf():
    """The address of a server of one table, such as a desktop program starts for what it sends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found = self.path == "/table?of=mine&n=1"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(SENT if found else b"")

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/table?of=mine&n=1"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_page(chromium, running):
    """Return a function that opens a page for a new visitor; nothing is ever run from a text."""
    contexts = []

    def open_(path, **options):
        contexts.append(chromium.new_context(base_url=running[1], **options))
        contexts[-1].set_default_timeout(PATIENCE)
        page = contexts[-1].new_page()
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()


def connect(page):
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.locator("[data-status]")).to_contain_text("Connected.")


def is_accessible(page):
    results = Axe().run(page, options=AXE_RULES)
    return results.violations_count == 0 or results.generate_report()


def test_a_result_goes_to_a_program_that_fetches_it_without_our_cookie(open_page, program):
    topcat = program("TOPCAT", "table.load.votable", "coord.pointAt.sky")
    page = open_page(CONE)
    ask(page, CONE, **VIRGO)
    expect_phase(page, "Completed")
    open_rows(page)
    page.get_by_role("link", name="Send them to a program").click()

    page.get_by_role("button", name="Send as VOTable").click()
    expect(page.locator("[data-status]")).to_contain_text("Connect to the hub first.")
    connect(page)
    expect(page.locator("[data-clients]")).to_contain_text("TOPCAT understands tables, positions")
    page.get_by_label("To", exact=True).select_option("TOPCAT")
    page.get_by_role("button", name="Send as VOTable").click()

    mtype, params = topcat.message()
    assert mtype == "table.load.votable"
    answer = requests.get(params["url"], timeout=30)
    table = parse_single_table(io.BytesIO(answer.content)).to_table()
    assert len(table) > 1
    expect(page.locator("[data-status]")).to_contain_text("TOPCAT has taken it.")
    assert is_accessible(page) is True

    page.get_by_role("button", name="Send as FITS").click()
    expect(page.locator("[data-status]")).to_contain_text("nobody who was meant understands this")

    topcat.notify("table.select.rowList", table_id=params["table-id"], row_list=["0", "2"])
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Show them").click()
    expect(opened.value.locator("[name=row]:checked")).to_have_count(2)


def test_ticked_rows_go_as_a_table_and_their_positions_one_by_one(open_page, program):
    aladin = program("Aladin", "table.load.fits", "coord.pointAt.sky", "table.highlight.row")
    page = open_page(CONE)
    ask(page, CONE, **VIRGO)
    expect_phase(page, "Completed")
    open_rows(page)
    page.locator("[name=row]").nth(1).check()
    page.get_by_role("button", name="Send ticked rows").click()
    connect(page)

    page.get_by_role("button", name="Send as FITS").click()
    mtype, params = aladin.message()
    assert mtype == "table.load.fits"
    assert requests.get(params["url"], timeout=30).content.startswith(b"SIMPLE")
    page.get_by_role("button", name="Send position").click()
    mtype, params = aladin.message()
    assert mtype == "coord.pointAt.sky"
    assert abs(float(params["ra"]) - 187.7) < 6
    page.get_by_role("button", name="Highlight").click()
    mtype, params = aladin.message()
    assert (mtype, params["row"]) == ("table.highlight.row", "1")


def test_a_table_that_a_program_sends_becomes_rows_and_items(open_page, program, shelf):
    topcat = program("TOPCAT")
    page = open_page("samp")
    connect(page)

    answer = topcat.call("table.load.votable", url=shelf, name="Mine", table_id="t1")
    assert answer["samp.status"] == "samp.ok"
    hub_element = page.locator("samp-hub")
    most = hub_element.get_attribute("data-max-bytes")
    hub_element.evaluate("(one) => (one.dataset.maxBytes = 10)")
    page.get_by_role("button", name="Keep it as a result").click()
    expect(page.locator("[data-status]")).to_contain_text("it is larger than")
    hub_element.evaluate("(one, most) => (one.dataset.maxBytes = most)", most)
    page.get_by_role("button", name="Keep it as a result").click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open its rows").click()
    rows = opened.value
    expect_phase(rows, "Completed")
    open_rows(rows)
    expect(rows.locator("#rows-table")).to_contain_text("M 31")
    expect(rows.locator("#rows-table .null").first).to_be_visible()
    rows.locator("[name=row]").nth(1).check()
    rows.get_by_role("button", name="Put ticked rows").click()
    expect(rows.locator("#notices")).to_contain_text("put into the basket")

    topcat.notify("table.highlight.row", table_id="t1", row="0")
    with page.expect_popup() as chosen:
        page.get_by_role("link", name="Show them").click()
    expect(chosen.value.locator("[name=row]:checked")).to_have_count(1)


def test_images_go_to_the_basket_and_positions_to_the_search(open_page, program):
    ds9 = program("DS9")
    page = open_page("samp")
    connect(page)

    ds9.notify("image.load.fits", url="https://archive.example/m31.fits", name="M 31")
    page.get_by_role("button", name="Put it into the basket").click()
    expect(page.locator("[data-status]")).to_contain_text("Put into the basket.")
    ds9.notify("image.load.fits", url="file:///etc/passwd", name="Local")
    expect(page.locator("[data-received]")).to_contain_text("is on your own machine")
    ds9.notify("coord.pointAt.sky", ra="10.684708", dec="41.26875")
    link = page.get_by_role("link", name="Search all archives here")
    expect(link).to_have_attribute(
        "href", re.compile(r"/search\?position=10.684708\+%2B41.268750$")
    )
    assert is_accessible(page) is True
    page.goto("basket")
    expect(page.locator("main a[href='https://archive.example/m31.fits']")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Received from DS9")


def test_what_is_hostile_is_shown_as_text_or_not_at_all(open_page, program):
    evil = program(HOSTILE, "table.load.votable")
    evil.client.declare_metadata({"samp.name": HOSTILE, "samp.description.text": HOSTILE * 50})
    page = open_page("samp")
    connect(page)
    expect(page.locator("[data-clients]")).to_contain_text("<img src=x")

    evil.notify("table.load.votable", url="javascript:alert(1)", name=HOSTILE)
    page.get_by_role("button", name="Keep it as a result").click()
    expect(page.locator("[data-status]")).to_contain_text("the program does not hand it out")
    evil.notify("image.load.fits", url="javascript:alert(1)", name=HOSTILE)
    evil.notify("coord.pointAt.sky", ra="x", dec="1")
    evil.notify("coord.pointAt.sky", ra="1", dec="91")
    evil.notify("table.select.rowList", table_id="not-ours", row_list=["1"])
    evil.notify("coord.pointAt.sky", ra="5", dec="-5")
    expect(page.locator("[data-received]")).to_contain_text("Position 5.000000 -5.000000")

    expect(page.locator("[data-received] > li")).to_have_count(3)
    assert page.locator("samp-hub img").count() == 0
    assert page.locator("samp-hub a[href^=javascript]").count() == 0
    assert page.title().startswith("Programs on your machine")


def test_a_hub_that_refuses_and_none_at_all_are_explained(open_page, the_hub, program):
    the_hub[1].says_yes = False
    try:
        page = open_page("samp")
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.locator("[data-status]")).to_contain_text("The hub refused")
    finally:
        the_hub[1].says_yes = True
    page.context.route(re.compile(":21012/"), lambda route: route.abort("connectionrefused"))
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.locator("[data-status]")).to_contain_text("No hub answers on your machine")


@pytest.mark.parametrize(
    ("permissions", "words"),
    [([], "Your browser was told not to let this page"), (["local-network-access"], "Connected.")],
    ids=["denied", "granted"],
)
def test_a_page_from_the_internet_needs_the_browsers_permission(
    chromium, running, the_hub, permissions, words
):
    port = urlsplit(running[1]).port
    flag = f"--ip-address-space-overrides=127.0.0.1:{port}=public"
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=[flag])
    page = browser.new_context(base_url=running[1], permissions=permissions).new_page()
    page.goto("samp")

    page.get_by_role("button", name="Connect", exact=True).press("Enter")
    expect(page.locator("[data-status]")).to_contain_text(words)
    browser.close()


def test_leaving_the_hub_is_seen_on_both_sides(open_page, the_hub, program):
    other = program("Other")
    before = len(other.client.get_registered_clients())
    page = open_page("samp")
    connect(page)
    assert "Archive portal" in the_hub[1].names
    page.get_by_role("button", name="Disconnect").click()
    expect(page.locator("[data-status]")).to_contain_text("Not connected any more.")
    connect(page)
    page.goto("jobs")

    for _ in range(200):
        if len(other.client.get_registered_clients()) == before:
            return
        page.wait_for_timeout(50)
    raise AssertionError("the page is still at the hub")


def test_the_page_explains_itself_without_javascript(open_page):
    page = open_page("samp", java_script_enabled=False)

    expect(page.get_by_role("heading", name="If no hub answers")).to_be_visible()
    expect(page.get_by_role("button", name="Connect", exact=True)).to_be_hidden()
    expect(page.get_by_label("Table", exact=True)).to_be_visible()

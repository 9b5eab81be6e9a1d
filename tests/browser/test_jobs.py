"""Job pages in a real browser: filtered lists, folds, links for others, every state and look."""

import re
import threading
from datetime import datetime
from datetime import UTC

import pytest
from playwright.sync_api import expect
from sqlalchemy import update
from werkzeug.serving import make_server

from portal.db import db
from portal.jobs import following
from portal.uws.lines import add_lines
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from tests.browser.looks import check_every_look
from tests.browser.steps import documents
from tests.browser.test_design import open_page  # noqa: F401 - a fixture
from tests.support import lab

pytestmark = pytest.mark.browser

FORM = "/archives/lab/query.lab-stars"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
P = ExecutionPhase
STATES = {
    "pending": {"phase": P.PENDING},
    "held": {"phase": P.HELD, "message": "Held: you have 50 unfinished jobs."},
    "queued": {"phase": P.QUEUED},
    "executing": {"phase": P.EXECUTING, "start_time": NOON, "progress": 0.4, "attempt": 2},
    "aborted": {"phase": P.ABORTED, "end_time": NOON, "message": "Aborted by its owner"},
    "error": {
        "phase": P.ERROR,
        "error_type": "fatal",
        "error_message": "The telescope fell over",
        "error_detail": "line 1",
    },
}


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture
def address(app, monkeypatch):
    """Return the address of a portal whose jobs run when the test lets them."""
    monkeypatch.setattr(following, "FIRST_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(following, "FOLLOW_SECONDS", 1.0)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def owner(address, open_page):  # noqa: F811
    """Return a function that opens a page for the owner of the jobs, in some look."""
    state = {}

    def open_(path="/jobs", **options):
        page = open_page(path, storage_state=state.get("kept"), **options)
        if not state:
            page.request.post(address + FORM, form={"rows": "3", "survey": "first"})
            state["kept"] = page.context.storage_state()
            page.goto(path)
        return page

    return open_


@pytest.fixture
def submit(address):
    """Return a function that makes a job for the owner of a page, and returns its id."""

    def submit(page, **values):
        answer = page.request.post(
            address + FORM, form={"rows": "3", **values}, max_redirects=0, fail_on_status_code=False
        )
        return answer.headers["location"].rpartition("/")[2]

    return submit


def write(app, job_id, **values):
    with app.app_context():
        db.session.execute(update(Job).where(Job.id == job_id).values(**values))
        db.session.commit()


SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])


@SCRIPTS
def test_a_list_is_narrowed_and_its_address_says_how(owner, submit, scripts):
    page = owner(java_script_enabled=scripts)
    submit(page, survey="Andromeda")
    page.reload()
    expect(page.locator("#jobs tbody tr")).to_have_count(2)

    with documents(page) as loaded:
        page.get_by_label("Text").fill("andromeda")
        page.get_by_role("button", name="Show").click()
        expect(page.locator("#jobs tbody tr")).to_have_count(1)
    assert bool(loaded) != scripts
    expect(page).to_have_url(re.compile(r"text=andromeda"))

    page.reload()
    expect(page.get_by_label("Text")).to_have_value("andromeda")
    expect(page.locator("#jobs tbody tr")).to_have_count(1)
    page.go_back()
    expect(page.locator("#jobs tbody tr")).to_have_count(2)


def test_a_box_narrows_the_list_at_once_and_keeps_the_focus(owner):
    page = owner()
    page.get_by_text("Phase and time").click()
    box = page.get_by_label("Completed")
    box.check()
    expect(page.get_by_role("heading", name="No job is like that")).to_be_visible()
    expect(box).to_be_focused()
    page.get_by_label("Queued").check()
    expect(page.locator("#jobs tbody tr")).to_have_count(1)


def test_an_open_fold_stays_open_while_the_job_goes_on(owner, submit, work):
    page = owner()
    page.goto(f"/jobs/{submit(page)}")
    page.locator("#times-summary").click()
    work()
    expect(page.locator("#job .phase")).to_have_text("Completed")
    expect(page.locator("#times dl")).to_be_visible()
    expect(page.locator("#times-summary")).to_be_focused()


def test_a_job_is_shared_and_a_stranger_looks_at_it(owner, open_page, submit, work):  # noqa: F811
    page = owner()
    page.goto(f"/jobs/{submit(page)}")
    work()
    page.get_by_text("Share by link").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#share-url").input_value()

    stranger = open_page(link)
    expect(stranger.locator("#job .phase")).to_have_text("Completed")
    expect(stranger.locator("#rows-table tbody tr")).to_have_count(3)
    expect(stranger.locator("main").get_by_role("button")).to_have_count(0)
    expect(stranger.locator("#rows-table [type=checkbox]")).to_have_count(0)

    page.get_by_role("button", name="Stop sharing").click()
    expect(page.locator("#notices")).to_contain_text("opens nothing any more")
    stranger.reload()
    expect(stranger.locator("#error")).to_be_visible()


def test_what_a_program_sends_is_copied_whole(owner, submit, work):
    page = owner()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/jobs/{submit(page)}")
    page.get_by_text("Do it from a program").click()
    page.locator("[data-copy=recipe-curl]").click()
    expect(page.locator("[data-copy=recipe-curl]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#recipe-curl").text_content()


@pytest.fixture
def states(app, owner, submit, work):
    """Return the addresses of jobs in every state, shared ones and lists of them."""
    page = owner()
    done = submit(page, rows="9")
    work()
    page.request.post(f"/jobs/{done}/share")
    paths = [f"/jobs/{done}"]
    for values in STATES.values():
        job_id = submit(page, survey="x" * 500)
        write(app, job_id, **values)
        paths.append(f"/jobs/{job_id}")
    with app.app_context():
        add_lines(done, ["a line", "another " * 60])
        db.session.commit()
        key = db.session.get(Job, done).share_key
    shared = [f"/shared/{key}", f"/shared/{key}/results/result"]
    lists = ["/jobs", "/jobs?phase=ERROR&archive=lab", "/jobs?text=nothing+like+it"]
    return [*paths, *shared, *lists]


def test_every_state_is_accessible_in_every_look(owner, states):
    page = owner()
    for path in states:
        page.goto(path)
        for fold in page.locator("#job details, #more-filters").all():
            fold.evaluate("fold => { fold.open = true }")
        check_every_look(page)

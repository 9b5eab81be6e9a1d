"""What the page of a job says in every state, and what its owner can do then."""

import re
from datetime import datetime
from datetime import timedelta
from datetime import UTC

import pytest

from portal.db import db
from portal.jobs import view
from portal.uws.lines import add_lines
from portal.uws.lines import note_attempt
from portal.uws.phases import ExecutionPhase
from tests.jobs.conftest import id_of
from tests.support.pages import text_of

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
P = ExecutionPhase


@pytest.fixture
def page(client):
    """Return a function that opens the page of a job and returns its part about the job."""

    def page(url):
        whole = text_of(client.get(url))
        return re.search(r'<section id="job".*?</section>', whole, re.DOTALL)[0]

    return page


def buttons(page):
    """Return what the owner can do at once, without opening a fold."""
    toolbar = re.search(r'<div class="toolbar".*?</div>', page, re.DOTALL)[0]
    return re.findall(r'<(?:button class|a class="button)[^>]*>([^<]+)</', toolbar)


AGAIN = "Change and run again"


@pytest.mark.parametrize(
    ("phase", "offered"),
    [
        (P.PENDING, ["Run", "Abort", AGAIN]),
        (P.HELD, ["Run", "Abort", AGAIN]),
        (P.QUEUED, ["Abort", AGAIN]),
        (P.EXECUTING, ["Abort", AGAIN]),
        (P.COMPLETED, ["Repeat", AGAIN, "Delete"]),
        (P.ERROR, ["Repeat", AGAIN, "Delete"]),
        (P.ABORTED, ["Repeat", AGAIN, "Delete"]),
        (P.ARCHIVED, ["Repeat", AGAIN, "Delete"]),
    ],
)
def test_what_can_be_done_depends_on_the_phase(submit, page, write, phase, offered):
    url = submit()
    write(url, phase=phase)

    assert buttons(page(url)) == offered


def test_a_job_that_was_only_made_says_that_it_waits_to_be_run(submit, page, write):
    url = submit()
    write(url, phase=P.PENDING)

    assert "waits to be run" in page(url)


def test_a_waiting_job_says_its_place_in_the_queue(submit, page):
    first, second = submit(), submit()

    assert "next in the queue" in page(first)
    assert "number 2 in the queue" in page(second)


def test_a_running_job_shows_how_far_it_is_and_when_it_will_end(submit, page, write):
    url = submit()
    write(
        url,
        phase=P.EXECUTING,
        start_time=NOON,
        progress=0.424,
        message="12 of 28 plates",
        quote=NOON,
    )

    shown = page(url)

    assert '<progress value="0.424" max="1"' in shown
    assert "42 %" in shown
    assert "12 of 28 plates" in shown
    assert "expected to end by 2026-01-31 12:00:00 UTC" in shown


def test_a_job_that_cannot_say_how_far_it_is_shows_that_it_moves(submit, page, write):
    url = submit()
    write(url, phase=P.EXECUTING, start_time=NOON)

    assert '<progress aria-label="Progress">' in page(url)


def test_a_later_attempt_says_which_it_is_and_why(app, submit, page, write):
    url = submit()
    write(url, phase=P.EXECUTING, start_time=NOON, attempt=2, message="The worker was lost")
    with app.app_context():
        note_attempt(id_of(url), 1, "its worker was lost")
        db.session.commit()

    shown = page(url)

    assert "second attempt" in shown
    assert "The worker was lost" in shown
    assert "Attempt 1 ended: its worker was lost" in shown


def test_a_held_job_says_why_and_can_be_run(client, submit, page, write):
    url = submit()
    write(url, phase=P.HELD, message="Held: you have 50 unfinished jobs.")
    assert page(url).count("Held: you have 50 unfinished jobs.") == 1

    assert client.post(url + "/run").status_code == 303
    assert "Queued" in page(url)


def test_an_archived_job_says_that_its_results_are_deleted(submit, page, write):
    url = submit()
    write(url, phase=P.ARCHIVED)

    assert "Its results are deleted." in page(url)
    assert "This portal keeps them no longer." in page(url)


def test_the_times_of_a_job_are_told_with_how_long_it_waited_and_ran(submit, page, write):
    url = submit()
    write(
        url,
        phase=P.COMPLETED,
        creation_time=NOON,
        start_time=NOON + timedelta(seconds=75),
        end_time=NOON + timedelta(seconds=90),
    )

    times = re.search(r'<details id="times">.*?</details>', page(url), re.DOTALL)[0]
    told = dict(re.findall(r"<dt>([^<]+)</dt><dd>(.*?)</dd>", times))

    assert "2026-01-31 12:00:00" in told["Created"]
    assert "2026-01-31 12:01:15" in told["Started"]
    assert "2026-01-31 12:01:30" in told["Ended"]
    assert told["Waited"] == "1 min 15 s"
    assert told["Ran"] == "15 s"
    assert told["May run for"] == "1 h 0 min"
    assert "Kept until" in told


def test_a_job_that_never_ran_did_neither_wait_nor_run(client, submit, page):
    url = submit()
    client.post(url + "/abort")

    assert "<dt>Waited</dt>" not in page(url)
    assert "<dt>Ran</dt>" not in page(url)


def test_the_latest_lines_of_the_log_come_first_and_not_all_of_very_many(
    app, submit, page, monkeypatch
):
    monkeypatch.setattr(view, "MOST_LINES", 2)
    url = submit()
    assert 'id="log"' not in page(url)
    with app.app_context():
        add_lines(id_of(url), ["one", "<b>two</b>", "three"])
        db.session.commit()

    shown = page(url)

    assert "Log (3 lines)" in shown
    assert "the last 2 of 3 lines" in shown
    assert shown.index("three") < shown.index("<b>two</b>")
    assert "one</span>" not in shown


def test_an_error_hides_its_detail_until_it_is_asked_for(client, submit, work, page, write):
    url = submit(how="service")
    work()
    assert "Details</summary>" not in page(url)

    write(url, error_detail="line 1: <b>SELECT</b>")

    assert "<summary>Details</summary><pre>line 1: <b>SELECT</b></pre>" in page(url)
    assert "<b>SELECT</b>" not in client.get(url).get_data(as_text=True)


def test_parameters_are_told_as_the_form_calls_them(submit, page, write):
    url = submit(survey="x" * 500)

    shown = page(url)

    assert re.search(r"<dt>Bright stars only <code>bright</code></dt>\s*<dd>.*?no", shown)
    assert f"<summary>{'x' * 50}" in shown
    assert f'<span class="mono">{"x" * 500}</span>' in shown


def test_parameters_of_a_job_whose_plugin_is_gone_are_still_told(submit, page, write):
    url = submit(survey="b")
    write(url, type="query.gone")

    shown = page(url)

    assert re.search(r"<dt>survey</dt>\s*<dd><span class=\"mono\">b</span>", shown)
    assert "Repeat" not in shown


def test_repeating_makes_a_new_job_with_the_same_parameters_and_runs_it(client, submit, work, page):
    url = submit(survey="b", rows="7")
    work()

    again = client.post(url + "/repeat").location

    assert again != url
    assert "Queued" in page(again)
    work()
    assert "7 rows" in page(again)
    assert "7 rows" in page(url)
    assert page(again).count("survey=b") == page(url).count("survey=b") > 0


def test_a_double_click_repeats_once(client, submit, work, page):
    url = submit()
    work()
    key = re.search(r'name="request_key" value="(\w+)"', page(url))[1]

    first, second = (client.post(url + "/repeat", data={"request_key": key}) for _ in range(2))

    assert first.location == second.location


def test_a_job_whose_plugin_is_gone_cannot_be_repeated(client, submit, work, write):
    url = submit()
    work()
    write(url, type="query.gone")

    assert client.post(url + "/repeat").status_code == 404

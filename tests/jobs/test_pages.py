import re

import pytest

from tests.support.pages import body
from tests.support.pages import text_of

HTMX = {"HX-Request": "true"}


def test_a_waiting_job_follows_itself_with_and_without_javascript(client, submit):
    page = text_of(client.get(submit()))

    assert "Queued" in page
    assert re.search(r'hx-get="/jobs/[0-9a-f]+\?seen=\d+"', page)
    assert 'hx-trigger="load, every 5s"' in page
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page


def test_an_ended_job_follows_itself_no_longer(client, submit, work):
    url = submit()
    work()

    page = text_of(client.get(url))

    assert "Completed" in page
    assert 'http-equiv="refresh"' not in page
    assert "?seen=" not in page
    assert f'href="{url}/results/result"' in page


def test_a_fragment_is_the_job_alone_and_says_that_there_is_a_result(client, submit, work):
    url = submit()
    work()

    response = client.get(url + "?seen=0", headers=HTMX)
    page = text_of(response)

    assert "<!doctype" not in page
    assert page.lstrip().startswith("<section")
    assert "result-changed" in response.headers["HX-Trigger"]


def test_a_full_budget_of_waiters_slows_the_follower_down(app, client, submit, monkeypatch):
    url = submit()
    monkeypatch.setattr(app.extensions["watcher"], "wait", lambda *_, **__: False)

    page = text_of(client.get(url + "?seen=99", headers=HTMX))

    assert 'hx-trigger="load delay:2s, every 5s"' in page


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("usage", "There is no such survey <b>here</b>"),
        ("service", "The telescope fell over"),
        ("cut", "cut"),
    ],
)
def test_a_failed_job_says_why_in_the_archives_own_words(client, submit, work, how, words):
    url = submit(how=how)
    work()

    response = client.get(url)

    assert words in text_of(response)
    assert "<b>here</b>" not in response.get_data(as_text=True)
    assert "Error" in text_of(response)


def test_a_failed_job_shows_at_once_what_was_asked(client, submit, work):
    failed, good = submit(how="service"), submit()
    work()

    assert ">What was asked</summary>" in text_of(client.get(good))
    assert ">What was asked</summary>" not in text_of(client.get(failed))
    assert "<h2>What was asked</h2>" in text_of(client.get(failed))


def test_a_mistake_of_ours_shows_a_reference_and_no_detail(client, submit, work):
    url = submit(how="crash")
    work()

    page = text_of(client.get(url))

    assert "with the reference" in page
    assert "secret detail" not in page


def test_a_transient_failure_is_tried_again_and_then_told(app, client, submit, work, monkeypatch):
    url = submit(how="transient")
    work()
    assert "Trying again: The lab is closed for lunch" in text_of(client.get(url))


def test_a_waiting_job_can_be_aborted_and_stays_so(client, submit, work):
    url = submit()

    assert client.post(url + "/abort").status_code == 303
    assert work() == 0
    assert "Aborted by its owner" in text_of(client.get(url))


def test_aborting_an_ended_job_changes_nothing(client, submit, work):
    url = submit()
    work()

    client.post(url + "/abort")

    assert "The job had already ended." in text_of(client.get(url))
    assert "Completed" in text_of(client.get(url))


def test_a_job_can_be_changed_and_run_again(client, submit, work):
    url = submit(survey="b")
    work()

    page = text_of(client.get(url))
    again = re.search(r'href="(/archives/lab/query.lab-stars\?[^"]+)"', page)[1]

    assert re.search(r'value="b" selected', text_of(client.get(again)))


def test_a_completed_job_keeps_no_files_of_earlier_attempts(app, client, submit, work):
    url = submit()
    folder = app.config["SETTINGS"].results_dir / url.rpartition("/")[2]
    (folder / ("0" * 32) / "result").mkdir(parents=True)

    work()

    assert "Completed" in text_of(client.get(url))
    assert len(list(folder.iterdir())) == 1
    assert client.get(url + "/results/result").status_code == 200


def test_deleting_asks_first_and_then_forgets_job_and_files(app, client, submit, work):
    url = submit()
    work()
    folder = app.config["SETTINGS"].results_dir / url.rpartition("/")[2]
    assert folder.is_dir()

    assert "Delete this job?" in text_of(client.get(url + "/delete"))
    assert client.get(url).status_code == 200
    assert client.post(url + "/delete").status_code == 303

    assert client.get(url).status_code == 404
    assert not folder.exists()


@pytest.mark.parametrize("path", ["", "/delete"])
def test_somebody_elses_job_looks_like_none(app, client, submit, path):
    url = submit()
    stranger = app.test_client()

    theirs = stranger.get(url + path)
    nobodys = stranger.get("/jobs/" + "0" * 32 + path)

    assert theirs.status_code == nobodys.status_code == 404
    assert body(theirs) == body(nobodys)


@pytest.mark.parametrize("verb", ["run", "abort", "delete"])
def test_somebody_else_can_do_nothing_to_a_job(app, client, submit, verb):
    url = submit()

    assert app.test_client().post(f"{url}/{verb}").status_code == 404
    assert "Queued" in text_of(client.get(url))

import re
from datetime import datetime
from datetime import timedelta
from datetime import UTC

import pytest

from portal.jobs import pages
from portal.uws import listing
from portal.uws.phases import ExecutionPhase
from tests.jobs.conftest import id_of
from tests.support.pages import text_of

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def shown(client):
    """Return a function that opens the list and returns the addresses of its jobs."""

    def shown(query=""):
        page = text_of(client.get(f"/jobs{query}"))
        return re.findall(r'<a id="job-\w+" href="(/jobs/\w+)"', page)

    return shown


def links(page):
    nav = re.search(
        r'<nav class="pagination" aria-label="Pages of jobs">.*?</nav>', page, re.DOTALL
    )[0]
    return {title: href for href, title in re.findall(r'<a href="([^"]+)">(\w+)</a>', nav)}


def test_a_list_without_jobs_says_how_to_start(client):
    page = text_of(client.get("/jobs"))

    assert "No jobs yet" in page
    assert 'href="/archives"' in page
    assert "<form" not in page


def test_a_job_is_in_the_list_with_its_phase_and_rows(client, submit, work):
    url = submit()
    work()

    page = text_of(client.get("/jobs"))

    assert f'href="{url}"' in page
    assert "Completed" in page
    assert re.search(r'<td class="num">3</td>', page)


def test_the_list_says_how_long_a_job_took_and_why_one_failed(client, submit, work):
    submit()
    submit(how="service")
    work()

    page = text_of(client.get("/jobs"))

    assert re.search(r'<p class="reason" title="[^"]+">[^<]+</p>', page)
    assert len(re.findall(r'<td class="num">[\d.]+ s</td>', page)) == 2


def test_the_list_reloads_itself_as_it_was_asked_for_while_a_job_waits(client, submit, work):
    submit()
    address = "/jobs?text=stars&phase=QUEUED&phase=COMPLETED"
    assert f'hx-get="{address}" hx-trigger="every 3s"' in text_of(client.get(address))

    work()
    assert 'hx-trigger="every 3s"' not in text_of(client.get(address))


def test_a_job_that_waits_for_its_owner_does_not_reload_the_list(client, submit, write):
    write(submit(), phase=ExecutionPhase.HELD)

    assert 'hx-trigger="every 3s"' not in text_of(client.get("/jobs"))


def test_somebody_elses_list_is_their_own(app, client, submit):
    submit()

    assert "No jobs yet" in text_of(app.test_client().get("/jobs"))


@pytest.mark.parametrize("place", ["older=0", "newer=-1", "older=2026", "newer=x", "page=99"])
def test_an_absurd_place_is_the_beginning(shown, submit, place):
    url = submit()

    assert shown(f"?{place}") == [url]


def test_phases_can_be_chosen_several_at_once(shown, submit, work):
    done, failed = submit(), submit(how="service")
    work()
    waiting = submit()

    assert shown("?phase=COMPLETED") == [done]
    assert shown("?phase=error&phase=QUEUED") == [waiting, failed]


def test_an_archive_a_query_and_a_type_that_is_gone_can_be_chosen(client, shown, submit, write):
    url, old = submit(), submit()
    write(old, type="query.gone")

    assert shown("?archive=lab") == [url]
    assert shown("?archive=query.lab-stars") == [url]
    assert shown("?archive=query.gone") == [old]
    assert "<option selected>query.gone</option>" in text_of(client.get("/jobs?archive=query.gone"))


def test_a_text_is_looked_for_in_titles_and_parameters(shown, submit, write):
    url, other = submit(survey="b"), submit(survey="Galaxy 100%")
    write(url, title="M 31 in Andromeda")

    assert shown("?text=ANDROMEDA") == [url]
    assert shown("?text=galaxy") == [other]
    assert shown("?text=100%25") == [other]
    assert shown("?text=%25") == [other]
    assert shown("?text=_") == []


def test_days_are_whole_and_instants_exact(shown, submit, write):
    url = submit()
    write(url, creation_time=NOON)

    assert shown("?since=2026-01-31&until=2026-01-31") == [url]
    assert shown("?since=2026-02-01") == []
    assert shown("?until=2026-01-30") == []
    assert shown("?since=2026-01-31T11:59:59&until=2026-01-31T13:00:01%2B01:00") == [url]


@pytest.mark.parametrize(
    "query",
    [
        "phase=RUNNING",
        "since=yesterday",
        "until=2026-02-30",
        "until=9999-12-31",
        "since=0001-01-01T00:00:00%2B14:00",
        "until=9999-12-31T23:59:59-14:00",
    ],
)
def test_what_cannot_be_asked_is_told(client, submit, query):
    submit()

    response = client.get(f"/jobs?{query}")

    assert response.status_code == 400
    assert "2026-01-31" in text_of(response) or "COMPLETED" in text_of(response)


def test_parts_of_jobs_are_shown_when_asked_for(shown, submit, write):
    parent, part = submit(), submit()
    write(part, parent_id=id_of(parent))

    assert shown() == [parent]
    assert shown("?parts=1") == [part, parent]


def test_the_form_shows_what_was_asked_for(client, submit):
    submit()

    page = text_of(client.get("/jobs?text=sta&archive=lab&phase=QUEUED&since=2026-01-31&parts=1"))

    assert 'name="text" value="sta"' in page
    assert '<option value="lab" selected>' in page
    assert 'value="QUEUED" checked' in page
    assert 'name="since" value="2026-01-31"' in page
    assert '<details id="more-filters" open>' in page


def test_when_no_job_fits_the_way_back_to_all_is_shown(client, submit):
    submit()

    page = text_of(client.get("/jobs?text=nothing+like+it"))

    assert "No job is like that" in page
    assert '<a class="button secondary" href="/jobs">Show all jobs</a>' in page
    assert 'id="job-filter"' in page


def test_a_fragment_is_the_list_alone(client, submit):
    submit()

    page = text_of(client.get("/jobs?text=stars", headers=HTMX))

    assert page.lstrip().startswith('<div id="jobs"')
    assert "<form" not in page


def test_pages_are_turned_in_both_directions_and_keep_the_filter(
    client, shown, submit, write, monkeypatch
):
    monkeypatch.setattr(pages, "PAGE_SIZE", 2)
    urls = [submit() for _ in range(5)]
    for index, url in enumerate(urls):
        write(url, creation_time=NOON + timedelta(minutes=index))

    def turn(address, title):
        return links(text_of(client.get(address)))[title]

    older = turn("/jobs?text=stars", "Older")
    oldest = turn(older, "Oldest")

    assert shown("?text=stars") == urls[:2:-1]
    assert shown(older.removeprefix("/jobs")) == urls[2:0:-1]
    assert shown(oldest.removeprefix("/jobs")) == urls[1::-1]
    assert shown(turn(oldest, "Newer").removeprefix("/jobs")) == urls[3:1:-1]
    assert turn(older, "Newest") == "/jobs?text=stars"
    assert set(links(text_of(client.get(oldest)))) == {"Newest", "Newer"}
    assert "5 jobs" in text_of(client.get(oldest))


def test_very_many_jobs_are_not_counted_one_by_one(client, submit, monkeypatch):
    monkeypatch.setattr(listing, "MOST_COUNTED", 1)
    monkeypatch.setattr(pages, "MOST_COUNTED", 1)
    monkeypatch.setattr(pages, "PAGE_SIZE", 1)
    submit()
    submit()

    assert "more than 1 jobs" in text_of(client.get("/jobs"))

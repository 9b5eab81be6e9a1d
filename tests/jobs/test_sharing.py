import re

import pytest

from portal.uws.phases import ExecutionPhase
from tests.jobs.conftest import id_of
from tests.support.pages import body
from tests.support.pages import text_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def share(client):
    """Return a function that shares a job and returns the path of the link."""

    def share(url):
        client.post(f"{url}/share")
        return re.search(r'value="http://localhost(/shared/\w+)"', text_of(client.get(url)))[1]

    return share


@pytest.fixture
def reader(app):
    """Return the browser of somebody who got the link."""
    return app.test_client()


def pages_of(reader, link):
    """Return everything that a reader finds: the job, its rows, and a file of them."""
    return [reader.get(link + path) for path in ("", "/results/result", "/results/result.csv")]


def test_whoever_has_the_link_sees_the_job_and_its_rows_and_takes_them_away(
    submit, work, share, reader
):
    url = submit(rows="30")
    work()

    job, rows, file = pages_of(reader, share(url))

    assert "Completed" in text_of(job)
    assert "30 rows" in text_of(job)
    assert "Star 29, lab" in text_of(rows)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert len(file.get_data(as_text=True).splitlines()) == 31


def test_rows_of_a_shared_job_are_paged_and_sorted_below_the_link(submit, work, share, reader):
    url = submit(rows="250")
    work()
    link = share(url)

    page = text_of(reader.get(link + "/results/result"))
    onwards = re.search(r'href="([^"]+)" rel="next"', page)[1]

    assert onwards.startswith(link)
    assert "Star 100, lab" in text_of(reader.get(onwards))
    assert f'href="{link}/results/result?sort=mag"' in page


def test_a_reader_can_do_nothing_and_learns_neither_the_id_nor_the_owner(
    app, client, submit, work, share, reader
):
    url = submit()
    work()
    with client.session_transaction() as session:
        owner = session["owner"]

    for response in pages_of(reader, share(url)):
        page = text_of(response)
        assert id_of(url) not in page
        assert owner not in page
        assert "<form" not in page
        assert "Change and run again" not in page
        assert "<button" not in page.replace('<button type="button" class="quiet', "")


def test_a_reader_does_not_see_the_log_nor_the_request_of_the_owner(
    client, submit, share, reader, write
):
    url = submit()
    write(url, run_id="my private run")

    page = text_of(reader.get(share(url)))

    assert "my private run" in text_of(client.get(url))
    assert "my private run" not in page
    assert "curl" not in page


def test_a_shared_job_that_runs_is_followed_below_the_link(submit, share, reader):
    link = share(submit())

    page = text_of(reader.get(link))
    fragment = text_of(reader.get(f"{link}?seen=0", headers=HTMX))

    assert re.search(rf'hx-get="{link}\?seen=\d+"', page)
    assert fragment.lstrip().startswith('<section id="job"')


def test_no_search_engine_keeps_a_shared_page_and_no_other_site_learns_its_address(
    client, submit, work, share, reader
):
    url = submit()
    work()

    for response in pages_of(reader, share(url)):
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert response.headers["Referrer-Policy"] == "same-origin"
    assert "X-Robots-Tag" not in client.get(url).headers


def test_a_revoked_link_looks_as_if_there_had_never_been_one(client, submit, work, share, reader):
    url = submit()
    work()
    link = share(url)

    client.post(f"{url}/unshare")

    for path in ("", "/results/result", "/results/result.csv"):
        revoked = reader.get(link + path)
        never = reader.get("/shared/" + "0" * 32 + path)
        assert revoked.status_code == never.status_code == 404
        assert body(revoked) == body(never)


def test_sharing_again_replaces_the_link(submit, share, reader):
    url = submit()
    first = share(url)
    second = share(url)

    assert first != second
    assert reader.get(first).status_code == 404
    assert reader.get(second).status_code == 200


def test_a_key_opens_no_address_of_the_owner(submit, share, reader):
    key = share(submit()).rpartition("/")[2]

    assert reader.get(f"/jobs/{key}").status_code == 404
    assert reader.post(f"/shared/{key}").status_code == 405
    assert reader.post(f"/jobs/{key}/abort").status_code == 404


def test_after_sharing_the_link_is_shown_at_once(client, submit):
    response = client.post(submit() + "/share")

    assert response.location.endswith("?open=share#share")
    page = text_of(client.get(response.location))
    assert '<details id="share" open>' in page
    assert "shared by link" in page


def test_a_deleted_job_is_no_longer_shared(client, submit, work, share, reader):
    url = submit()
    work()
    link = share(url)

    client.post(f"{url}/delete")

    assert reader.get(link).status_code == 404


def test_an_archived_job_is_still_readable(submit, share, reader, write):
    url = submit()
    link = share(url)
    write(url, phase=ExecutionPhase.ARCHIVED)

    assert "Archived" in text_of(reader.get(link))

import hashlib
import re

import pytest

from portal.db import db
from portal.uws.models import Job
from tests.support import postcards
from tests.support.pages import text_of

FORM = "/archives/post/query.postcard"


@pytest.fixture
def plugins():
    return [("post", postcards)]


@pytest.fixture
def card(client, work):
    """Return a function that has a card drawn, and returns the address of its job."""

    def draw(**values):
        address = client.post(FORM, data=values).location
        assert work() == 1
        return address

    return draw


def files_on_disk(app, address):
    folder = app.config["SETTINGS"].results_dir / address.rpartition("/")[2]
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_an_image_is_shown_on_the_page_of_its_job_with_words_for_it(client, card):
    address = card()

    page = client.get(address).text

    assert f'<img src="{address}/results/card/file" alt="A &lt;b&gt;card&lt;/b&gt;">' in page
    with client.get(f"{address}/results/card/file") as response:
        assert response.data == postcards.PIXEL
        assert response.content_type == "image/png"
        assert response.headers["Content-Disposition"].startswith("inline")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("claimed", "sent", "extension"),
    [
        ("application/fits", "application/fits", "fits"),
        ("image/fits", "application/fits", "fits"),
        ("application/json", "application/json", "json"),
        ("text/plain", "text/plain; charset=utf-8", "txt"),
        ("application/x-votable+xml;content=datalink", "application/x-votable+xml", "vot"),
        ("text/html", "application/octet-stream", "bin"),
        ("image/svg+xml", "application/octet-stream", "bin"),
        ("application/xhtml+xml", "application/octet-stream", "bin"),
        ("text/html\r\nX: y", "application/octet-stream", "bin"),
        ("x/" + "y" * 200, "application/octet-stream", "bin"),
    ],
)
def test_everything_but_a_png_is_taken_away_as_a_file_that_no_browser_runs(
    client, card, claimed, sent, extension
):
    address = card(media_type=claimed, title="../../etc/passwd")

    page = client.get(address).text
    with client.get(f"{address}/results/card/file") as response:
        assert response.content_type == sent
        name = f"Postcard_.._.._etc_passwd-card.{extension}"
        assert response.headers["Content-Disposition"] == f"attachment; filename={name}"
    assert "<img" not in page
    assert f'href="{address}/results/card/file" download' in page


def test_uws_lists_a_file_with_its_media_type_and_its_size_and_sends_it(client, card):
    job_id = card(media_type="application/fits", size="2880").rpartition("/")[2]

    listed = client.get(f"/uws/jobs/{job_id}/results").text

    assert re.search(r'id="card"[^>]*size="2880"[^>]*mime-type="application/fits"', listed)
    with client.get(f"/uws/jobs/{job_id}/results/card") as response:
        assert response.data == b"x" * 2880
        assert response.headers["Content-Disposition"].startswith("attachment")


def test_whoever_a_job_is_shared_with_sees_its_files(app, client, card):
    address = card()
    client.post(f"{address}/share")
    (shared,) = set(re.findall(r"/shared/[\w-]+", client.get(address).text))
    reader = app.test_client()

    assert f'<img src="{shared}/results/card/file"' in reader.get(shared).text
    with reader.get(f"{shared}/results/card/file") as response:
        assert response.data == postcards.PIXEL
    assert reader.get(f"{address}/results/card/file").status_code == 404


def test_a_table_is_no_file_and_a_file_has_no_rows(client, card):
    address = card()

    assert client.get(f"{address}/results/result/file").status_code == 404
    assert client.get(f"{address}/results/none/file").status_code == 404
    assert client.get(f"{address}/results/card").status_code == 404
    assert client.get(f"{address}/results/card.csv").status_code == 404


def test_a_program_may_ask_for_a_file_by_its_ending(client, card):
    address = card(media_type="application/fits")

    with client.get(f"{address}/results/card.fits") as response:
        assert response.data == postcards.PIXEL
        assert response.content_type == "application/fits"
    assert client.get(f"{address}/results/card.vot").status_code == 404


def test_a_file_from_the_basket_is_refused_like_any_result_without_rows(client, card):
    address = card()
    data = {"job": address.rpartition("/")[2], "result": "card", "all": "1"}

    assert client.post("/basket/items", data=data).status_code == 404


def test_the_list_of_jobs_counts_rows_and_not_files(client, card):
    card()

    assert '<td class="num">1</td>' in client.get("/jobs").text


def test_the_checksum_of_a_file_is_kept_with_its_result(app, card):
    job_id = card().rpartition("/")[2]

    with app.app_context():
        found = db.session.get(Job, job_id)
        info = next(one.info for one in found.results if one.name == "card")["file"]

    assert info["sha256"] == hashlib.sha256(postcards.PIXEL).hexdigest()


@pytest.mark.parametrize("values", [{"fails": "true"}, {"twice": "true"}, {"elsewhere": "true"}])
def test_of_a_job_that_fails_no_file_stays(app, client, card, values):
    address = card(**values)

    assert "The job failed" in text_of(client.get(address))
    assert files_on_disk(app, address) == []


@pytest.mark.parametrize("name", ["result", "../card", "Card", "", "a" * 65])
def test_a_query_cannot_choose_where_a_file_goes(app, client, card, name):
    address = card(name=name) if name else card(name="a b")

    assert "The job failed" in text_of(client.get(address))
    assert files_on_disk(app, address) == []


def test_a_file_that_is_gone_is_not_found(app, client, card):
    address = card()
    job_id = address.rpartition("/")[2]
    app.extensions["results"].delete(job_id)

    assert client.get(f"{address}/results/card/file").status_code == 404

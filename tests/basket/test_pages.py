import re
from html import unescape

import pytest

from portal.plugins.registry import PluginRegistry
from tests.support import lab

FORM = "/archives/lab/query.lab-stars"


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture
def job(client, work):
    """Return the id of a job with ten rows."""
    response = client.post(FORM, data={"rows": "10"})
    work()
    return response.location.rpartition("/")[2]


def text_of(response):
    return unescape(response.get_data(as_text=True))


def add(client, job, *rows, **values):
    data = {"job": job, "result": "result", "row": [str(row) for row in rows], **values}
    return client.post("/basket/items", data=data, follow_redirects=True)


def titles(client):
    return re.findall(r'aria-label="Keep ([^"]*)"', text_of(client.get("/basket")))


def test_an_empty_basket_says_how_to_fill_it(client):
    assert "The basket is empty" in text_of(client.get("/basket"))


def test_ticked_rows_become_items_with_position_and_link(client, job):
    page = text_of(add(client, job, 0, 3))

    assert "2 items put into the basket." in page
    assert sorted(titles(client)) == ["Star 0, lab", "Star 3, lab"]
    basket = text_of(client.get("/basket"))
    assert '<td class="num">3.0</td>' in basket
    assert 'href="http://lab.example/3.fits"' in basket


def test_an_item_names_its_archive_by_title_and_by_id_when_the_plugin_is_gone(app, client, job):
    add(client, job, 0)
    assert "<td>The lab</td>" in text_of(client.get("/basket"))

    app.extensions["plugins"] = PluginRegistry()
    assert "<td>lab</td>" in text_of(client.get("/basket"))


def test_no_column_is_shown_that_no_item_fills(client, job):
    add(client, job, 0)
    assert "Collection</th>" not in text_of(client.get("/basket"))


def test_what_is_there_already_is_not_added_again(client, job):
    add(client, job, 0, 1)

    page = text_of(add(client, job, 1, 2))

    assert "1 item put into the basket. 1 item had been there already." in page
    assert len(titles(client)) == 3


def test_all_rows_of_a_small_result_become_items(client, job):
    add(client, job, all="1")

    assert len(titles(client)) == 10


def test_all_rows_of_a_large_result_become_one_item(client, work):
    url = client.post(FORM, data={"rows": "1001"}).location
    work()

    add(client, url.rpartition("/")[2], all="1")

    assert titles(client) == ["All 1,001 rows of: Stars: 1001 stars"]


def test_hostile_values_do_no_harm_in_the_basket(client, job):
    add(client, job, 1)

    page = client.get("/basket").get_data(as_text=True)

    assert "<img src=x" not in page
    assert "javascript:alert" not in page


def test_adding_nothing_is_explained(client, job):
    response = add(client, job)

    assert response.status_code == 400
    assert "Tick the rows" in text_of(response)


@pytest.mark.parametrize("row", ["-1", "10", "99999999999", "x"])
def test_a_row_that_is_not_there_is_refused(client, job, row):
    data = {"job": job, "result": "result", "row": row}

    assert client.post("/basket/items", data=data).status_code == 400
    assert titles(client) == []


def test_exactly_what_was_unticked_is_removed(client, job):
    add(client, job, 0, 2, 3)
    page = text_of(client.get("/basket"))
    ids = dict(zip(titles(client), re.findall(r'name="shown" value="([^"]+)"', page), strict=True))
    keep = [item for title, item in ids.items() if title != "Star 2, lab"]

    response = client.post(
        "/basket/remove",
        data={"shown": list(ids.values()), "keep": keep},
        follow_redirects=True,
    )

    assert "1 item removed." in text_of(response)
    assert sorted(titles(client)) == ["Star 0, lab", "Star 3, lab"]


def test_items_that_were_not_shown_stay(client, job):
    add(client, job, 0, 2)

    client.post("/basket/remove", data={"shown": [], "keep": []})

    assert len(titles(client)) == 2


def test_emptying_asks_first(client, job):
    add(client, job, 0, 2)

    assert "Empty the basket?" in text_of(client.get("/basket/empty"))
    assert len(titles(client)) == 2

    client.post("/basket/empty")
    assert titles(client) == []


def test_the_navigation_counts_the_items(client, job):
    add(client, job, 0, 2)

    page = text_of(client.get("/"))

    assert re.search(r'id="basket-count"[^>]*>\s*2', page)


def test_items_outlive_their_job(client, job):
    add(client, job, 0)
    client.post(f"/jobs/{job}/delete")

    assert titles(client) == ["Star 0, lab"]


def test_somebody_elses_job_cannot_be_put_into_a_basket(app, job):
    stranger = app.test_client()
    stranger.post(FORM, data={"rows": "1"})

    assert add(stranger, job, 0).status_code == 404
    assert titles(stranger) == []


def test_somebody_elses_items_are_neither_seen_nor_removed(app, client, job):
    add(client, job, 0)
    page = text_of(client.get("/basket"))
    item = re.search(r'name="shown" value="([^"]+)"', page)[1]
    stranger = app.test_client()
    stranger.post(FORM, data={"rows": "1"})

    assert titles(stranger) == []
    stranger.post("/basket/remove", data={"shown": [item]})
    stranger.post("/basket/empty")

    assert titles(client) == ["Star 0, lab"]


@pytest.mark.parametrize("next", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_way_back_never_leads_to_another_site(client, job, next):
    data = {"job": job, "result": "result", "row": "0", "next": next}

    response = client.post("/basket/items", data=data)

    assert response.status_code == 303
    assert "evil" not in response.location

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


def titles(client, address="/basket"):
    return [title for _, title in items(client, address)]


def items(client, address="/basket"):
    """Return id and title of each item on a page."""
    box = r'name="item" value="([^"]+)" aria-label="([^"]*)"'
    return re.findall(box, text_of(client.get(address)))


def basket_of(client):
    """Return the address of the current basket by its id."""
    page = text_of(client.get("/baskets"))
    return re.search(
        r'href="(/baskets/[0-9a-f]{32})">[^<]*</a> <span[^>]*>[^<]*</span> '
        r'<span class="badge">current',
        page,
    )[1]


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


def test_exactly_what_was_ticked_is_removed_and_an_undo_brings_it_back(client, job):
    add(client, job, 0, 2, 3)
    [ticked] = [one for one, title in items(client) if title == "Star 2, lab"]
    basket = basket_of(client)

    page = client.post(f"{basket}/change", data={"item": ticked}, follow_redirects=True)

    assert "1 item removed." in text_of(page)
    assert sorted(titles(client)) == ["Star 0, lab", "Star 3, lab"]
    undo = re.search(rf'action="({basket}/changes/[0-9a-f]+/undo)"', text_of(page))[1]
    assert "Undone: 1 item as before." in text_of(client.post(undo, follow_redirects=True))
    assert len(titles(client)) == 3
    assert client.post(undo).status_code == 400


def test_removing_nothing_is_explained(client, job):
    add(client, job, 0, 2)

    assert client.post(f"{basket_of(client)}/change", data={}).status_code == 400
    assert len(titles(client)) == 2


def test_emptying_asks_first_and_can_be_undone(client, job):
    add(client, job, 0, 2)
    basket = basket_of(client)

    assert "Empty the basket?" in text_of(client.get(f"{basket}/empty"))
    assert len(titles(client)) == 2

    client.post(f"{basket}/empty")
    assert titles(client) == []
    page = text_of(client.get(basket))
    client.post(re.search(r'action="([^"]+/undo)"', page)[1])
    assert len(titles(client)) == 2


def test_what_is_added_goes_to_the_basket_chosen_last(client, job):
    add(client, job, 0)
    first = basket_of(client)
    client.post("/baskets", data={"name": "  Pulsars\t2026 "})
    add(client, job, 1, 2)

    assert "<h1>Pulsars 2026</h1>" in text_of(client.get("/basket"))
    assert len(titles(client)) == 2
    assert titles(client, first) == ["Star 0, lab"]
    assert '2<span class="visually-hidden"> items in</span> Pulsars 2026' in text_of(
        client.get("/")
    )
    client.post(f"{first}/choose")
    assert titles(client) == ["Star 0, lab"]


def test_two_baskets_have_two_names(client, job):
    client.post("/baskets", data={"name": "A"})
    assert client.post("/baskets", data={"name": "A"}).status_code == 400
    client.post("/baskets", data={"name": "B"})
    assert client.post(f"{basket_of(client)}/rename", data={"name": "A"}).status_code == 400
    page = client.post(f"{basket_of(client)}/rename", data={"name": "C"}, follow_redirects=True)
    assert "<h1>C</h1>" in text_of(page)


@pytest.mark.parametrize("name", ["", "  ", "\x00\n", "x" * 101])
def test_a_name_that_is_none_is_refused(client, name):
    assert client.post("/baskets", data={"name": name}).status_code == 400


def test_a_deleted_basket_comes_back_whole_and_beside_one_of_its_name(client, job):
    client.post("/baskets", data={"name": "A"})
    add(client, job, 0, 1)
    gone = basket_of(client)

    page = text_of(client.post(f"{gone}/delete", follow_redirects=True))

    assert "kept for 30 days" in page
    assert client.get(gone).status_code == 404
    client.post("/baskets", data={"name": "A"})
    client.post(f"{gone}/restore")
    assert "<h1>A (2)</h1>" in text_of(client.get("/basket"))
    assert len(titles(client)) == 2


def test_items_move_to_another_basket_and_an_undo_moves_them_back(client, job):
    add(client, job, 0, 1)
    first = basket_of(client)
    client.post("/baskets", data={"name": "B"})
    second = basket_of(client)
    add(client, job, 1)
    ids = [one for one, _ in items(client, first)]

    moved = {"item": ids, "do": "move", "target": second.rpartition("/")[2]}
    page = text_of(client.post(f"{first}/change", data=moved, follow_redirects=True))

    assert "2 items moved to B." in page
    assert titles(client, first) == []
    assert len(titles(client, second)) == 2
    client.post(re.search(r'action="([^"]+/undo)"', page)[1])
    assert len(titles(client, first)) == 2
    assert len(titles(client, second)) == 1


def test_an_address_is_typed_in_and_says_so(client):
    sent = {"url": " https://data.example/a.fits ", "title": "My <b>file</b>"}
    page = client.post("/baskets/current/addresses", data=sent, follow_redirects=True)

    assert "1 item put into the basket." in text_of(page)
    assert "<td>typed in</td>" in page.text
    assert 'href="https://data.example/a.fits"' in page.text
    assert "My <b>" not in page.text
    again = client.post("/baskets/current/addresses", data=sent, follow_redirects=True)
    assert "had been there already" in text_of(again)


@pytest.mark.parametrize(
    "url",
    [
        *("", "javascript:alert(1)", "data:text/html,x", "ftp://a.example/x", "//a.example"),
        *("/etc", "https://user:pw@a.example/", "https://", "file:///etc/passwd"),
        "https://a/" + "x" * 5000,
    ],
)
def test_an_address_that_is_none_is_refused(client, url):
    assert client.post("/baskets/current/addresses", data={"url": url}).status_code == 400


def test_items_are_searched_and_sorted(client, job):
    add(client, job, 0, 2, 3)
    client.post("/baskets/current/addresses", data={"url": "https://x.example/100%25_a.fits"})
    basket = basket_of(client)

    assert titles(client, f"{basket}?q=star+3") == ["Star 3, lab"]
    assert len(titles(client, f"{basket}?q=%25")) == 1
    assert titles(client, f"{basket}?q=nothing-like-it") == []
    assert titles(client, f"{basket}?sort=-ra")[:3] == [f"Star {n}, lab" for n in (3, 2, 0)]
    assert client.get(f"{basket}?sort=owner").status_code == 400
    page = text_of(client.get(f"{basket}?sort=ra"))
    assert 'aria-sort="ascending"><a class="sort"' in page


def test_a_note_is_kept_at_an_item_and_found(client, job):
    add(client, job, 0)
    [(item, _)] = items(client)
    basket = basket_of(client)

    client.post(f"{basket}/items/{item}/note", data={"note": "look <i>again</i>"})

    page = client.get(f"{basket}/items/{item}").text
    assert "look &lt;i&gt;again" in page
    assert len(titles(client, f"{basket}?q=again")) == 1
    long = client.post(f"{basket}/items/{item}/note", data={"note": "x" * 2001})
    assert long.status_code == 400


def test_the_history_says_what_was_done(client, job):
    add(client, job, 0, 1)
    client.post(f"{basket_of(client)}/empty")

    page = text_of(client.get(f"{basket_of(client)}/changes"))

    assert "removed 2 items" in page
    assert "added 2 items" in page


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


def test_somebody_elses_basket_is_as_if_there_was_none(app, client, job):
    add(client, job, 0)
    [(item, _)] = items(client)
    basket = basket_of(client)
    stranger = app.test_client()
    stranger.post(FORM, data={"rows": "1"})
    stranger.post("/baskets", data={"name": "Mine"})
    mine = basket_of(stranger)

    for address in (basket, f"{basket}/changes", f"{basket}/items/{item}", f"{basket}/delete"):
        assert stranger.get(address).status_code == 404
    for address, data in (
        (f"{basket}/change", {"item": item}),
        (f"{basket}/change", {"item": item, "do": "move", "target": mine.rpartition("/")[2]}),
        (f"{basket}/empty", {}),
        (f"{basket}/rename", {"name": "x"}),
        (f"{basket}/choose", {}),
        (f"{basket}/delete", {}),
        (f"{basket}/restore", {}),
        (f"{basket}/addresses", {"url": "https://x.example/"}),
        (f"{basket}/items/{item}/note", {"note": "x"}),
    ):
        assert stranger.post(address, data=data).status_code == 404, address
    stranger.post(f"{mine}/change", data={"item": item})

    assert titles(client) == ["Star 0, lab"]


@pytest.mark.parametrize("next", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_way_back_never_leads_to_another_site(client, job, next):
    data = {"job": job, "result": "result", "row": "0", "next": next}

    response = client.post("/basket/items", data=data)

    assert response.status_code == 303
    assert "evil" not in response.location

"""The page that sends and receives, and what it leads to, without a browser."""

import io
import json
import re
from html import unescape

import pytest
from astropy.io.votable import parse_single_table

from tests.support import lab
from tests.support import postcards
from tests.support.pages import text_of

FORM = "/archives/lab/query.lab-stars"


@pytest.fixture
def plugins():
    return [("lab", lab), ("post", postcards)]


@pytest.fixture
def job(client, work):
    location = client.post(FORM, data={"rows": "6"}).location
    work()
    return location.rpartition("/")[2]


def messages(page):
    """Return the words of every button that sends, with its message."""
    found = re.findall(r'data-message="([^"]*)"[^>]*>([^<]*)<', page)
    return [(words, json.loads(unescape(message))) for message, words in found]


def mtypes(page):
    return [message["mtype"] for _, message in messages(page)]


def test_only_this_page_may_reach_a_hub_on_the_users_machine(client):
    policy = client.get("/samp").headers["Content-Security-Policy"]

    assert "connect-src 'self' http://127.0.0.1:21012 http://localhost:21012;" in policy
    assert "default-src 'none'" in policy
    for address in ("/", "/jobs", "/basket", "/samp/link"):
        assert "21012" not in client.get(address).headers["Content-Security-Policy"]


def test_it_explains_what_to_do_without_javascript_and_without_a_hub(client):
    page = text_of(client.get("/samp"))

    assert "If no hub answers" in page
    assert "Start TOPCAT or Aladin" in page
    assert 'action="/samp/tables" enctype="multipart/form-data"' in page
    assert messages(page) == []


def test_a_whole_result_is_sent_as_votable_or_fits(client, job):
    page = client.get(f"/samp?job={job}&result=result").text

    (words, votable), (_, fits) = messages(page)
    assert words == "Send as VOTable"
    assert votable["mtype"] == "table.load.votable"
    assert votable["params"]["name"] == "Stars: 6 stars"
    assert votable["params"]["table-id"] == fits["params"]["table-id"]
    assert job not in votable["params"]["table-id"]
    assert fits["mtype"] == "table.load.fits"
    assert f'data-signed="/samp/link?job={job}&amp;result=result&amp;format=vot"' in page
    assert "sig=" not in page


def test_ticked_rows_are_sent_as_a_table_and_one_by_one(client, job):
    sent = {"job": job, "result": "result", "row": ["0", "1", "2"]}

    location = client.post("/samp/choose", data=sent).location
    page = client.get(location).text

    assert location == f"/samp?job={job}&result=result&rows=0-2"
    whole, row = messages(page)[:3], messages(page)[3:]
    assert [one["mtype"] for _, one in whole] == [
        "table.load.votable",
        "table.load.fits",
        "table.select.rowList",
    ]
    assert whole[0][1]["params"] == {"name": "Stars: 6 stars (3 rows)"}
    assert whole[2][1]["params"]["row-list"] == ["0", "1", "2"]
    assert row[0][1] == {
        "mtype": "image.load.fits",
        "params": {"name": "Star 0, lab", "url": "http://lab.example/0.fits"},
    }
    assert row[1][1] == {"mtype": "coord.pointAt.sky", "params": {"ra": "0.0", "dec": "-45.0"}}
    assert row[2][1]["mtype"] == "table.highlight.row"
    assert row[2][1]["params"]["row"] == "0"
    assert "javascript:alert" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize(
    ("data", "status"),
    [({}, 400), ({"row": "x"}, 400), ({"row": [str(2 * n) for n in range(900)]}, 400)],
)
def test_rows_that_cannot_be_sent_are_refused_with_a_reason(client, job, data, status):
    sent = {"job": job, "result": "result", **data}
    assert client.post("/samp/choose", data=sent).status_code == status


def test_a_fits_file_of_a_job_is_sent_as_image_or_spectrum(client, work):
    location = client.post(
        "/archives/post/query.postcard", data={"media_type": "image/fits", "size": "2880"}
    ).location
    work()
    job_id = location.rpartition("/")[2]

    assert f'href="/samp?job={job_id}&amp;result=card"' in client.get(location).text
    page = client.get(f"/samp?job={job_id}&result=card").text
    assert mtypes(page) == ["image.load.fits", "spectrum.load.ssa-generic"]


def test_a_picture_that_no_program_takes_is_not_offered(client, work):
    location = client.post("/archives/post/query.postcard", data={}).location
    work()
    job_id = location.rpartition("/")[2]

    assert "/samp?" not in client.get(location).text
    assert mtypes(client.get(f"/samp?job={job_id}&result=card").text) == []


@pytest.mark.parametrize(
    ("query", "mtype", "params"),
    [
        (
            "url=https://a.example/x.fits&as=image&title=M+31",
            "image.load.fits",
            {"name": "M 31", "url": "https://a.example/x.fits"},
        ),
        (
            "url=https://a.example/s&as=spectrum",
            "spectrum.load.ssa-generic",
            {"name": "s", "url": "https://a.example/s", "meta": {}},
        ),
        ("ra=370.5&dec=-12", "coord.pointAt.sky", {"ra": "10.5", "dec": "-12.0"}),
    ],
)
def test_files_elsewhere_and_positions_are_in_the_address(client, query, mtype, params):
    assert messages(client.get(f"/samp?{query}").text)[0][1] == {"mtype": mtype, "params": params}


@pytest.mark.parametrize(
    "query",
    [
        "url=javascript:alert(1)&as=image",
        "url=file:///etc/passwd&as=image",
        "url=https://a.example/&as=exe",
        "ra=x&dec=1",
        "ra=1",
        "ra=1&dec=91",
        "ra=nan&dec=1",
    ],
)
def test_hostile_addresses_are_refused(client, query):
    assert client.get(f"/samp?{query}").status_code == 400


def test_somebody_elses_result_is_not_sent(app, client, job):
    stranger = app.test_client()

    assert stranger.get(f"/samp?job={job}&result=result").status_code == 404
    assert client.get(f"/samp?job={job}&result=nothing").status_code == 404


def test_rows_that_another_program_chose_are_shown_ticked(app, client, job):
    page = client.get(f"/samp?job={job}&result=result").text
    table = messages(page)[0][1]["params"]["table-id"]

    answer = client.get("/samp/rows", query_string={"table": table, "rows": "1,4-5"})
    shown = client.get(answer.location).text

    assert answer.location == f"/jobs/{job}/results/result?rows=1,4-5"
    assert re.findall(r'name="row" value="(\d)" checked', shown) == ["1", "4", "5"]
    assert "Only the 3 rows that were chosen." in shown
    assert f'href="/jobs/{job}/results/result">Show all rows' in shown
    stranger = app.test_client()
    assert stranger.get("/samp/rows", query_string={"table": table, "rows": "1"}).status_code == 404
    assert client.get("/samp/rows", query_string={"table": "x.y", "rows": "1"}).status_code == 404
    assert client.get("/samp/rows", query_string={"table": table, "rows": "x"}).status_code == 400
    assert client.get(f"/jobs/{job}/results/result?rows=9").status_code == 400


def test_chosen_rows_have_pages_like_others(client, work):
    location = client.post(FORM, data={"rows": "200"}).location + "/results/result"
    work()

    page = text_of(client.get(f"{location}?rows=50-199&size=25&first=25"))

    numbers = [int(one) for one in re.findall(r'name="row" value="(\d+)" checked', page)]
    assert numbers == list(range(75, 100))
    assert "26–50 of 150 rows" in page
    assert f'{location}?first=50&size=25&rows=50-199"' in page
    assert "sort=" not in page


def test_the_pages_of_results_lead_here(app, client, job):
    page = client.get(f"/jobs/{job}/results/result").text

    assert f'href="/samp?job={job}&amp;result=result"' in page
    assert 'formaction="/samp/choose"' in page
    client.post(f"/jobs/{job}/share")
    shared = re.search(r"/shared/\w+", client.get(f"/jobs/{job}").text)[0]
    assert (
        "/samp"
        not in app.test_client().get(f"{shared}/results/result").text.partition("<footer")[0]
    )


def test_what_another_program_sent_the_address_of_goes_into_the_basket(client):
    sent = {
        "url": "https://a.example/x.fits",
        "title": "<b>Image</b>",
        "kind": "image",
        "format": "application/fits",
        "sender": "Aladin",
    }

    answer = client.post("/samp/items", data=sent, headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json) == (201, {"words": "Put into the basket."})
    page = client.get("/basket").text
    assert "https://a.example/x.fits" in page
    assert "<b>Image" not in page
    assert client.post("/samp/items", data=sent).location == "/samp"
    for url in ("", "file:///etc/passwd", "javascript:alert(1)"):
        assert client.post("/samp/items", data={**sent, "url": url}).status_code == 400


def test_a_basket_is_sent_as_a_table_and_its_items_one_by_one(app, client, job):
    client.post("/basket/items", data={"job": job, "result": "result", "row": ["0", "1"]})

    page = client.get("/samp?basket=current").text
    table, *items = messages(page)
    url = client.get("/samp/link?basket=current").json["url"].removeprefix("http://localhost")
    with app.test_client().get(url) as answer:
        votable = parse_single_table(io.BytesIO(answer.data)).to_table()

    assert table[1]["mtype"] == "table.load.votable"
    assert sorted(one["mtype"] for _, one in items) == ["coord.pointAt.sky"] * 2 + [
        "image.load.fits"
    ]
    assert votable["access_url"][0] == "http://lab.example/0.fits"
    assert len(votable) == 2
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_name_in_the_address_of_a_basket_means_nothing(app, client, job):
    client.post("/basket/items", data={"job": job, "result": "result", "row": ["0"]})
    signature = client.get("/samp/link?basket=current").json["url"].partition("?")[2]

    answer = app.test_client().get(f"/samp/baskets/x%0d%0aSet-Cookie:%20a=b?{signature}")

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == "attachment; filename=Basket.vot"


def test_somebody_elses_basket_is_not_sent_and_a_changed_address_opens_nothing(app, client, job):
    client.post("/basket/items", data={"job": job, "result": "result", "row": ["0"]})
    url = client.get("/samp/link?basket=current").json["url"].removeprefix("http://localhost")
    stranger = app.test_client()

    assert stranger.get("/samp?basket=current").status_code == 404
    assert stranger.get("/samp/link?basket=current").status_code == 404
    assert stranger.get(url[:-2] + ("AA" if url[-2:] != "AA" else "BB")).status_code == 404
    assert stranger.get(url.replace("/baskets/", "/files/")).status_code == 404
    assert stranger.get("/samp/baskets/x.vot").status_code == 404

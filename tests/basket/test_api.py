import pytest

from tests.support import lab
from tests.support.callers import bearer
from tests.support.callers import make_token

FORM = "/archives/lab/query.lab-stars"
ITEMS = "/api/baskets/current/items"
REMOVE = "/api/baskets/current/remove"


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture
def job(client, work):
    """Return the id of a job with ten rows."""
    response = client.post(FORM, data={"rows": "10"})
    work()
    return response.location.rpartition("/")[2]


@pytest.fixture
def program(app, client, job):
    """Return a function by which a program of the browser's owner calls."""
    headers = bearer(make_token(client))
    caller = app.test_client(use_cookies=False)

    def call(method, address, sent=None):
        return caller.open(address, method=method, headers=headers, json=sent)

    return call


def listed(program):
    return program("GET", ITEMS).json["items"]


def test_rows_are_added_once_and_listed_with_where_they_come_from(program, job):
    sent = {"job": job, "result": "result", "rows": [0, 3]}

    assert program("POST", ITEMS, sent).json == {"new": 2, "known": 0}
    assert program("POST", ITEMS, sent).json == {"new": 0, "known": 2}
    item = next(one for one in listed(program) if one["row"] == 3)
    assert (item["archive"], item["job"], item["result"]) == ("lab", job, "result")
    assert (item["title"], item["s_ra"]) == ("Star 3, lab", 3.0)
    assert item["access_url"] == "http://lab.example/3.fits"


def test_a_program_and_its_owners_browser_have_one_basket(client, program, job):
    client.post("/basket/items", data={"job": job, "result": "result", "row": "2"})

    assert [one["title"] for one in listed(program)] == ["Star 2, lab"]
    program("DELETE", ITEMS)
    assert "The basket is empty" in client.get("/basket").text


def test_all_rows_of_a_long_result_are_one_item_without_a_row(client, work, program):
    long = client.post(FORM, data={"rows": "1001"}).location.rpartition("/")[2]
    work()

    program("POST", ITEMS, {"job": long, "rows": "all"})

    [item] = listed(program)
    assert (item["row"], item["rows"]) == (None, 1001)


def test_a_long_list_is_read_piece_by_piece(program, job):
    program("POST", ITEMS, {"job": job, "rows": "all"})

    piece = program("GET", f"{ITEMS}?offset=8&limit=5").json

    assert piece["count"] == 10
    assert [one["row"] for one in piece["items"]] == [8, 9]


def test_items_are_removed_by_id_and_all_at_once(program, job):
    program("POST", ITEMS, {"job": job, "rows": [0, 1, 2]})
    ids = {one["row"]: one["id"] for one in listed(program)}

    assert program("POST", REMOVE, {"items": [ids[1], "0" * 32]}).json == {"removed": 1}
    assert {one["row"] for one in listed(program)} == {0, 2}
    assert program("DELETE", ITEMS).json == {"removed": 2}
    assert listed(program) == []


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (None, "Send a JSON object"),
        ([1], "Send a JSON object"),
        ({"job": "JOB"}, "rows"),
        ({"rows": [0]}, "job"),
        ({"job": "JOB", "rows": []}, "Tick the rows"),
        ({"job": "JOB", "rows": [10]}, "not in the result"),
        ({"job": "JOB", "rows": [-1]}, "rows"),
        ({"job": "JOB", "rows": [10**30]}, "not in the result"),
        ({"job": "JOB", "rows": ["0"]}, "rows"),
        ({"job": "JOB", "rows": [True]}, "rows"),
        ({"job": "JOB", "rows": "some"}, "rows"),
        ({"job": "JOB", "rows": [0], "owner": "me"}, "owner"),
    ],
)
def test_what_cannot_be_added_is_refused_in_words(program, job, sent, words):
    if isinstance(sent, dict) and sent.get("job"):
        sent["job"] = job

    answer = program("POST", ITEMS, sent)

    assert answer.status_code == 400
    assert words in answer.text
    assert listed(program) == []


@pytest.mark.parametrize(
    "sent", [None, {}, {"items": "all"}, {"items": [1]}, {"items": ["a\0"]}, {"items\0": []}]
)
def test_a_removal_that_names_no_items_removes_none(program, job, sent):
    program("POST", ITEMS, {"job": job, "rows": [0]})

    assert program("POST", REMOVE, sent).status_code == 400
    assert len(listed(program)) == 1


@pytest.mark.parametrize("query", ["offset=-1", "offset=x", "limit=0", "limit=1001"])
def test_a_piece_that_cannot_be_is_refused(program, query):
    assert program("GET", f"{ITEMS}?{query}").status_code == 400


def test_nothing_but_brackets_is_no_object(app, client, job):
    headers = bearer(make_token(client)) | {"Content-Type": "application/json"}

    answer = app.test_client().post(ITEMS, data="[" * 100_000, headers=headers)

    assert answer.status_code == 400


def test_somebody_elses_job_and_items_are_out_of_reach(app, client, program, job):
    program("POST", ITEMS, {"job": job, "rows": [0]})
    [item] = listed(program)
    stranger = app.test_client()
    stranger.post(FORM, data={"rows": "1"})

    assert stranger.get(ITEMS).json == {"count": 0, "version": 0, "items": []}
    assert stranger.post(ITEMS, json={"job": job, "rows": [1]}).status_code == 404
    assert stranger.post(REMOVE, json={"items": [item["id"]]}).json == {"removed": 0}
    assert stranger.delete(ITEMS).json == {"removed": 0}
    assert len(listed(program)) == 1


def test_a_program_without_a_token_has_no_basket(app, job):
    nobody = app.test_client(use_cookies=False)

    assert nobody.get(ITEMS).json == {"count": 0, "version": 0, "items": []}
    for answer in (
        nobody.post(ITEMS, json={"job": job, "rows": [0]}),
        nobody.post(REMOVE, json={"items": []}),
        nobody.delete(ITEMS),
    ):
        assert answer.status_code == 401
        assert "WWW-Authenticate" in answer.headers


def test_another_site_cannot_change_a_visitors_basket(app, client, job):
    app.config["WTF_CSRF_ENABLED"] = True
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}

    assert client.delete(ITEMS, headers=foreign).status_code == 403
    assert client.post(ITEMS, json={"job": job, "rows": [0]}).status_code == 403
    assert client.get(ITEMS).json["count"] == 0


def test_what_was_changed_since_it_was_seen_is_left_alone(program, job, client):
    program("POST", ITEMS, {"job": job, "rows": [0]})
    seen = program("GET", "/api/baskets/current").headers["ETag"]
    address = "/api/baskets/current/items"

    def send(method, path, tag, sent=None):
        headers = {"If-Match": tag}
        return client.open(path, method=method, json=sent, headers=headers)

    assert client.get(address, headers={"If-None-Match": seen}).status_code == 304
    assert send("POST", address, seen, {"job": job, "rows": [1]}).json["new"] == 1
    stale = send("DELETE", address, seen)
    assert (stale.status_code, stale.mimetype) == (412, "application/problem+json")
    assert send("PATCH", "/api/baskets/current", seen, {"name": "x"}).status_code == 412
    assert send("DELETE", "/api/baskets/current", seen).status_code == 412
    assert send("DELETE", address, "x").status_code == 400
    assert client.get(address, headers={"If-None-Match": seen}).json["count"] == 2
    assert send("DELETE", address, "*").json == {"removed": 2}


def test_baskets_are_made_renamed_deleted_and_restored(program):
    made = program("POST", "/api/baskets", {"name": "A"})
    address = made.headers["Location"]

    assert (made.status_code, made.json["current"], made.json["count"]) == (201, True, 0)
    assert program("PATCH", address, {"name": "B"}).json["name"] == "B"
    assert program("POST", "/api/baskets", {"name": "B"}).status_code == 400
    other = program("POST", "/api/baskets", {"name": "C"}).json["ref"]
    assert program("PATCH", address, {"current": True}).json["current"]
    assert [one["name"] for one in program("GET", "/api/baskets").json["baskets"]] == ["B", "C"]
    assert program("DELETE", address).json["deleted"] == made.json["ref"]
    assert program("GET", address).status_code == 404
    assert program("GET", "/api/baskets/current").json["ref"] == other
    assert program("POST", f"{address}/restore").json["name"] == "B"
    assert program("POST", f"{address}/restore").status_code == 404


def test_items_are_moved_noted_and_changes_undone(program, job):
    program("POST", ITEMS, {"job": job, "rows": [0, 1]})
    target = program("POST", "/api/baskets", {"name": "B", "current": False}).json["ref"]
    program("POST", ITEMS, {"url": "https://data.example/a.fits", "title": "a", "note": "n"})
    [typed] = [one for one in listed(program) if one["origin"] == "url"]
    noted = program("PATCH", f"{ITEMS}/{typed['id']}", {"note": "look"})
    assert noted.json["note"] == "look"

    sent = {"items": [typed["id"]], "target": target}
    assert program("POST", "/api/baskets/current/move", sent).json == {"moved": 1}
    [moved] = program("GET", f"/api/baskets/{target}/items").json["items"]
    assert (moved["note"], moved["access_url"]) == ("look", "https://data.example/a.fits")
    changes = program("GET", "/api/baskets/current/changes").json["changes"]
    assert [one["kind"] for one in changes][:2] == ["moved", "noted"]
    undo = f"/api/baskets/current/changes/{changes[0]['id']}/undo"
    assert program("POST", undo).json == {"undone": 1}
    assert len(listed(program)) == 3
    assert program("POST", undo).status_code == 400


def test_errors_are_problems_whatever_the_caller_accepts(client):
    answer = client.get("/api/baskets/none", headers={"Accept": "text/html"})

    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == 404

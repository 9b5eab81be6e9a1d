"""The links of a basket are checked by a job, and a script downloads what they lead to."""

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
from io import BytesIO

import pytest

from portal.basket.adding import add_received
from portal.basket.baskets import list_baskets
from portal.plugins.linkcheck import asking
from portal.plugins.linkcheck.asking import read_seconds
from portal.plugins.types import DataItem
from tests.support.instances import settings_in
from tests.support.loopback import loopback

DATA = bytes(range(256)) * 40
HOSTILE = '\'; rm -rf ~ #"""\n$(reboot)`x`\\'


@pytest.fixture(scope="module")
def server():
    with loopback() as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(server, monkeypatch):
    server.routes.clear()
    server.requests.clear()
    monkeypatch.setattr(asking, "PAUSE_SECONDS", 0.001)


@pytest.fixture
def settings(tmp_path, server):
    return settings_in(tmp_path, remote_allow=(server.host,))


@pytest.fixture
def fill(app, client):
    """Return a function that puts links into the current basket and returns its address."""
    client.post("/baskets", data={"name": "Links"})
    with client.session_transaction() as session:
        owner = session["owner"]

    def fill(*urls, title="a file"):
        with app.app_context():
            items = [DataItem(title=f"{title} {url}", access_url=url) for url in urls]
            add_received(owner, items, sender="test")
            return f"/baskets/{list_baskets(owner)[0].basket.id}"

    return fill


def states(client, basket):
    items = client.get(f"/api{basket}/items").json["items"]
    return {one["access_url"].rpartition("/")[2]: one for one in items if one["access_url"]}


def test_a_check_says_at_each_item_what_its_link_leads_to(client, work, server, fill):
    def no_head(exchange):
        if exchange.method == "HEAD":
            exchange.answer(status=405)
        else:
            exchange.head(206, content_range="bytes 0-0/123456", content_type="image/fits; x=1")

    server.routes["/good"] = lambda one: one.head(content_length="77", content_type="text/plain")
    server.routes["/no-head"] = no_head
    server.routes["/closed"] = lambda one: one.answer(status=401)
    server.routes["/there"] = lambda one: one.head(302, location=f"{server.url}/good")
    server.routes["/inside"] = lambda one: one.head(302, location="http://127.0.0.1:1/secret")
    links = ("good", "no-head", "closed", "there", "inside", "missing")
    basket = fill(*(f"{server.url}/{one}" for one in links), "http://127.0.0.1:1/x", None)
    before = client.get(f"/api{basket}").headers["ETag"]

    job = client.post(f"{basket}/check").location
    work()

    found = states(client, basket)
    assert (found["good"]["link_state"], found["good"]["link_size"]) == ("ok", 77)
    assert (found["no-head"]["link_size"], found["no-head"]["link_type"]) == (123456, "image/fits")
    assert found["closed"]["link_state"] == "needs a login (401)"
    assert found["missing"]["link_state"] == "is not there (404)"
    assert found["there"]["link_state"] == "ok"
    for refused in ("inside", "x"):
        assert found[refused]["link_state"] != "ok"
        assert found[refused]["link_size"] is None
    assert "is not there (404)" in client.get(basket).text
    assert client.get(f"/api{basket}").headers["ETag"] != before
    rows = client.get(f"{job}/results/result.csv").text.splitlines()
    assert len(rows) == 1 + 7
    assert "checked 7 items" in client.get(f"{basket}/changes").text


@pytest.mark.parametrize("place", ["http://[1]/x", "http://a:99999/", "http://*x/", "http:///"])
def test_a_host_that_leads_nowhere_at_all_holds_up_no_check(client, work, server, fill, place):
    server.routes["/bad"] = lambda one: one.head(302, location=place)
    server.routes["/good"] = lambda one: one.head(content_length="77")
    basket = fill(f"{server.url}/bad", f"{server.url}/good")

    client.post(f"{basket}/check")
    work()

    found = states(client, basket)
    assert found["good"]["link_state"] == "ok"
    assert found["bad"]["link_state"] not in ("ok", None)


@pytest.mark.parametrize("url", ["http://a\u2100b.example/x.fits", "http://[1]/x.fits"])
def test_an_address_that_cannot_be_one_spoils_nothing_for_the_others(client, work, fill, url):
    basket = fill("https://x.example/good.fits", url)

    assert "good.fits" in client.get(f"{basket}/download.py").text
    assert client.get("/samp?basket=current").status_code == 200
    data = {"TYPE": "basket.check", "PHASE": "RUN"}
    line = json.dumps({"item": "1", "url": url}).encode()
    job = client.post("/uws/jobs", data={**data, "links": (BytesIO(line), "x")}).location
    work()
    assert "Line 1 of the list is no link." in client.get(f"{job}/error").text


def test_no_host_is_asked_two_things_at_once(client, work, server, fill):
    running, most = [], []

    def count(exchange):
        running.append(exchange)
        most.append(len(running))
        exchange.head(content_length="1")
        running.remove(exchange)

    links = [f"/{number}" for number in range(30)]
    server.routes.update(dict.fromkeys(links, count))
    client.post(f"{fill(*(server.url + one for one in links))}/check")
    work()

    assert len(server.requests) == 30
    assert max(most) == 1


def test_a_basket_without_links_is_not_checked(client, fill):
    assert client.post(f"{fill(None)}/check").status_code == 400
    assert client.post("/baskets/current/check").status_code == 400


@pytest.mark.parametrize("sent", [b"x", b"[]", b'{"item": 1, "url": "x"}', b"[" * 9999, b"\xff"])
def test_a_list_of_links_that_is_none_fails_with_words(client, work, sent):
    data = {"TYPE": "basket.check", "PHASE": "RUN", "links": (BytesIO(sent), "x")}
    job = client.post("/uws/jobs", data=data).location
    work()

    assert "Line 1 of the list is no link." in client.get(f"{job}/error").text


def run_script(client, basket, folder, *options, **environment):
    (folder / "download.py").write_bytes(client.get(f"{basket}/download.py").data)
    return subprocess.run(
        [sys.executable, "download.py", "got", "--retries", "0", *options],
        check=False,
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def serve(exchange):
    """Answer the file, from where it was asked for."""
    start = int(exchange.headers.get("range", "bytes=0-")[6:-1])
    status = {"status": 206, "content_range": f"bytes {start}-{len(DATA) - 1}/{len(DATA)}"}
    exchange.answer(DATA[start:], etag='"1"', **(status if start else {}))


@pytest.mark.slow
def test_the_script_fetches_every_file_once_and_checks_it(client, server, fill, tmp_path):
    paths = ["/a/x.fits", "/b/x.fits", "/b/X.fits", "/SHA256SUMS"]
    server.routes.update(dict.fromkeys(paths, serve))
    basket = fill(*(server.url + path for path in paths), server.url + "/gone", title=HOSTILE)

    first = run_script(client, basket, tmp_path, PORTAL_TOKEN="apt_secret")

    assert first.returncode == 1, first.stderr
    assert "4 of 5 files are there." in first.stdout
    assert "HTTP 404" in first.stdout
    got = tmp_path / "got"
    assert {one.read_bytes() for one in got.iterdir() if one.name != "SHA256SUMS"} == {DATA}
    sums = (got / "SHA256SUMS").read_text()
    assert sums.count(hashlib.sha256(DATA).hexdigest()) == 4
    assert not any("authorization" in one.headers for one in server.requests)

    server.requests.clear()
    again = run_script(client, basket, tmp_path)
    assert again.stdout.count("there already") == 4
    assert server.asked() == ["GET /gone"]


@pytest.mark.slow
def test_the_script_goes_on_where_it_broke_off_and_mends_what_was_changed(
    client, server, fill, tmp_path
):
    def break_off(exchange):
        exchange.head(content_length=str(len(DATA)), etag='"1"')
        exchange.write(DATA[:5000])

    server.routes["/x.fits"] = break_off
    basket = fill(server.url + "/x.fits")
    assert "broke off after 5000" in run_script(client, basket, tmp_path).stdout

    server.routes["/x.fits"] = serve
    assert run_script(client, basket, tmp_path).returncode == 0
    assert server.requests[-1].headers["range"] == "bytes=5000-"
    file = tmp_path / "got" / "x.fits"
    assert file.read_bytes() == DATA

    file.write_bytes(b"changed")
    assert run_script(client, basket, tmp_path).returncode == 0
    assert file.read_bytes() == DATA


def test_what_a_basket_says_stays_data_in_the_script(client, fill):
    urls = [f"https://x.example/{HOSTILE.splitlines()[0]}", 'https://x.example/"]*9;import os#']
    text = client.get(f"{fill(*urls, title=HOSTILE)}/download.py").text

    compile(text, "download.py", "exec")
    lines = [line for line in text.splitlines() if line.startswith('    "{')]
    names = {json.loads(json.loads(line.removesuffix(",")))["name"] for line in lines}
    assert len(names) == len(lines) == 2
    assert all(re.fullmatch(r"[A-Za-z0-9._+-]+", name) for name in names)


def test_no_file_of_the_script_is_in_the_way_of_another_while_it_comes(client, fill):
    ends = ("x.fits.part", "x.fits", "00004_y.fits", "1/y.fits", "2/y.fits", "z", "z.TAG")
    text = client.get(f"{fill(*(f'https://x.example/{end}' for end in ends))}/download.py").text

    lines = [line for line in text.splitlines() if line.startswith('    "{')]
    names = [json.loads(json.loads(line.removesuffix(",")))["name"].casefold() for line in lines]
    on_disk = [name + ending for name in names for ending in ("", ".part", ".tag")]
    assert len(names) == len(ends)
    assert len({*on_disk}) == len(on_disk)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_host_is_asked_again_when_it_says(client, work, server, fill, monkeypatch, status):
    waited = []
    monkeypatch.setattr("portal.plugins.linkcheck.query.threading.Event", lambda: Bell(waited))
    busy = iter([True])

    def answer(exchange):
        if next(busy, False):
            exchange.answer(status=status, retry_after="7")
        else:
            exchange.head(content_length="77")

    server.routes["/busy"] = answer
    basket = fill(f"{server.url}/busy")
    client.post(f"{basket}/check")
    work()

    assert states(client, basket)["busy"]["link_state"] == "ok"
    assert 7.0 in waited
    assert server.asked() == ["HEAD /busy"] * 2


class Bell(threading.Event):
    """An event that nobody waits for; it writes down for how long one would have."""

    def __init__(self, waited):
        super().__init__()
        self._waited = waited

    def wait(self, timeout=None):
        self._waited.append(timeout)
        return self.is_set()


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("999999999999999999999", 20),
        ("-5", 0),
        ("soon", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2115 07:28:00 GMT", 20),
        ("Wed, 21 Oct 2115 07:28:00 -0000", 0),
        ("", 0),
    ],
)
def test_what_a_host_says_of_later_is_read_and_bounded(said, seconds):
    assert read_seconds(said) == seconds

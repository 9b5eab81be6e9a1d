"""The script that fetches the files, run for real beside a server that does what servers do."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from datetime import UTC

import pytest

from portal.analysis.staging.items import NO_LINK
from portal.analysis.staging.items import StagedItem
from portal.analysis.staging.script import basket_document
from portal.analysis.staging.script import stage_script
from portal.analysis.staging.script import StagedBasket
from portal.analysis.staging.session import BASKET_FILE
from portal.analysis.staging.session import SCRIPT_FILE
from portal.analysis.staging.session import session_files
from portal.analysis.staging.session import setup_code
from tests.support.loopback import loopback

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DATA = b"0123456789" * 10_000
MD5 = f"md5:{hashlib.md5(DATA).hexdigest()}"

pytestmark = pytest.mark.slow


@pytest.fixture
def archive():
    with loopback() as server:
        server.routes["/a.fits"] = lambda exchange: exchange.answer(DATA)
        server.routes["/b.fits"] = lambda exchange: exchange.answer(DATA[:10], ETag='"b"')
        server.routes["/missing"] = lambda exchange: exchange.answer(b"", status=404)
        server.routes["/mine"] = lambda exchange: exchange.answer(b"", status=401)
        server.routes["/login"] = lambda exchange: exchange.answer(b"\n<!DOCTYPE html><p>Log in")
        yield server


@pytest.fixture
def stage(tmp_path):
    """Run the script in a folder as a build does; returns its manifest."""
    (tmp_path / "stage.py").write_text(stage_script("basket.json"))

    def run(*items, code=0, place="data", **options):
        basket = StagedBasket(items=items, portal="http://portal/", id="b1", name="Mine")
        (tmp_path / "basket.json").write_text(basket_document(replace(basket, **options)))
        done = subprocess.run(
            [sys.executable, "-I", "stage.py"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == code, done.stderr
        manifest = tmp_path / place / "manifest.json"
        return json.loads(manifest.read_text()) if manifest.exists() else None

    return run


def item(name, url, **more):
    return StagedItem(name=name, title=name, url=url, **more)


def states(manifest):
    return {one["name"]: one["state"] for one in manifest["files"]}


def test_files_arrive_with_their_checksums(stage, archive, tmp_path):
    manifest = stage(
        item(
            "a.fits", f"{archive.url}/a.fits", checksum=MD5, archive="lab", publisher_did="ivo://x"
        ),
        item("b.fits", f"{archive.url}/b.fits", signed=True),
    )
    assert manifest["complete"]
    assert manifest["basket"] == {"id": "b1", "name": "Mine"}
    first, second = manifest["files"]
    assert (tmp_path / first["path"]).read_bytes() == DATA
    assert first["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert (first["archive"], first["publisher_did"]) == ("lab", "ivo://x")
    assert first["url"] == f"{archive.url}/a.fits"
    assert second["url"] is None
    assert sorted(one.name for one in (tmp_path / "data").iterdir()) == [
        "a.fits",
        "b.fits",
        "manifest.json",
    ]


def test_what_fails_is_listed_and_stops_nothing(stage, archive):
    manifest = stage(
        item("none", None, reason=NO_LINK),
        item("missing", f"{archive.url}/missing"),
        item("wrong.fits", f"{archive.url}/a.fits", checksum=MD5.replace(":", ":0")[:36]),
        item("file", "file:///etc/passwd"),
        item("odd", "http://127.0.0.1/$(touch owned)\n"),
        item("bad", "http://[::1"),
        item("mine", f"{archive.url}/mine"),
        item("login.fits", f"{archive.url}/login"),
        item("page.html", f"{archive.url}/login"),
        item("a.fits", f"{archive.url}/a.fits"),
    )
    assert not manifest["complete"]
    assert manifest["counts"] == {"failed": 7, "no link": 1, "there": 2}
    reasons = {one["name"]: one["reason"] for one in manifest["files"]}
    assert reasons["none"] == NO_LINK
    assert reasons["missing"] == "it is not there any more (HTTP status 404)"
    assert reasons["mine"] == "it can only be fetched after a login (HTTP status 401)"
    assert "a web page in place of the file" in reasons["login.fits"]
    assert "checksum" in reasons["wrong.fits"]
    assert "http and https" in reasons["file"]


def test_a_server_that_is_not_there_is_told_in_words(stage, tmp_path):
    script = tmp_path / "stage.py"
    script.write_text(script.read_text().replace("ATTEMPTS = 4", "ATTEMPTS = 1"))

    [away] = stage(item("a.fits", "http://127.0.0.1:9/a.fits"))["files"]

    assert away["reason"] == "the server cannot be reached: Connection refused"


def test_addresses_are_followed_as_archives_write_them(stage, archive):
    archive.routes["/M%2031%20(%C3%84).fits"] = archive.routes["/a.fits"]

    manifest = stage(item("a.fits", f"{archive.url}/M 31%20(Ä).fits?band=Δ [1]&at=1+2#top"))

    assert manifest["complete"], manifest
    assert archive.requests[0].query == "band=%CE%94%20[1]&at=1+2"


@pytest.mark.parametrize("name", ["../a", "/etc/x", "a/b", ".hidden", "", "manifest.json", "a\nb"])
def test_no_name_leads_out_of_the_folder(stage, archive, name):
    manifest = stage(item(name, f"{archive.url}/a.fits"))
    assert states(manifest) == {name: "failed"}


def test_what_is_there_is_kept_and_what_was_changed_comes_again(stage, archive, tmp_path):
    files = [item("a.fits", f"{archive.url}/a.fits"), item("b.fits", f"{archive.url}/b.fits")]
    stage(*files)
    (tmp_path / "data/b.fits").write_bytes(b"changed")
    archive.requests.clear()
    assert stage(*files)["complete"]
    assert archive.asked() == ["GET /b.fits"]
    assert (tmp_path / "data/b.fits").read_bytes() == DATA[:10]


def test_files_of_the_repository_are_not_replaced(stage, archive, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.fits").write_bytes(b"mine")
    manifest = stage(item("a.fits", f"{archive.url}/a.fits"))
    assert (tmp_path / "data/a.fits").read_bytes() == b"mine"
    assert manifest["files"][0]["path"] == "data/basket_a.fits"


def test_a_repository_cannot_pass_its_own_files_off_as_those_of_the_basket(
    stage, archive, tmp_path
):
    """It brings a manifest, and the beginning of a file with the tag that the archive gives it."""
    (tmp_path / "data").mkdir()
    forged = {"path": "data/a.fits", "sha256": hashlib.sha256(b"forged").hexdigest()}
    files = [{"name": "a.fits", "state": "there", **forged}]
    made_up = json.dumps({"basket": {"id": None}, "files": files})
    (tmp_path / "data/manifest.json").write_text(made_up)
    (tmp_path / "data/a.fits").write_bytes(b"forged")
    (tmp_path / "basket-data").mkdir()
    (tmp_path / "basket-data/b.fits.part").write_bytes(b"forged")
    (tmp_path / "basket-data/b.fits.tag").write_text('"b"')

    manifest = stage(
        item("a.fits", f"{archive.url}/a.fits"),
        item("b.fits", f"{archive.url}/b.fits"),
        place="basket-data",
    )

    assert manifest["files"][0]["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert manifest["files"][1]["path"] == "basket-data/basket_b.fits"
    assert (tmp_path / "data/manifest.json").read_text() == made_up


def test_a_folder_that_leads_elsewhere_is_not_used(stage, archive, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "data").symlink_to("elsewhere")
    stage(item("a.fits", f"{archive.url}/a.fits"))
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert (tmp_path / "basket-data/a.fits").read_bytes() == DATA


def test_what_broke_off_goes_on_where_it_ended(stage, archive, tmp_path):
    archive.routes["/c.fits"] = break_off_once()
    assert stage(item("c.fits", f"{archive.url}/c.fits"))["complete"]
    assert (tmp_path / "data/c.fits").read_bytes() == DATA
    assert archive.requests[1].headers["range"] == "bytes=50000-"
    assert archive.requests[1].headers["if-range"] == '"c"'


def test_an_archive_that_is_busy_is_asked_again(stage, archive):
    answers = iter([503, 200])
    archive.routes["/d.fits"] = lambda exchange: exchange.answer(DATA, status=next(answers))
    assert stage(item("d.fits", f"{archive.url}/d.fits"))["complete"]


def test_there_is_an_end_to_bytes_and_to_time(stage, archive):
    url = f"{archive.url}/a.fits"
    many = stage(item("a", url), item("b", url), most_bytes=150_000, at_once=1)
    assert states(many) == {"a": "there", "b": "failed"}
    assert "larger" in many["files"][1]["reason"]
    late = stage(item("c", url), seconds=-1)
    assert "no time" in late["files"][0]["reason"]


def test_a_running_session_fetches_the_same(archive, tmp_path):
    basket = StagedBasket(items=[item("a.fits", f"{archive.url}/a.fits")], portal="http://p/")
    files = session_files(
        portal="http://p/", token="apt_x", basket_id="b1", expires=NOW, basket=basket
    )
    for file in files:
        assert not file.path.startswith(".")
        assert "apt_x" not in repr(file)
        (tmp_path / file.path).write_text(file.content)
    assert json.loads((tmp_path / "portal.json").read_text())["token"] == "apt_x"
    assert "apt_x" not in (tmp_path / BASKET_FILE).read_text() + setup_code()
    assert (tmp_path / SCRIPT_FILE).read_text() == setup_code()
    subprocess.run([sys.executable, SCRIPT_FILE], cwd=tmp_path, check=True)
    assert (tmp_path / "data/a.fits").read_bytes() == DATA


def break_off_once():
    """Return a route that sends half of a file first, and the rest when it is asked for."""

    def answer(exchange):
        if "range" in exchange.headers:
            exchange.head(206, Content_Range="bytes 50000-99999/100000", Content_Length="50000")
            exchange.write(DATA[50_000:])
        else:
            exchange.head(Content_Length="100000", ETag='"c"')
            exchange.write(DATA[:50_000])

    return answer

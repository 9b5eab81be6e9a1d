"""A place asked of archives that are well, dead, slow and out of their minds, by real requests."""

import csv
import re
import time
from dataclasses import replace

import pytest

from portal import config
from portal.uws.models import Job
from portal.uws.service import jobs
from tests.support.loopback import loopback
from tests.support.skies import images
from tests.support.skies import skies_plugin
from tests.support.skies import Sky
from tests.test_portal_up import free_port

pytestmark = pytest.mark.slow  # through engines and pages, not of one unit

ASKED = {"TYPE": "query.multi", "position": "10 60", "radius": "1", "PHASE": "RUN"}


@pytest.fixture(scope="module")
def server():
    with loopback() as running:
        one = ("a1", 10, 60, "ivo://a?1", "http://data/1", 58000.5)
        running.routes["/good"] = images(one, ("a2", 10.5, 60, "ivo://a?2", "http://data/2", ""))
        running.routes["/twin"] = images(one, ("b", 10, 60.5, "ivo://b", "http://data/3", ""))
        running.routes["/empty"] = images()
        running.routes["/slow"] = lambda exchange: exchange.hang()
        running.routes["/rubbish"] = lambda exchange: exchange.answer("<html>Welcome!</html>")
        running.routes["/cut"] = lambda exchange: exchange.answer("<VOTABLE><RESOURCE><TA")
        running.routes["/broken"] = lambda exchange: exchange.answer("no", status=500)
        yield running


@pytest.fixture
def plugins(server):
    names = ["broken", "cut", "empty", "good", "rubbish", "slow", "twin"]
    skies = [Sky(name=name, url=f"{server.url}/{name}") for name in names]
    dead = Sky(name="dead", url=f"http://127.0.0.1:{free_port()}/")
    return [("skies", skies_plugin([*skies, dead]))]


@pytest.fixture
def settings(tmp_path):
    return config.load(
        instance=tmp_path / "instance", remote_allow=["127.0.0.1"], remote_timeout=1.0
    )


@pytest.fixture
def search(client, work):
    """Return a function that asks archives and waits; it returns the address of the job."""

    def search(*archives, **more):
        sent = client.post("/uws/jobs", data={**ASKED, "archives": list(archives), **more})
        assert sent.status_code == 303, sent.text
        address = "/jobs/" + sent.location.rpartition("/")[2]
        while work() or 'hx-trigger="load' in client.get(address).text.partition("</section>")[0]:
            time.sleep(0.1)
        return address

    return search


def rows_of(client, address, name="result.csv"):
    with client.get(f"{address}/results/{name}") as answer:
        return list(csv.DictReader(answer.text.splitlines()))


@pytest.mark.slow
def test_the_rows_of_those_that_are_well_are_there_and_the_others_say_why(client, search):
    address = search()

    found = rows_of(client, address)
    assert [(row["archive"], row["obs_title"]) for row in found] == [
        ("Sky of good", "a1"),
        ("Sky of good", "a2"),
        ("Sky of twin", "b"),
    ]
    assert [float(row["separation"]) for row in found] == pytest.approx([0, 0.25, 0.5], abs=1e-4)
    assert found[0]["t_min"] == "58000.5"
    told = {row["archive"][7:]: row for row in rows_of(client, address, "parts/file")}
    assert {name: row["phase"] for name, row in told.items()} == {
        "broken": "ERROR",
        "cut": "ERROR",
        "dead": "ERROR",
        "empty": "COMPLETED",
        "good": "COMPLETED",
        "rubbish": "ERROR",
        "slow": "ERROR",
        "twin": "COMPLETED",
    }
    page = client.get(address).text
    assert all(row["message"] for row in told.values() if row["phase"] == "ERROR")
    assert "1 row was left out: an archive before had the same data" in page


def test_one_that_is_asked_again_after_the_end_joins_the_answers_of_the_others(
    client, server, search, work, monkeypatch
):
    address = search("good", "broken")
    assert len(rows_of(client, address)) == 2
    block = r'action="(/jobs/\w+/repeat)">\s+<input[^>]*>\s+<input[^>]*-\d"'
    [again] = re.findall(block, client.get(address).text)
    monkeypatch.setitem(server.routes, "/broken", server.routes["/twin"])

    new = client.post(again).location
    work()
    work()

    assert new != address
    assert {row["obs_title"] for row in rows_of(client, new)} == {"a1", "a2", "b"}
    assert len(rows_of(client, address)) == 2
    client.post(f"{address}/delete")
    assert client.get(address).status_code == 404
    assert {row["obs_title"] for row in rows_of(client, new)} == {"a1", "a2", "b"}


def test_when_all_fail_the_job_says_so_with_their_words(client, search):
    address = search("broken", "rubbish")

    page = client.get(address).text
    assert "There is no answer. Sky of broken, Images: " in page


def test_a_data_set_that_is_gone_does_not_lose_the_answer(app, client, search, monkeypatch):
    registry = app.extensions["plugins"]
    parts = type(registry.query("query.multi")).parts

    def forget(self, parameters):
        asked = parts(self, parameters)
        for archive in list(registry._archives.values()):
            registry._archives[archive.id] = replace(archive, visible=False)
        return asked

    monkeypatch.setattr(type(registry.query("query.multi")), "parts", forget)

    found = rows_of(client, search("good"))

    assert [(row["archive"], row["dataset"]) for row in found] == [("Sky of good", "Images")] * 2


def test_more_rows_than_the_limit_are_said_to_be_cut(client, search):
    address = search("good", "twin", maxrec="2")

    assert len(rows_of(client, address)) == 2
    assert "cut at the row limit" in client.get(address).text


def test_all_parts_are_of_one_run_and_have_the_time_of_the_whole(app, client, search):
    address = search("good", "twin", EXECUTIONDURATION="77", RUNID="mine")

    with app.app_context():
        parts = jobs_of(address)
        assert [(job.run_id, job.execution_duration) for job in parts] == [("mine", 77)] * 2


def jobs_of(address):
    from portal.db import db

    return db.session.query(Job).filter(Job.parent_id == address.rpartition("/")[2]).all()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"archives": "gone"}, "There is no archive or data set gone"),
        ({"position": "Nowhere"}, "Nobody knows where Nowhere is"),
        ({"position": "Far Away"}, "get /resolve?name=Far+Away&remote=1 first"),
        ({"positions": "Far Away"}, "send the coordinates as POSITION"),
        ({"time": "58000"}, "cannot be asked for a time"),
    ],
)
def test_programs_are_told_why_nobody_is_asked_and_no_job_is_left(app, client, sent, words):
    answer = client.post("/uws/jobs", data={**ASKED, **sent})

    assert answer.status_code == 400
    assert words in answer.text
    with app.app_context():
        assert jobs().types["query.multi"].children
        from portal.db import db

        assert db.session.query(Job).count() == 0

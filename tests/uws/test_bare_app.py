"""The engine is portable: an app that has nothing else of the portal offers the same service."""

from dataclasses import replace

import pytest
from lxml import etree

from portal.db import db
from portal.uws.callers import UnauthorizedError
from portal.uws.routes.surroundings import EXTENSION as SURROUNDINGS
from tests.support.bare_uws import make_bare_uws

ADA = ("ada", "")


@pytest.fixture
def bare(tmp_path):
    made = make_bare_uws(tmp_path)
    yield made
    with made.app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(bare):
    return bare.app.test_client()


def test_an_app_that_is_no_portal_describes_its_own_type(client):
    listed = client.get("/service/types").json["types"]
    described = client.get("/service/types/CALC.total").json

    assert [one["name"] for one in listed] == ["calc.sum"]
    assert described["name"] == "calc.sum"
    assert described["links"]["jobs"] == "http://localhost/service/calc.sum"
    assert described["results"]["result"]["mediaType"] == "text/plain"
    assert described["examples"][0]["parameters"] == {"numbers": [1.0, 2.0]}


def test_an_app_that_is_no_portal_validates_and_says_what_is_wrong(client):
    right = client.post("/service/types/calc.sum/validate", data={"Numbers": "1 2"})
    wrong = client.post("/service/types/calc.sum/validate", json={"parameters": {"times": 0}})
    unknown = client.get("/service/types/nothing")

    assert right.json["parameters"] == {
        "numbers": [1.0, 2.0],
        "sign": "plus",
        "times": 1,
    }
    assert {one["pointer"] for one in wrong.json["errors"]} == {
        "/parameters/numbers",
        "/parameters/times",
    }
    assert (wrong.status_code, unknown.status_code) == (422, 404)


def test_an_app_that_is_no_portal_has_vosi_resources(client):
    assert b"service/calc.sum</accessURL>" in client.get("/service/capabilities").data
    assert b"<vosi:available>true</vosi:available>" in client.get("/service/availability").data


def test_an_app_that_is_no_portal_runs_a_job(bare, client):
    form = {"NUMBERS": "1 2.5", "times": "2", "PHASE": "RUN"}
    job = client.post("/service/Calc.Total", data=form).headers["Location"]

    assert bare.work(job.rpartition("/")[2])

    assert client.get(f"{job}/phase").text == "COMPLETED"
    assert client.get(f"{job}/results/result").text == "7.0"


def test_errors_of_the_job_tree_are_told_to_programs(client):
    gone = client.get("/service/jobs/nothing")
    wrong = client.post("/service/calc.sum", data={"times": "10"})
    as_json = client.post("/service/calc.sum", json={}, headers={"Accept": "application/json"})

    assert (gone.status_code, gone.mimetype) == (404, "text/plain")
    assert (wrong.status_code, wrong.mimetype) == (403, "text/plain")
    assert "numbers" in wrong.text
    assert "times" in wrong.text
    assert as_json.mimetype == "application/problem+json"
    assert as_json.json["errors"][0]["pointer"] == "/parameters/numbers"


@pytest.mark.peers  # the schema comes with STILTS
def test_every_document_follows_the_schema_in_every_phase(bare, client, uws_schema):
    def check(address):
        document = etree.fromstring(
            client.get(address, headers={"Accept": "text/xml"}, auth=ADA).data
        )
        uws_schema.assertValid(document)
        return document

    made = client.post("/service/calc.sum", data={"numbers": "1 2"}, auth=ADA).location
    check(made)
    client.post(f"{made}/phase", data={"PHASE": "RUN"}, auth=ADA)
    check(made)
    assert bare.work(made.rpartition("/")[2])
    aborted = client.post("/service/calc.sum", data={"numbers": "1"}, auth=ADA).location
    client.post(f"{aborted}/phase", data={"PHASE": "ABORT"}, auth=ADA)

    for address in ("", "/parameters", "/results"):
        check(made + address)
        check(aborted + address)
    for query in ("", "?PHASE=COMPLETED&PHASE=ABORTED&LAST=2", "?AFTER=2000-01-01T00:00:00Z"):
        assert len(check(f"/service/jobs{query}")) == 2


def test_who_has_to_say_who_he_is_gets_the_challenge(bare, client, monkeypatch):
    def refuse():
        raise UnauthorizedError("Say who you are.")

    known = bare.app.extensions[SURROUNDINGS]
    monkeypatch.setitem(bare.app.extensions, SURROUNDINGS, replace(known, caller=refuse))

    answer = client.get("/service/jobs")

    assert answer.status_code == 401
    assert any(one.startswith("Basic") for one in answer.headers.getlist("WWW-Authenticate"))


def test_a_job_is_made_run_and_read_over_http_alone(bare, client):
    made = client.post("/service/calc.sum", data={"numbers": "1 2", "PHASE": "RUN"})
    job = made.headers["Location"]
    bare.work(job.rpartition("/")[2])

    assert client.get(f"{job}/phase").text == "COMPLETED"
    assert client.get(f"{job}/results/result").text.strip() == "3.0"

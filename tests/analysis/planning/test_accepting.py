"""The question of the ExecutionPlanner note: does the portal run this, and where."""

import json

import pytest

from tests.support.planned import Binder
from tests.support.planned import Broken
from tests.support.planned import GIBIBYTE
from tests.support.planned import Hub
from tests.support.planned import plugin
from tests.support.planned import REPOSITORY

TASK = {"tasktype": "uri://ivoa.net/tasktypes#jupyter-notebook"}


@pytest.fixture
def hub():
    return Hub()


@pytest.fixture
def plugins(hub):
    return [("planned", plugin(hub, Binder(), Broken()))]


def question(**taskinfo):
    return TASK | {"taskinfo": {"repository": REPOSITORY} | taskinfo}


def test_the_first_facility_that_runs_it_answers_for_the_portal(client, hub):
    found = client.post("/accepts", json=question(ref="v1.2", path="demo/a b.ipynb")).get_json()

    assert found["reponseword"] == "YES"
    assert found["servicetype"] == "execution-broker"
    assert found["serviceinfo"]["endpoint"].startswith("http://localhost/")
    words = [(one["facility"], one["reponseword"]) for one in found["interfaces"]]
    assert words == [("hub", "YES"), ("binder", "YES"), ("broken", "NO")]
    (asked,) = hub.asked
    assert (asked.repository, asked.ref, asked.path) == (REPOSITORY, "v1.2", "demo/a b.ipynb")
    assert found["interfaces"][1]["serviceinfo"]["endpoint"] == (
        "https://binder.example.org/v2/git/https%3A%2F%2Fgit.example.org%2Fstars%2Fcurve/v1.2"
        "?urlpath=lab/tree/demo/a%2520b.ipynb"
    )


def test_query_form_json_and_yaml_ask_the_same(client, hub):
    flat = TASK | {"taskinfo.repository": REPOSITORY, "mincores": "2", "minmemory": "3"}
    nested = question() | {"resources": {"mincores": 2, "minmemory": 3}}
    yaml = (
        f"tasktype: {TASK['tasktype']!r}\ntaskinfo: {{repository: '{REPOSITORY}'}}\n"
        "resources: {mincores: 2, minmemory: 3}"
    )
    answers = [
        client.get("/accepts", query_string=flat),
        client.post("/accepts", data=flat),
        client.post("/accepts", data=flat, content_type="multipart/form-data"),
        client.post("/accepts", json=nested),
        client.post("/accepts", data=yaml, content_type="application/yaml"),
    ]

    assert [one.status_code for one in answers] == [200] * 5
    assert all(one.get_json() == answers[0].get_json() for one in answers)
    assert answers[0].get_json()["resources"] == {"mincores": 2, "minmemory": 3}
    assert {(one.cores, one.memory) for one in hub.asked} == {(2, 3 * GIBIBYTE)}


def test_one_facility_says_why_not(client):
    asked = question() | {"resources": {"mincores": 16}}

    found = client.post("/facilities/hub/accepts", json=asked).get_json()

    assert found == {
        "facility": "hub",
        "title": "The hub",
        "reponseword": "NO",
        "reponseinfo": {"reasons": ["Sessions have 4 cores."]},
    }
    assert client.get("/facilities/none/accepts").status_code == 404


def test_a_facility_that_fails_says_no(client):
    found = client.post("/facilities/broken/accepts", json=question()).get_json()

    assert found["reponseword"] == "NO"
    assert "does not answer" in found["reponseinfo"]["reasons"][0]


@pytest.mark.parametrize(
    "tasktype",
    [
        "jupyter-notebook",
        "uri:binder-notebook",
        "https://www.purl.org/ivoa.net/EB/schema/types/executable/jupyter-notebook-1.0",
        "https://www.purl.org/x/v1.0/kinds/executable/binder-repository.yaml",
        "http://example.org/task/ESAP-notebook/",
    ],
)
def test_every_spelling_of_a_notebook_is_one(client, tasktype):
    found = client.get("/accepts", query_string={"tasktype": tasktype}).get_json()

    assert found["reponseword"] == "YES"
    assert "No repository was named" in found["reponseinfo"]["reasons"][0]


@pytest.mark.parametrize("tasktype", ["docker-container", "urn:zeppelin-notebook", "x:y", "x" * 90])
def test_what_nothing_runs_is_no_and_no_fault(client, hub, tasktype):
    answer = client.get("/accepts", query_string={"tasktype": tasktype})

    assert answer.status_code == 200
    assert answer.get_json()["reponseword"] == "NO"
    assert answer.get_json()["reponseinfo"]["reasons"]
    assert hub.asked == []


def test_the_address_of_a_notebooks_page_names_its_repository(client, hub):
    page = f"{REPOSITORY}/-/blob/main/demo/a.ipynb"

    client.post("/accepts", json=TASK | {"taskinfo": {"notebook": page}})

    (asked,) = hub.asked
    assert (asked.repository, asked.ref, asked.path) == (REPOSITORY, "main", "demo/a.ipynb")


def test_a_notebook_outside_of_a_repository_is_refused_with_the_reason(client):
    asked = TASK | {"taskinfo": {"notebook": "https://example.org/a.ipynb"}}

    found = client.post("/accepts", json=asked).get_json()

    assert found["reponseword"] == "NO"
    assert "git repository" in found["reponseinfo"]["reasons"][0]


def test_what_nobody_can_promise_is_said(client):
    asked = question() | {"resources": {"maxstartup": "PT5M", "minduration": 3600}}

    reasons = client.post("/accepts", json=asked).get_json()["reponseinfo"]["reasons"]

    assert len(reasons) == 2


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"taskinfo": {}}, "tasktype"),
        ({"tasktype": 5}, "tasktype"),
        ({"tasktype": "x" * 501}, "tasktype"),
        (TASK | {"taskinfo": []}, "taskinfo"),
        (question(repository="file:///etc"), "taskinfo.repository"),
        (question(repository="https://a:b@example.org/x"), "taskinfo.repository"),
        (question(repository=["x"]), "taskinfo.repository"),
        (question(ref="--upload-pack=x"), "taskinfo.ref"),
        (question(ref=1.5), "taskinfo.ref"),
        (question(path="../x"), "taskinfo.path"),
        (TASK | {"taskinfo": {"notebook": "javascript:x"}}, "taskinfo.notebook"),
        (TASK | {"resources": {"mincores": -1}}, "resources.mincores"),
        (TASK | {"resources": {"mincores": True}}, "resources.mincores"),
        (TASK | {"resources": {"minmemory": "1e999"}}, "resources.minmemory"),
        (TASK | {"resources": {"minmemory": "nan"}}, "resources.minmemory"),
        (TASK | {"resources": {"minmemory": 10**400}}, "resources.minmemory"),
        (TASK | {"resources": {"minduration": "soon"}}, "resources.minduration"),
        (TASK | {"resources": {"minduration": -4}}, "resources.minduration"),
    ],
)
def test_a_value_that_cannot_be_is_named(client, sent, place):
    answer = client.post("/accepts", json=sent)

    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert [one["name"] for one in answer.get_json()["errors"]] == [place]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"[" * 50_000, "application/json", 400),
        (b"[" * 50_000, "application/yaml", 400),
        (b"- " * 40_000, "application/yaml", 400),
        (b"{" * 30, "application/yaml", 400),
        (b"[]", "application/json", 400),
        (b"", "application/json", 400),
        (b'{"tasktype": "a\\u0000"}', "application/json", 400),
        (b'{"tasktype": "\\ud800"}', "application/json", 400),
        (b'{"tasktype": NaN}', "application/json", 400),
        (b'{"a": ' + b"9" * 9_000 + b"}", "application/json", 400),
        (b"tasktype: x\na: " + b"9" * 9_000, "application/yaml", 200),
        (b"tasktype: x\na: 1" + b":59" * 9_000, "application/yaml", 200),
        (b"a: !!float 1" + b":59" * 9_000, "application/yaml", 400),
        (b"\xff\xfe\xff", "application/yaml", 400),
        (b"\xff", "application/json", 400),
        (b"a: &a [x]\nb: [*a, *a]", "application/yaml", 400),
        (b"a: !!python/object/apply:os.getcwd []", "application/yaml", 400),
        (b"? [a]\n: b", "application/yaml", 400),
        (b"tasktype: 1.10", "application/yaml", 200),
        (b"a: 1\n---\nb: 2", "application/yaml", 400),
        (b"tasktype: !!timestamp 2026-99-99", "application/yaml", 400),
        (b"~: b", "application/yaml", 400),
        (b"tasktype: 2026-01-01", "application/yaml", 200),
        (b'{"a": "' + b"x" * 100_000 + b'"}', "application/json", 413),
        (b"tasktype=" + b"x" * 100_000, "application/x-www-form-urlencoded", 413),
        (b"<tasktype/>", "application/xml", 415),
        (b"{}", "", 415),
    ],
)
def test_no_body_does_harm(client, body, content_type, status):
    answer = client.post("/accepts", data=body, content_type=content_type)

    assert answer.status_code == status
    assert answer.is_json


def test_the_answer_is_yaml_for_those_who_ask_for_it(client):
    asked = {"query_string": TASK}

    assert client.get("/accepts", **asked).mimetype == "application/json"
    assert client.get("/accepts", **asked, headers={"Accept": "*/*"}).mimetype == "application/json"
    written = client.get("/accepts", **asked, headers={"Accept": "application/yaml"})
    assert written.mimetype == "application/yaml"
    assert written.text.startswith("reponseword: 'YES'\n")
    assert client.get("/accepts", **asked, headers={"Accept": "image/png"}).status_code == 406


def test_who_asks_nothing_learns_what_can_be_asked(client):
    found = client.get("/accepts").get_json()

    assert "jupyter-notebook" in found["tasktypes"]
    assert [one["facility"] for one in found["facilities"]] == ["hub", "binder", "broken"]


def test_any_site_may_ask_and_nobody_gets_a_cookie(app):
    app.config["WTF_CSRF_ENABLED"] = True
    browser = app.test_client()
    browser.set_cookie("portal", "somebody")
    headers = {"Origin": "https://elsewhere.example", "Content-Type": "application/json"}

    answer = browser.post("/accepts", data=json.dumps(question()), headers=headers)

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("plugins", [[]])
def test_a_portal_without_facilities_says_so(client):
    found = client.get("/accepts", query_string=TASK).get_json()

    assert found["reponseword"] == "NO"
    assert found["reponseinfo"]["reasons"] == ["This portal knows no facility."]

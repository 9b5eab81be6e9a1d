import shutil

import pytest
from lxml import etree
from sqlalchemy import select

from portal.db import db
from portal.uws.models import Job
from portal.uws.types import JobTypes
from tests.support.declared import EVERY_KIND

TYPE = "/uws/types/test.kinds"
VALIDATE = f"{TYPE}/validate"
GETS = [
    "/uws/types",
    TYPE,
    f"{TYPE}?format=votable",
    f"{TYPE}?format=process",
    f"{TYPE}/schema",
    "/uws/capabilities",
]


@pytest.fixture
def types() -> JobTypes:
    return JobTypes([EVERY_KIND])


def pointers(answer):
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    return {one["pointer"]: one["detail"] for one in answer.json["errors"]}


def test_the_list_leads_to_each_type(uws):
    (listed,) = uws.get("/uws/types").json["types"]

    assert uws.get(listed["href"]).json["name"] == "test.kinds"
    assert listed["jobs"] == "http://localhost/uws/test.kinds"


@pytest.mark.parametrize("name", ["TEST.KINDS", "test.everything", "Test.Everything"])
def test_any_case_and_any_alias_lead_to_the_type_under_its_name(uws, name):
    answer = uws.get(f"/uws/types/{name}")

    assert answer.json["name"] == "test.kinds"
    assert answer.headers["Content-Location"] == f"http://localhost{TYPE}"
    assert f'<http://localhost{TYPE}/schema>; rel="describedby"' in answer.headers["Link"]


def test_the_schema_has_the_media_type_of_schemas(uws):
    answer = uws.get(f"{TYPE}/schema")

    assert answer.mimetype == "application/schema+json"
    assert answer.json["$id"] == f"http://localhost{TYPE}/schema"
    assert "ra" in answer.json["properties"]


def test_other_standards_have_views_of_the_same(uws):
    datalink = uws.get(f"{TYPE}?FORMAT=VOTable")
    process = uws.get(f"{TYPE}?format=process")

    assert datalink.headers["Content-Type"] == "application/x-votable+xml;content=datalink"
    assert etree.fromstring(datalink.data).find(".//{*}GROUP").get("name") == "inputParams"
    assert process.json["jobControlOptions"] == ["async-execute", "dismiss"]


def test_a_format_that_does_not_exist_is_refused_with_those_that_do(uws):
    answer = uws.get(f"{TYPE}?format=pdf")

    assert answer.status_code == 400
    assert "votable" in answer.json["detail"]


@pytest.mark.parametrize("url", ["", "/schema", "/validate"])
def test_a_type_that_does_not_exist_is_not_found(uws, url):
    method = uws.post if url == "/validate" else uws.get
    answer = method(f"/uws/types/nothing{url}")

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json["detail"] == "There is no job type nothing."


@pytest.mark.parametrize("url", GETS)
def test_what_a_client_knows_is_not_sent_again(app, uws, url):
    client = app.test_client(use_cookies=False)
    first = client.get(url)
    again = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    other = client.get(url, headers={"If-None-Match": '"other"'})

    assert first.headers["Cache-Control"] == "no-cache"
    assert (again.status_code, again.data) == (304, b"")
    assert (other.status_code, other.data) == (200, first.data)


def test_availability_is_true_while_the_database_answers(uws):
    document = etree.fromstring(uws.get("/uws/availability").data)

    assert document.findtext("{*}available") == "true"
    assert document.findtext("{*}upSince").endswith("Z")


def test_availability_is_false_when_the_database_does_not_answer(uws, settings):
    db.session.remove()
    db.engine.dispose()
    shutil.rmtree(settings.instance)

    answer = uws.get("/uws/availability")

    assert answer.status_code == 200
    assert etree.fromstring(answer.data).findtext("{*}available") == "false"


def test_a_job_says_which_declaration_its_parameters_followed(uws):
    job = uws.create({"query": "SELECT 1", "ra": "1"}, root="/uws/Test.Everything")
    info = uws.get(job, "application/json").json["jobInfo"]

    assert info["type"] == "test.kinds"
    assert info["typeVersion"] == "2"
    assert info["schemaHash"] == uws.get(TYPE).json["schemaHash"]


def test_a_form_is_checked_as_forms_are(uws):
    form = {"QUERY": "SELECT 1", "RA": "10", "corner": "1 2", "exact": "0", "words": ["a b", "c"]}

    answer = uws.post(VALIDATE, form)

    assert answer.status_code == 200
    assert answer.json["valid"] is True
    assert answer.json["parameters"] == {
        "maxrec": None,
        "query": "SELECT 1",
        "ra": 10.0,
        "radius": None,
        "epoch": 2000.0,
        "count": None,
        "exact": False,
        "doubtful": None,
        "band": None,
        "how": "up",
        "corner": [1.0, 2.0],
        "numbers": None,
        "words": ["a b", "c"],
        "place": None,
        "service": None,
    }


def test_control_parameters_of_a_creation_are_no_error(uws):
    form = {"query": "SELECT 1", "ra": "1", "PHASE": "RUN", "RUNID": "x"}

    assert uws.post(VALIDATE, form).status_code == 200


def test_json_is_checked_without_coercion(uws):
    right = uws.post(VALIDATE, json={"parameters": {"query": "SELECT 1", "RA": 10}})
    wrong = uws.post(VALIDATE, json={"parameters": {"query": "SELECT 1", "ra": "10"}})

    assert right.json["parameters"]["ra"] == 10.0
    assert pointers(wrong) == {"/parameters/ra": "write a number"}


@pytest.mark.parametrize("as_json", [True, False])
def test_every_error_comes_at_once_with_its_place(uws, as_json):
    values = {"ra": 400, "numbers": [1, 1.5], "band": "gamma", "nothing": 1}
    answer = (
        uws.post(VALIDATE, json={"parameters": values}) if as_json else uws.post(VALIDATE, values)
    )

    assert set(pointers(answer)) == {
        "/parameters/query",
        "/parameters/ra",
        "/parameters/numbers/1",
        "/parameters/band",
        "/parameters/nothing",
    }
    assert answer.json["valid"] is False


@pytest.mark.parametrize(
    "body", ["", "[]", '"x"', "{", '{"parameters": 5}', "[" * 100_000, b"\xff"]
)
def test_what_is_no_object_is_refused(uws, body):
    answer = uws.post(VALIDATE, body, content_type="application/json")

    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_validation_makes_no_job(uws):
    uws.post(VALIDATE, {"query": "SELECT 1", "ra": "1", "PHASE": "RUN"})

    assert db.session.scalars(select(Job)).all() == []


def test_validation_with_a_cookie_needs_the_token_of_a_form(app, uws):
    app.config["WTF_CSRF_ENABLED"] = True
    browser = app.test_client()
    browser.set_cookie("portal", "x")

    assert browser.post(VALIDATE, data={}).status_code == 403
    assert uws.post(VALIDATE, {}).status_code == 422

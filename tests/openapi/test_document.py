"""The document of the API is valid OpenAPI 3.1, and says of the API what is so."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.support import lab
from tests.support.callers import bearer
from tests.support.callers import make_token

SCHEMA = Path(__file__).parents[1] / "data" / "openapi" / "oas-3.1.schema.json"
FORM = "/archives/lab/query.lab-stars"


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture
def document(client):
    return client.get("/api/openapi.json").json


def schemas(part):
    """Go through every schema in a document."""
    if isinstance(part, dict):
        for name, one in part.items():
            if name == "schema":
                yield one
            else:
                yield from schemas(one)
    elif isinstance(part, list):
        for one in part:
            yield from schemas(one)


def references(part):
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for one in part.values():
            yield from references(one)
    elif isinstance(part, list):
        for one in part:
            yield from references(one)


def validator(document, name):
    """Return what checks a JSON value against a schema of the document."""
    whole = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return Draft202012Validator(whole)


@pytest.mark.slow
def test_the_document_follows_the_schema_of_openapi(document):
    meta = json.loads(SCHEMA.read_text())

    Draft202012Validator(meta).validate(document)
    for schema in [*schemas(document["paths"]), *document["components"]["schemas"].values()]:
        Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere(document):
    for reference in references(document):
        at = document
        for name in reference.removeprefix("#/").split("/"):
            at = at[name]


def test_every_address_of_the_api_is_described(app, document):
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/") and rule.endpoint != "openapi.show":
            path = document["paths"][rule.rule.replace("<", "{").replace(">", "}")]
            assert {method.lower() for method in rule.methods - {"HEAD", "OPTIONS"}} <= set(path)
    ids = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(ids) == len(set(ids))


def test_answers_are_what_the_document_says(app, client, work, document):
    headers = bearer(make_token(client))
    program = app.test_client(use_cookies=False)
    sent = {"TYPE": "query.lab-stars", "PHASE": "RUN", "rows": "3", "BASKET": "current"}
    job = program.post("/uws/jobs", data=sent, headers=headers).location.rpartition("/")[2]
    work()

    for address, name in (
        ("/api/baskets", "BasketsOut"),
        ("/api/baskets/current", "BasketOut"),
        ("/api/baskets/current/items", "ItemsOut"),
        ("/api/baskets/current/changes", "ChangesOut"),
        ("/api/baskets/current/shares", "SharesOut"),
        ("/uws/jobs", "UwsJobs"),
        (f"/uws/jobs/{job}", "UwsJob"),
        ("/api/baskets/none", "Problem"),
    ):
        accept = {"Accept": "application/json"}
        answer = program.get(address, headers=headers | accept).json
        validator(document, name).validate(answer)

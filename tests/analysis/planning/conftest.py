"""A portal with two facilities, and a program that talks to its broker."""

import uuid

import pytest

from portal.accounts.tokens import make_token
from tests.support.callers import bearer
from tests.support.planned import REPOSITORY

KINDS = "https://www.purl.org/ivoa.net/Calycopis-openapi/schema/v1.0/kinds"
NOTEBOOK = f"{KINDS}/executable/binder-repository.yaml"
COMPUTE = f"{KINDS}/compute/simple-compute-resource.yaml"


class Program:
    """Sends documents with the token of a person."""

    def __init__(self, app, headers):
        self._client = app.test_client()
        self.headers = headers

    def get(self, address, **headers):
        return self._client.get(address, headers=self.headers | headers)

    def post(self, address, document=None, **options):
        given = {"json": document} if document is not None else options
        return self._client.post(address, headers=self.headers, **given)

    def offers(self, **changes):
        return self.post("/eb/requests", request_document(**changes)).get_json()

    def decide(self, offer, value):
        update = {"kind": "uri:enum-value-update", "path": "phase", "value": value}
        return self.post(address_of(offer), update)

    def phase(self, offer):
        return self.get(address_of(offer)).get_json()["phase"]


def address_of(document):
    """Return the path of what a document says its address is."""
    return document["meta"]["url"].removeprefix("http://localhost")


def request_document(**changes):
    """Return a request of 2026."""
    executable = {
        "kind": NOTEBOOK,
        "meta": {"name": "Light curves"},
        "repository": REPOSITORY,
        "ref": "v1.2",
        "path": "curve.ipynb",
    }
    return {"executable": executable} | changes


def new_token(app):
    """Return a token of somebody new."""
    with app.app_context():
        return make_token(uuid.uuid4().hex).secret


@pytest.fixture
def program(app):
    """Return the program of a person."""
    return Program(app, bearer(new_token(app)))


@pytest.fixture
def stranger(app):
    """Return a program of somebody else."""
    return Program(app, bearer(new_token(app)))

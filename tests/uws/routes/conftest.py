"""The REST tree with test job types, a caller that tests choose, and the schema of UWS 1.1."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from werkzeug.wrappers import Response

from portal import config
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.uws.service import EXTENSION
from portal.uws.service import JobService
from portal.uws.types import Description
from portal.uws.types import JobType
from portal.uws.types import JobTypes
from tests.support.instances import settings_in
from tests.uws.conftest import HELLO


class Numbers(Parameters):
    """A type with a number and a list."""

    count: int = parameter(1, title="Count", ge=0, le=9)
    words: list[str] = parameter([], title="Words")


@pytest.fixture
def settings(tmp_path) -> config.Settings:
    return settings_in(tmp_path)


@pytest.fixture
def types() -> JobTypes:
    return JobTypes(
        [
            HELLO,
            JobType(
                name="test.numbers",
                title="Numbers",
                parameters=Numbers,
                describe=lambda _: Description(title="Numbers", text=""),
            ),
        ]
    )


@pytest.fixture
def service(app: Flask, service: JobService) -> JobService:
    """Put the service of the tests in the place of the portal's."""
    app.extensions[EXTENSION] = service
    return service


class Caller:
    """A UWS client without cookies, as programs are."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client

    def get(self, url: str, accept: str | None = None, **options) -> Response:
        headers = {"Accept": accept} if accept else {}
        return self._client.get(url, headers=headers, **options)

    def post(self, url: str, data=None, **options) -> Response:
        return self._client.post(url, data=data, **options)

    def create(self, data=None, root: str = "/uws/hello") -> str:
        """Create a job and return its path."""
        answer = self.post(root, data or {})
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].removeprefix("http://localhost")

    def xml(self, url: str) -> etree._Element:
        answer = self.get(url)
        assert answer.status_code == 200, answer.text
        assert answer.mimetype in ("application/xml", "text/xml")
        return etree.fromstring(answer.data)

    def delete(self, url: str) -> Response:
        return self._client.delete(url)

    def put(self, url: str, data: bytes) -> Response:
        return self._client.put(url, data=data)


@pytest.fixture
def uws(app: Flask, service: JobService) -> Caller:
    """Return a client without cookies and credentials."""
    return Caller(app.test_client(use_cookies=False))

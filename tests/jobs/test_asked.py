"""The way back from a job to its form, whatever its parameters are called."""

import re

import pytest

from portal.plugins import echo
from tests.support.pages import text_of

FORM = "/archives/test/test.echo"


@pytest.fixture
def plugins():
    return [("test", echo)]


@pytest.fixture
def run(client, work):
    """Return a function that runs an echo of some parameters and returns its page's address."""

    def run(**parameters):
        url = client.post(FORM, data={"TEXT": "hello", **parameters}).location
        assert work() == 1
        return url

    return run


@pytest.mark.parametrize(
    "name",
    ["archive_id", "query_id", "endpoint", "_anchor", "_external", "_method", "_scheme"],
)
def test_a_job_leads_back_to_its_form_whatever_its_parameters_are_called(client, run, name):
    url = run(**{name: ["one & two", "three"]})

    for page in (url, f"{url}/results/result"):
        response = client.get(page)
        assert response.status_code == 200
        [link] = set(re.findall(rf'href="({FORM}\?[^"]*)"', text_of(response)))
        assert f"{name}=one+%26+two&{name}=three" in link
        assert client.get(link).status_code == 200

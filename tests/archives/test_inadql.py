import pytest
from sqlalchemy import func
from sqlalchemy import select

from portal.db import db
from portal.uws.models import Job
from tests.support import lab

FORM = "/archives/lab/query.lab-stars"
OPEN = f"{FORM}/adql"


@pytest.fixture
def plugins():
    return [("lab", lab)]


def test_a_form_that_stands_for_adql_can_be_opened_in_the_editor(client):
    assert f'formaction="{OPEN}"' in client.get(FORM).text
    assert "/adql" not in client.get("/archives/lab/query.lab-sky").text


def test_the_editor_is_filled_in_with_what_the_form_asks_and_no_job_is_made(app, client):
    response = client.post(OPEN, data={"rows": "3"})

    assert response.status_code == 303
    assert response.location == "/archives/lab/query.lab-sky?counts=3+%26+1"
    with app.app_context():
        assert db.session.scalar(select(func.count(Job.id))) == 0


def test_what_is_wrong_with_the_form_is_said_first(client):
    response = client.post(OPEN, data={"rows": "-1", "survey": "a"})

    assert response.status_code == 422
    assert 'href="#field-rows"' in response.text
    assert '<option value="a" selected>' in response.text


@pytest.mark.parametrize("how", ["service", "usage", "crash"])
def test_what_is_no_adql_yet_is_said_with_the_form(client, how):
    response = client.post(OPEN, data={"rows": "3", "how": how})

    assert response.status_code == 422
    assert "not known before the job runs" in response.text
    assert "secret detail" not in response.text


def test_a_query_that_is_no_adql_has_no_such_address(client):
    assert client.post("/archives/lab/query.lab-sky/adql", data={}).status_code == 404

"""Who sees which jobs at the UWS service: with a token, with a cookie, with neither."""

import xml.etree.ElementTree as ET

import pytest

from portal import config
from portal.accounts.tokens import Scope
from tests.support import lab
from tests.support.callers import basic
from tests.support.callers import bearer
from tests.support.callers import make_token

UWS = "{http://www.ivoa.net/xml/UWS/v1.0}"
LIST = "/uws/query.lab-stars"


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture
def anonymous():
    """Name the setting for callers without credentials."""
    return "capability"


@pytest.fixture
def settings(tmp_path, anonymous):
    return config.load(instance=tmp_path / "instance", uws_anonymous=anonymous)


@pytest.fixture
def program(app):
    """Return a client that keeps no cookies."""
    return app.test_client(use_cookies=False)


def make_job(client, **options):
    return client.post(LIST, data={"ROWS": "3"}, **options)


def listed(client, **options):
    answer = client.get(LIST, **options)
    assert answer.status_code == 200
    return [one.get("id") for one in ET.fromstring(answer.data).iter(f"{UWS}jobref")]


def owner_id(client, job, **options):
    return ET.fromstring(client.get(job.location, **options).data).findtext(f"{UWS}ownerId")


def test_a_named_owner_sees_his_jobs_by_every_way_to_send_a_token(program, token):
    headers = bearer(token("user:alice"))
    job = make_job(program, headers=headers)

    assert job.status_code == 303
    assert "Set-Cookie" not in job.headers
    assert len(listed(program, headers=headers)) == 1
    assert len(listed(program, headers=basic("any", token("user:alice")))) == 1
    assert listed(program, headers=bearer(token("user:bob"))) == []
    assert owner_id(program, job, headers=headers) == "alice"


def test_a_browsers_token_and_its_cookie_see_the_same_jobs(client, program):
    headers = bearer(make_token(client))
    make_job(program, headers=headers)
    client.post("/archives/lab/query.lab-stars", data={"rows": "3"})

    assert len(listed(program, headers=headers)) == 2
    assert listed(client) == listed(program, headers=headers)
    assert "3 stars" in program.get("/jobs", headers=headers).text


def test_somebody_elses_job_is_not_there_for_a_token(program, token):
    job = make_job(program, headers=bearer(token("user:alice")))
    theirs = program.get(job.location, headers=bearer(token("user:bob")))

    assert theirs.status_code in (403, 404)
    assert program.get(job.location).status_code in (403, 404)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic Og=="}])
def test_without_credentials_a_job_belongs_to_whoever_knows_its_id(app, program, headers):
    job = make_job(program, headers=headers)

    assert "Set-Cookie" not in job.headers
    assert app.test_client().get(job.location).status_code == 200
    assert listed(program, headers=headers) == []


@pytest.mark.parametrize("anonymous", ["shared"])
def test_callers_without_credentials_may_share_one_list(app, program, token):
    make_job(program)

    assert len(listed(app.test_client())) == 1
    assert listed(program, headers=bearer(token("user:alice"))) == []


@pytest.mark.parametrize("anonymous", ["shared"])
def test_browsers_share_that_list_and_its_pages(client, program):
    client.post("/archives/lab/query.lab-stars", data={"rows": "4"})
    job_id = make_job(program).location.rpartition("/")[2]

    page = client.get("/jobs").text
    assert f'href="/jobs/{job_id}"' in page
    assert client.get(f"/jobs/{job_id}").status_code == 200
    assert len(listed(client)) == len(listed(program)) == 2


@pytest.mark.parametrize("anonymous", ["off"])
def test_callers_without_credentials_may_be_refused(program, token):
    for answer in (make_job(program), program.get(LIST)):
        assert answer.status_code == 401
        assert len(answer.headers.getlist("WWW-Authenticate")) == 2

    assert make_job(program, headers=bearer(token())).status_code == 303


def test_a_worker_has_no_jobs_of_its_own(program, token):
    headers = bearer(token(scope=Scope.WORKER))

    assert make_job(program, headers=headers).status_code == 403
    assert program.get(LIST, headers=headers).status_code == 403

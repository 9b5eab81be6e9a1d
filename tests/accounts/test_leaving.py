"""Everything of an owner: handed out in one file, and deleted for good."""

import io
import json
import zipfile

import pytest
from sqlalchemy import select

from portal.accounts.models import ApiToken
from portal.accounts.models import Credential
from portal.accounts.models import Identity
from portal.accounts.models import LoginSession
from portal.accounts.models import Person
from portal.archives.models import SavedQuery
from portal.basket.models import Basket
from portal.db import db
from portal.uws.models import Job
from portal.uws.models import Result
from tests.support import lab
from tests.support.callers import bearer
from tests.support.callers import make_token
from tests.support.instances import settings_in

FORM = "/archives/lab/query.lab-stars"
KEPT = (Job, Result, Basket, SavedQuery, ApiToken, Credential, Person, Identity, LoginSession)


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture
def settings(settings_with_evil):
    return settings_with_evil()


def make_things(client, work):
    location = client.post(FORM, data={"rows": "3"}).location
    work()
    job_id = location.rpartition("/")[2]
    client.post("/basket/items", data={"job": job_id, "result": "result", "row": "0"})
    client.post(f"{FORM}/save", data={"rows": "3", "saved.name": "Three"})
    client.post("/account/credentials", data={"service": "lab.example", "secret": "canary"})
    return job_id, make_token(client)


def counts(app):
    with app.app_context():
        return {one.__tablename__: len(db.session.scalars(select(one)).all()) for one in KEPT}


def exported(client):
    with client.get("/account/data") as answer:
        disposition = answer.headers["Content-Disposition"]
        assert disposition == "attachment; filename=portal-data.zip"
        content = io.BytesIO(answer.data)
    with zipfile.ZipFile(content) as archive:
        return {
            name.partition(".")[0]: json.loads(archive.read(name))
            for name in archive.namelist()
            if name.endswith(".json")
        }


def test_the_file_has_everything_but_secrets(client, evil, work):
    evil.sign_in(client, email="m@x.org")
    job_id, secret = make_things(client, work)

    told = exported(client)

    assert told["profile"][0]["email"] == "m@x.org"
    assert told["profile"][0]["identities"] == [[evil.issuer, "mallory"]]
    assert [job["id"] for job in told["jobs"]] == [job_id]
    assert told["saved-queries"][0]["name"] == "Three"
    assert told["logins"][0]["service"] == "lab.example"
    assert told["baskets"]
    assert secret not in str(told)
    assert "canary" not in str(told)
    assert "Your results and files take" in client.get("/account").text


def test_nobody_else_is_in_the_file(app, client, work):
    make_things(client, work)
    stranger = app.test_client()

    assert stranger.get("/account/data").status_code == 404
    stranger.post(FORM, data={"rows": "4"})
    assert len(exported(stranger)["jobs"]) == 1


def test_everything_of_a_person_is_deleted_and_the_session_with_it(app, client, evil, work):
    evil.sign_in(client)
    job_id, secret = make_things(client, work)
    other = app.test_client()
    other.post(FORM, data={"rows": "4"})
    results = app.config["SETTINGS"].results_dir

    assert client.post("/account/delete").status_code == 400
    assert counts(app)["person"] == 1
    assert "Nobody can bring any of it back" in client.get("/account/delete").text
    done = client.post("/account/delete", data={"sure": "1"})

    assert "Everything is deleted" in done.text
    left = counts(app)
    assert left.pop("job") == 1
    assert set(left.values()) == {0}
    assert not list(results.glob(f"{job_id}*"))
    assert "Signed in as" not in client.get("/jobs").text
    assert client.get("/account", headers=bearer(secret)).status_code == 401


def test_a_browser_without_a_person_deletes_its_own(app, client, work):
    make_things(client, work)

    client.post("/account/delete", data={"sure": "1"})

    assert set(counts(app).values()) == {0}


def test_a_program_cannot_delete_an_account(app, client, work):
    _, secret = make_things(client, work)

    answer = app.test_client().post("/account/delete", headers=bearer(secret), data={"sure": "1"})

    assert answer.status_code == 403
    assert counts(app)["job"] == 1


def test_what_everybody_shares_nobody_deletes(make_app, tmp_path, monkeypatch):
    app = make_app()
    settings = settings_in(tmp_path, uws_anonymous="shared")
    app.config["SETTINGS"] = settings

    assert app.test_client().post("/account/delete", data={"sure": "1"}).status_code == 403


def test_a_browser_without_a_person_is_told_when_it_is_forgotten(client):
    assert "It forgets you on" not in client.get("/account").text
    client.post(FORM, data={"rows": "3"})

    assert "It forgets you on" in client.get("/account").text

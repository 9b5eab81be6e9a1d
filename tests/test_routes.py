"""Rules that hold for every address of the portal, whoever adds it."""

from uuid import UUID

import pytest
from sqlalchemy import select

from portal.accounts.models import ApiToken
from portal.accounts.models import Credential
from portal.archives.models import SavedQuery
from portal.basket.models import Basket
from portal.basket.models import BasketChange
from portal.basket.models import BasketItem
from portal.db import db
from portal.jobs import following
from portal.uws.models import Job
from portal.uws.models import Result
from tests.support import lab
from tests.support.pages import body

FORM = "/archives/lab/query.lab-stars"
NOBODYS = "0" * 32


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(following, "FIRST_LOOK_SECONDS", 0.01)


@pytest.fixture
def job(client, work):
    """Return the id of an ended job; another one waits."""
    location = client.post(FORM, data={"rows": "3"}).location
    work()
    client.post(FORM, data={"rows": "4"})
    job_id = location.rpartition("/")[2]
    client.post("/basket/items", data={"job": job_id, "result": "result", "row": "0"})
    client.post(f"/jobs/{job_id}/share")
    client.post(f"{FORM}/save", data={"rows": "3", "saved.name": "Three"})
    client.post("/account/tokens", data={"lifetime": "30"})
    client.post("/account/credentials", data={"service": "lab.example", "secret": "x"})
    return job_id


def addresses(app, method, job_id):
    """Return every address that takes the method, with real values in it."""
    with app.app_context():
        shared = select(Job.share_key).where(Job.share_key.is_not(None))
        token_id, credential_id, saved_id, share_key = map(
            db.session.scalar,
            (select(ApiToken.id), select(Credential.id), select(SavedQuery.id), shared),
        )
        basket_id, item_id, change_id = map(
            db.session.scalar, (select(Basket.id), select(BasketItem.id), select(BasketChange.id))
        )
    values = {
        "job_id": job_id,
        "share_key": share_key,
        "token_id": token_id,
        "provider_id": "nowhere",
        "setting": "imprint",
        "credential_id": credential_id,
        "saved_id": saved_id,
        "ref": basket_id,
        "item_id": item_id,
        "change_id": change_id,
        "share_id": NOBODYS,
        "notice_id": NOBODYS,
        "identity_id": NOBODYS,
        "signature": "none",
        "session_id": NOBODYS,
        "repository_token": NOBODYS,
        "upload_id": NOBODYS,
        "name": "result",
        "extension": "csv",
        "figure": "sky",
        "archive_id": "lab",
        "query_id": "query.lab-stars",
        "page_id": "catalogue",
        "source_id": "local",
        "workflow_id": "demo",
        "facility_id": "nowhere",
        "offer_set_id": UUID(int=0),
        "offer_id": UUID(int=0),
        "filename": "portal.css",
        "root": "jobs",
        "value": "phase",
        "type_name": "query.lab-stars",
    }
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if method in rule.methods:
            missing = rule.arguments - set(values)
            assert not missing, f"tell this test a value of {missing}"
            given = {name: values[name] for name in rule.arguments}
            yield rule, adapter.build(rule.endpoint, given, method=method)


def refusal(rule):
    """Return how a stranger is refused; a worker is asked for its key before anything else."""
    return 401 if rule.rule.startswith("/uws/worker/") else 404


def rows(app):
    with app.app_context():
        return [
            [tuple(row) for row in db.session.execute(select(model.__table__)).all()]
            for model in (
                *(Job, Result, Basket, BasketItem, BasketChange),
                *(ApiToken, Credential, SavedQuery),
            )
        ]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_somebody_elses_job_looks_like_none_at_every_address(app, client, job, method):
    stranger = app.test_client()
    stranger.post(FORM, data={"rows": "1"})
    before = rows(app)
    seen = 0
    for rule, address in addresses(app, method, job):
        if "job_id" in rule.arguments:
            theirs = stranger.open(address, method=method)
            nobodys = stranger.open(address.replace(job, NOBODYS), method=method)
            assert theirs.status_code == nobodys.status_code == refusal(rule), address
            assert body(theirs) == body(nobodys), address
            seen += 1

    assert seen >= 3
    assert rows(app) == before


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_somebody_elses_basket_looks_like_none_at_every_address(app, client, job, method):
    stranger = app.test_client()
    stranger.post(FORM, data={"rows": "1"})
    with app.app_context():
        basket_id = db.session.scalar(select(Basket.id))
    before = rows(app)
    seen = 0
    for rule, address in addresses(app, method, job):
        if "ref" in rule.arguments:
            theirs = stranger.open(address, method=method, json={"items": []})
            other = address.replace(basket_id, NOBODYS)
            nobodys = stranger.open(other, method=method, json={"items": []})
            assert theirs.status_code == nobodys.status_code, address
            assert theirs.status_code in (400, 404), address
            assert body(theirs) == body(nobodys), address
            seen += 1

    assert seen >= 2
    assert rows(app) == before


@pytest.mark.slow
def test_looking_changes_nothing(app, client, job):
    before = rows(app)

    for rule, address in addresses(app, "GET", job):
        with client.get(address) as response:
            assert response.status_code in (200, refusal(rule)), address

    assert rows(app) == before


@pytest.mark.slow
def test_nobody_gets_a_cookie_for_looking(app, job):
    for _, address in addresses(app, "GET", job):
        newcomer = app.test_client()
        with newcomer.get(address):
            owner = newcomer.get_cookie("portal")
            assert owner is None or "owner" not in (owner.value or ""), address


@pytest.mark.slow
def test_every_answer_has_the_strict_policy(app, client, job):
    for _, address in addresses(app, "GET", job):
        with client.get(address) as response:
            assert "default-src 'none'" in response.headers["Content-Security-Policy"], address
            assert response.headers["X-Content-Type-Options"] == "nosniff", address

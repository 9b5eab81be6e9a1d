"""What the token of a session opens, at every address that there is."""

from datetime import datetime
from datetime import timedelta
from datetime import UTC

import pytest
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts import tokens
from portal.accounts.models import ApiToken
from portal.basket.models import Basket
from portal.basket.models import BasketItem
from portal.db import db
from portal.jobs import following
from portal.problems import UsageError
from portal.uws.models import Job
from tests.support import lab
from tests.test_routes import addresses

FORM = "/archives/lab/query.lab-stars"


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(following, "FIRST_LOOK_SECONDS", 0.01)


def soon(**more):
    return datetime.now(UTC) + timedelta(**more)


def run_job(client, work, rows):
    location = client.post(FORM, data={"rows": rows}).location
    work()
    return location.rpartition("/")[2]


@pytest.fixture
def job_id(client, work):
    """Make two jobs; the result of the one that is returned is in the basket."""
    run_job(client, work, "4")
    found = run_job(client, work, "3")
    client.post("/basket/items", data={"job": found, "result": "result", "row": "0"})
    client.post(f"/jobs/{found}/share")
    client.post(f"{FORM}/save", data={"rows": "3", "saved.name": "Three"})
    client.post("/account/tokens", data={"lifetime": "30"})
    client.post("/account/credentials", data={"service": "lab.example", "secret": "x"})
    return found


@pytest.fixture
def basket_id(app, job_id):
    with app.app_context():
        return db.session.scalar(select(Basket.id))


@pytest.fixture
def session(app, job_id, basket_id):
    """Return a client that has nothing but the token of a session."""
    with app.app_context():
        owner = db.session.scalar(select(Job.owner).where(Job.id == job_id))
        _, secret = tokens.make_session_token(owner, basket_id, "Session: Lab", soon(hours=1))
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def test_a_session_reads_its_basket_and_the_results_in_it(session, job_id, basket_id):
    assert session.get(f"/api/baskets/{basket_id}").json["count"] == 1
    (item,) = session.get(f"/api/baskets/{basket_id}/items").json["items"]
    assert session.get(f"/api/baskets/{basket_id}/items/{item['id']}").json["job"] == job_id
    for address in (f"/uws/jobs/{job_id}/results/result", f"/jobs/{job_id}/results/result.csv"):
        with session.get(address) as answer:
            assert answer.status_code == 200
            assert answer.data


@pytest.mark.slow
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_nothing_else_opens_that_does_not_open_to_anybody(app, session, job_id, basket_id, method):
    anybody = app.test_client()
    allowed = {
        f"/api/baskets/{basket_id}",
        f"/api/baskets/{basket_id}/items",
        f"/baskets/{basket_id}/download.py",
        f"/uws/jobs/{job_id}/results/result",
        f"/jobs/{job_id}/results/result.csv",
    }
    refused = 0
    for _, address in addresses(app, method, job_id):
        if address in allowed or f"{basket_id}/items/" in address:
            continue
        with (
            session.open(address, method=method, json={}) as theirs,
            anybody.open(address, method=method, json={}) as others,
        ):
            assert theirs.status_code in {401, 403, others.status_code}, address
            refused += theirs.status_code == 403
    assert refused or method == "PATCH"  # which reads what was sent first


def test_a_result_that_is_in_no_basket_of_the_session_stays_shut(app, session, job_id, basket_id):
    with app.app_context():
        other = db.session.scalar(select(Job.id).where(Job.id != job_id))
    refused = session.get(f"/uws/jobs/{other}/results/result", headers={"Accept": "text/plain"})
    assert refused.status_code == 403
    assert b"reads its basket" in refused.data
    with app.app_context():
        db.session.execute(update(BasketItem).values(removed_by="x"))
        db.session.commit()
    assert session.get(f"/uws/jobs/{job_id}/results/result").status_code == 403


def test_other_baskets_and_changes_are_refused_in_words(session, basket_id):
    for ref in ("current", "0" * 32):
        answer = session.get(f"/api/baskets/{ref}", follow_redirects=True)
        assert answer.status_code == 403
        assert "reads its basket" in answer.json["detail"]
    for method in ("POST", "DELETE", "PATCH"):
        assert session.open(
            f"/api/baskets/{basket_id}", method=method, json={"name": "mine"}
        ).status_code in (403, 405)
    assert session.delete(f"/api/baskets/{basket_id}/items").status_code == 403


def test_it_ends_when_it_expires_or_is_revoked(app, session, basket_id):
    with app.app_context():
        token = db.session.scalars(select(ApiToken).where(ApiToken.scope == "session")).one()
        tokens.revoke_token(token.id, owner=token.owner)
    assert session.get(f"/api/baskets/{basket_id}").status_code == 401


def test_its_owner_finds_it_among_his_tokens(client, session):
    assert "Session: Lab" in client.get("/account").text


def test_those_that_have_expired_make_room(app, basket_id):
    with app.app_context():
        tokens.make_session_token("user:a", basket_id, "old", soon(seconds=1))
        db.session.execute(
            update(ApiToken).where(ApiToken.label == "old").values(expires=soon(seconds=-1))
        )
        made, _ = tokens.make_session_token("user:a", basket_id, "new", soon(hours=1))
        assert [one.id for one in tokens.list_tokens("user:a")] == [made]
        with pytest.raises(UsageError):
            tokens.make_session_token("user:a", basket_id, "late", soon(seconds=-1))

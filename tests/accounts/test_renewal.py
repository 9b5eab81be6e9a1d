"""Sessions that are due: asked about once, kept through trouble, ended on refusal."""

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts.identity.logins import unseal
from portal.accounts.identity.people import owner_of
from portal.accounts.identity.renewal import renew_session
from portal.accounts.leaving import delete_everything
from portal.accounts.models import LoginSession
from portal.accounts.models import Person
from portal.db import clock
from portal.db import db

pytestmark = pytest.mark.slow  # a whole sign-in each


@pytest.fixture
def settings(settings_with_evil, each_database):
    return settings_with_evil(database_url=each_database)


@pytest.fixture
def digest(app, client, evil):
    """Return the digest of a session that is due."""
    evil.token = {"refresh_token": "first"}
    evil.metadata["userinfo_endpoint"] = f"{evil.issuer}/me"
    evil.userinfo = {"sub": "mallory"}
    evil.sign_in(client)
    evil.token = {"refresh_token": "second", "id_token": None}
    with app.app_context():
        db.session.execute(update(LoginSession).values(renewal=clock() - timedelta(seconds=1)))
        db.session.commit()
        return db.session.scalar(select(LoginSession.digest))


def renew(app, digest):
    with app.app_context():
        return renew_session(digest)


def kept(app, digest):
    with app.app_context():
        row = db.session.get(LoginSession, digest)
        return row and unseal(row.refresh_token, digest)


def said(status, **content):
    return lambda one: one.answer(
        json.dumps(content), status=status, content_type="application/json"
    )


def test_a_renewed_session_has_the_new_refresh_token_and_the_new_roles(app, evil, digest):
    evil.userinfo = {"sub": "mallory", "name": "Mallory II", "groups": ["staff/admins"]}

    assert renew(app, digest)

    assert kept(app, digest) == "second"
    with app.app_context():
        person = db.session.scalar(select(Person))
        assert (person.name, person.roles) == ("Mallory II", ["admin"])


def test_a_provider_that_does_not_rotate_keeps_its_token(app, evil, digest):
    evil.token = {"id_token": None}

    renew(app, digest)

    assert kept(app, digest) == "first"


def test_a_session_that_is_not_due_is_left_alone(app, evil, digest):
    renew(app, digest)
    asked = len(evil.server.requests)

    assert not renew(app, digest)
    assert len(evil.server.requests) == asked


def test_of_many_that_look_at_once_one_asks(app, evil, digest):
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(renew(app, digest))) for _ in range(6)
    ]
    before = evil.server.asked().count("POST /token")
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [False] * 5 + [True]
    assert evil.server.asked().count("POST /token") == before + 1


def test_a_refusal_ends_the_session(app, client, evil, digest):
    evil.server.routes["/token"] = said(400, error="invalid_grant")

    renew(app, digest)

    assert kept(app, digest) is None
    assert "Signed in as" not in client.get("/jobs").text


@pytest.mark.parametrize(
    "trouble",
    [
        said(500, error="server_error"),
        said(400, error="temporarily_unavailable"),
        said(401, error="invalid_client"),
        lambda one: one.answer("<h1>busy</h1>", status=429),
        lambda one: None,
    ],
)
def test_trouble_of_the_provider_signs_nobody_out(app, client, evil, digest, trouble):
    evil.server.routes["/token"] = trouble

    renew(app, digest)

    assert kept(app, digest) == "first"
    assert "Signed in as" in client.get("/jobs").text


def test_trouble_after_the_rotation_does_not_lose_the_new_token(app, evil, digest):
    evil.server.routes["/me"] = said(500)

    renew(app, digest)

    assert kept(app, digest) == "second"


def test_somebody_else_in_the_answer_ends_the_session(app, evil, digest):
    evil.userinfo = {"sub": "somebody else"}

    renew(app, digest)

    assert kept(app, digest) is None


def test_who_deletes_everything_meanwhile_does_not_come_back_by_it(app, evil, digest):
    def delete_first(exchange):
        with app.app_context():
            delete_everything(owner_of(db.session.scalars(select(Person.id)).one()))
        said(200, sub="mallory", name="Mallory")(exchange)

    evil.server.routes["/me"] = delete_first

    renew(app, digest)

    with app.app_context():
        assert db.session.scalars(select(Person)).all() == []

"""People who are told something."""

from datetime import timedelta

import pytest

from portal.accounts.models import Person
from portal.db import clock
from portal.db import db
from portal.notifications import Event
from portal.notifications import tell
from portal.uws.models import Job
from portal.uws.moves import move
from portal.uws.phases import ExecutionPhase

PERSON_ID = "a" * 32
ALICE = f"user:{PERSON_ID}"
BROWSER = "b" * 32


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peers)])
def each_database(request):
    """Return the address of both kinds of database, one after the other; None: SQLite."""
    if request.param == "sqlite":
        return None
    return request.getfixturevalue("postgres").url("portal")


@pytest.fixture
def in_app(app):
    """Work with the database as a worker does, outside a request."""
    with app.app_context():
        yield


@pytest.fixture
def alice(in_app):
    """Return the owner that a person is."""
    row = Person(
        id=PERSON_ID,
        name="Alice",
        email="alice@example.org",
        roles=[],
        groups=[],
        creation_time=clock(),
        last_sign_in=clock(),
    )
    db.session.add(row)
    db.session.commit()
    return ALICE


@pytest.fixture
def end(in_app):
    """Return a function that has a job end, so many seconds after it was made."""

    def end(owner, phase=ExecutionPhase.COMPLETED, *, seconds=100, **about):
        now = clock()
        job = Job(
            owner=owner,
            phase=ExecutionPhase.EXECUTING,
            creation_time=now - timedelta(seconds=seconds),
            start_time=now - timedelta(seconds=seconds),
            **{"type": "query.tap", "title": "Stars", **about},
        )
        db.session.add(job)
        db.session.commit()
        move(job.id, phase, end_time=now)
        db.session.commit()
        return job.id

    return end


@pytest.fixture
def told(in_app):
    """Return a function that tells an owner something."""

    def told(owner, number=1):
        for count in range(number):
            tell(owner, Event.FINISHED, f"Finished: number {count + 1}", link=f"/jobs/{count}")
        db.session.commit()

    return told

"""The lab as the only archive, a browser that does not wait long, and jobs in every state."""

import pytest
from sqlalchemy import update

from portal.db import db
from portal.jobs import following
from portal.uws.models import Job
from tests.support import lab

FORM = "/archives/lab/query.lab-stars"


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(following, "FIRST_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(following, "FOLLOW_SECONDS", 0.05)


@pytest.fixture
def submit(client):
    """Return a function that sends the form and returns the address of the job."""

    def submit(**values):
        response = client.post(FORM, data={"rows": "3", **values})
        assert response.status_code == 303
        return response.location

    return submit


@pytest.fixture
def write(app):
    """Return a function that writes values into the row of the job of an address."""

    def write(url, **values):
        with app.app_context():
            db.session.execute(update(Job).where(Job.id == id_of(url)).values(**values))
            db.session.commit()

    return write


def id_of(url):
    return url.rpartition("/")[2]

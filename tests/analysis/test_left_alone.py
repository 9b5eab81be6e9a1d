"""Sessions that the portal cannot look after: no facility, no token, no job any more."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.accounts.credentials import put_credential
from portal.analysis.models import AnalysisSession
from portal.analysis.models import Stage
from portal.db import clock
from portal.db import db
from portal.plugins import own_token
from portal.plugins import UsageError
from portal.upkeep import Upkeep
from portal.uws.service import jobs
from tests.analysis import test_launching as launches
from tests.analysis.test_launching import age
from tests.analysis.test_launching import watch

server, camp, plugins, settings, launch = (
    getattr(launches, name) for name in ("server", "camp", "plugins", "settings", "launch")
)


@pytest.fixture
def ready(client, work, launch, the_session):
    """Return a session that is ready."""
    launch(path="sums.ipynb")
    work()
    return the_session()


@pytest.fixture
def lost(app, ready):
    """Return a session whose facility was renamed in the settings."""
    with app.app_context():
        db.session.get(AnalysisSession, ready.id).facility_id = "cabin"
        db.session.commit()
    return ready


@pytest.fixture
def tries(camp):
    """Let the camp end only what belongs to somebody who has stored a token; count its tries."""
    asked = []

    def stop(handle, context):
        asked.append(handle)
        own_token(context, camp.url, camp.title)

    camp.stop = stop
    return asked


def test_a_session_without_a_facility_says_so_and_is_not_asked_for(app, client, work, lost, camp):
    camp.status = pytest.fail
    age(app, checked_time=timedelta(minutes=2))
    watch(app, work)

    page = client.get("/sessions").text

    assert "no facility “cabin” any more" in page
    assert "End it at the facility itself" in page


def test_a_session_that_cannot_be_looked_at_says_why_until_it_can_be(
    app, client, work, ready, camp
):
    seen = []
    for trouble in ({"status": UsageError("Who are you?")}, {}):
        camp.trouble = dict(trouble)
        age(app, checked_time=timedelta(minutes=2))
        watch(app, work)
        seen.append("cannot look after it: Who are you?" in client.get("/sessions").text)

    assert seen == [True, False]


def test_pauses_grow_while_a_session_cannot_be_ended(app, client, work, ready, tries):
    client.post(f"/sessions/{ready.id}/stop")
    work()
    age(app, end_time=timedelta(hours=2), checked_time=timedelta(minutes=29))
    watch(app, work)
    assert len(tries) == 1

    age(app, checked_time=timedelta(minutes=2))
    watch(app, work)

    assert len(tries) == 2


def test_who_has_deleted_the_token_is_told_what_to_do_and_storing_one_ends_the_session(
    app, client, work, ready, tries, the_session
):
    client.post(f"/sessions/{ready.id}/stop")
    work()
    page = client.get("/sessions").text
    assert "It could not be ended yet: It was started with your own token for 127.0.0.1" in page
    assert "every 3s" not in page

    age(app, end_time=timedelta(hours=2))
    with app.app_context():
        put_credential(ready.owner, service="127.0.0.1", user_name="", secret="a new one")
    watch(app, work)

    assert (the_session().stage, the_session().problem) == (Stage.ENDED, "")
    assert len(tries) == 2


def test_a_session_whose_job_was_deleted_is_described_without_it(app, client, ready):
    with app.app_context():
        jobs().destroy_job(ready.job_id, owner=ready.owner)

    page = client.get("/sessions").text

    assert f"/jobs/{ready.job_id}" not in page
    assert "its job was deleted" in page
    assert f"{ready.repository} at HEAD" in page
    assert ready.commit[:12] in page


def test_sessions_go_when_they_ended_long_ago_and_their_job_is_gone(app, client, work, ready):
    client.post(f"/sessions/{ready.id}/stop")
    work()
    kept = Upkeep(app, forget=lambda: None)

    def after(**since):
        age(app, end_time=timedelta(**since))
        kept.turn()
        with app.app_context():
            return db.session.scalars(select(AnalysisSession.id)).all()

    assert after(days=40) == [ready.id]
    with app.app_context():
        jobs().destroy_job(ready.job_id, owner=ready.owner)
        db.session.get(AnalysisSession, ready.id).end_time = clock()
        db.session.commit()
    assert after(days=29) == [ready.id]
    assert after(days=2) == []

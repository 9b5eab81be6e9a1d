"""Launches whose worker is killed at any moment: the next attempt goes on, and nothing is left."""

import os
import signal
from datetime import timedelta

import pytest
from sqlalchemy import func
from sqlalchemy import select

from portal.accounts.models import ApiToken
from portal.analysis import preparation
from portal.analysis.book import SessionBook
from portal.analysis.models import AnalysisSession
from portal.analysis.models import Stage
from portal.analysis.watching import ORPHANED
from portal.db import db
from portal.plugins.facilities import Staging
from portal.runtime import create_runtime
from portal.uws.models import Job
from portal.uws.processes import fork
from portal.uws.worker import execute_job
from tests.analysis import test_launching as launches
from tests.support.camp import Camp

server, camp, plugins, settings, launch = (
    getattr(launches, name) for name in ("server", "camp", "plugins", "settings", "launch")
)
MOMENTS = {
    "as the launch begins": (SessionBook, "begin"),
    "when the repository is published": (preparation, "publish"),
    "when the token is made": (preparation, "make_session_token"),
    "when the facility is told of": (SessionBook, "prepared"),
    "when the handle is saved": (SessionBook, "launching"),
    "when something was started": (Camp, "launch"),
    "when the session is ready": (SessionBook, "ready"),
}


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_launch_goes_on_after_its_worker_was_killed(
    app, client, work, launch, camp, settings, monkeypatch, moment
):
    camp.staging = Staging.REPOSITORY
    launches.fill_basket(client, "http://127.0.0.1:9/a.fits")
    job = launch(basket_id=launches.current_basket(client))
    kill_after(monkeypatch, *MOMENTS[moment])

    assert run_in_child(app, job) == signal.SIGKILL
    with app.app_context():
        db.session.query(Job).update({"phase": "QUEUED", "lease": None, "token": None})
        db.session.commit()
    work()

    with app.app_context():
        [session] = db.session.scalars(select(AnalysisSession)).all()
        assert session.stage == Stage.READY
        noted = select(func.count(ApiToken.id)).where(ApiToken.id == session.token_id)
        assert db.session.scalar(noted) == 1
    old = (ORPHANED + timedelta(minutes=1)).total_seconds()
    for folder in (settings.instance / "git").iterdir():
        os.utime(folder, times=(folder.stat().st_mtime - old,) * 2)
    launches.watch(app, work)
    left = [one.name for one in (settings.instance / "git").iterdir()]
    assert left in ([], [session.publication])


@pytest.mark.slow
@pytest.mark.parametrize(
    "moment",
    ["when the token is made", "when the handle is saved", "when the session is ready"],
)
def test_nothing_is_left_of_a_launch_that_was_killed_and_given_up(
    app, client, work, launch, camp, settings, monkeypatch, moment
):
    camp.staging = Staging.REPOSITORY
    launches.fill_basket(client, "http://127.0.0.1:9/a.fits")
    job = launch(basket_id=launches.current_basket(client))
    kill_after(monkeypatch, *MOMENTS[moment])
    assert run_in_child(app, job) == signal.SIGKILL

    client.post(f"/jobs/{job}/abort")
    launches.watch(app, work)

    with app.app_context():
        [session] = db.session.scalars(select(AnalysisSession)).all()
        assert session.stage in (Stage.FAILED, Stage.ENDED)
        assert db.session.scalar(select(func.count(ApiToken.id))) == 0
        is_begun = moment != "when the token is made"
        assert camp.stopped == ([session.id] if is_begun else [])
    if is_begun:  # what was published and not noted goes an hour later
        assert list((settings.instance / "git").iterdir()) == []


def kill_after(monkeypatch, place, name):
    """Have a child end by SIGKILL as soon as a function has done its work there."""
    parent = os.getpid()
    function = getattr(place, name)

    def and_die(*args, **options):
        made = function(*args, **options)
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    monkeypatch.setattr(place, name, and_die)


def run_in_child(app, job):
    """Run a job as a worker does, in a process of its own; returns what has killed it."""
    runtime = create_runtime(app)

    def run():
        runtime.forget()
        execute_job(job, runtime)

    _, status = os.waitpid(fork(run), 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

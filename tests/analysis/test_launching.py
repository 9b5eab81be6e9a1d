"""Launches: from the form to a session that is ready, ended, or left nothing behind."""

import re
from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from portal.accounts.belongings import take_over_all
from portal.accounts.models import ApiToken
from portal.analysis.book import SessionBook
from portal.analysis.models import AnalysisSession
from portal.analysis.models import Stage
from portal.analysis.sessions import stop_session
from portal.analysis.stopping import STOP
from portal.analysis.stopping import StopParameters
from portal.db import db
from portal.plugins.facilities import Mode
from portal.plugins.facilities import Staging
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.uws.models import Job
from portal.uws.service import jobs
from tests.support.camp import Camp
from tests.support.camp import camp_plugin
from tests.support.camp import SECRET
from tests.support.git_server import git
from tests.support.git_server import serve_git
from tests.support.instances import settings_in

NOTEBOOK = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}'
FILES = {"sums.ipynb": NOTEBOOK, "requirements.txt": "astropy\n"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serve_git(tmp_path_factory.mktemp("repositories")) as served:
        served.commit = served.make("sums", FILES)
        yield served


@pytest.fixture
def camp():
    return Camp()


@pytest.fixture
def plugins(camp):
    return [("camp", camp_plugin(camp))]


@pytest.fixture
def settings(tmp_path):
    return settings_in(tmp_path, remote_allow=["127.0.0.1"], sessions_per_owner=3)


@pytest.fixture
def launch(client, server):
    """Return a function that sends the form, and returns the id of the job."""

    def send(**values):
        form = {"repository": server.address("sums"), "facility": "camp", **values}
        answer = client.post("/analysis/launches", data=form)
        assert answer.status_code == 303, answer.text
        return answer.location.rpartition("/")[2]

    return send


@pytest.fixture
def phase(app):
    def read(job_id):
        with app.app_context():
            return db.session.get(Job, job_id).phase

    return read


def fill_basket(client, *urls):
    for url in urls:
        client.post("/baskets/current/addresses", data={"url": url})


def test_a_launch_ends_with_a_session_that_its_owner_enters(
    client, work, launch, camp, server, the_session
):
    job = launch(path="sums.ipynb", beds="3")
    work()

    [prepared] = camp.prepared
    assert (prepared.repository, prepared.commit) == (server.address("sums"), server.commit)
    assert (prepared.path, prepared.options.beds, prepared.title) == ("sums.ipynb", 3, "sums")
    page = client.get(f"/jobs/{job}").text
    assert "The session is ready" in page
    assert "Mind the bears." in page
    assert SECRET not in page
    entered = client.get(f"/sessions/{the_session().id}/open")
    assert entered.location == f"{camp.url}{prepared.id}?token={SECRET}"
    assert entered.headers["Referrer-Policy"] == "no-referrer"


def test_nobody_else_enters_ends_or_sees_it(app, client, work, launch, the_session, camp):
    launch()
    work()
    other = app.test_client()
    session = the_session()

    assert other.get(f"/sessions/{session.id}/open").status_code == 404
    for what in ("stop", "keep"):
        assert other.post(f"/sessions/{session.id}/{what}").status_code == 404
    assert session.title not in other.get("/sessions").text
    assert the_session().stage == Stage.READY
    assert camp.stopped == []


def test_who_is_nobody_starts_and_finds_no_session(app, work, launch, camp, server):
    nobody = app.test_client()
    made = nobody.post("/uws/orc.camp", data={"repository": server.address("sums"), "PHASE": "RUN"})
    work()
    assert camp.prepared == []
    assert "A session belongs to somebody" in nobody.get(f"{made.location}/error").text

    launch()
    work()
    with app.app_context():
        session = db.session.scalars(select(AnalysisSession)).one()
        session.owner = ""  # as one that was made before
        db.session.commit()
        session_id = session.id

    assert session_id not in nobody.get("/sessions").text
    assert nobody.get(f"/sessions/{session_id}/open").status_code == 404


def test_no_secret_is_readable_in_the_database(app, work, launch, settings):
    launch()
    work()

    kept = (settings.instance / "portal.sqlite").read_bytes()
    wal = settings.instance / "portal.sqlite-wal"
    assert SECRET.encode() not in kept + (wal.read_bytes() if wal.exists() else b"")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_launch_that_fails_for_a_moment_goes_on_and_starts_nothing_twice(
    client, work, launch, camp, the_session, app, when
):
    camp.trouble[when] = TransientError("The camp does not answer.")
    launch()
    work()
    again(app, work)

    assert len(camp.prepared) == 2
    assert len({one.id for one in camp.prepared}) == 1
    assert len(camp.running) == 1


def test_what_a_failed_launch_began_is_ended_at_once(client, work, launch, camp, the_session):
    camp.trouble["after"] = ServiceError("The tent has a hole.")
    job = launch()
    work()

    assert camp.running == set()
    assert the_session().stage == Stage.FAILED
    assert "The tent has a hole." in client.get(f"/jobs/{job}").text
    assert '<details id="log" open>' in client.get(f"/jobs/{job}").text


def test_nobody_has_more_sessions_than_the_operator_allows(app, client, work, launch, camp, phase):
    jobs_made = [launch() for _ in range(4)]
    work()
    assert [phase(job) for job in jobs_made].count("ERROR") == 1
    assert len(camp.running) == 3

    with app.app_context():
        session = db.session.scalars(
            select(AnalysisSession.id).where(AnalysisSession.stage == Stage.READY)
        ).first()
    client.post(f"/sessions/{session}/stop")
    work()
    launch()
    work()

    assert len(camp.running) == 3


def test_a_session_that_cannot_be_ended_now_is_ended_by_the_watch(
    app, client, work, launch, camp, the_session
):
    launch()
    work()
    camp.trouble["stop"] = TransientError("The ranger is asleep.")
    client.post(f"/sessions/{the_session().id}/stop")
    work()
    assert the_session().stage == Stage.STOPPING

    watch(app, work)

    assert camp.running == set()
    assert the_session().stage == Stage.ENDED


@pytest.mark.parametrize("when", ["stop", "status", "health"])
def test_a_plugin_that_fails_in_any_way_keeps_nobody_from_looking_after_sessions(
    app, client, work, launch, camp, the_session, when
):
    launch()
    work()
    camp.trouble[when] = ZeroDivisionError("somewhere deep in a plugin")
    if when == "stop":
        client.post(f"/sessions/{the_session().id}/stop")
        work()
        assert "The plugin of camp failed: tell the operator." in client.get("/sessions").text

    age(app, checked_time=timedelta(minutes=2))
    watch(app, work)
    assert camp.trouble == {}
    with app.app_context():
        watched = db.session.scalars(select(Job.phase).where(Job.owner == "scheduler"))
        assert set(watched) == {"COMPLETED"}
    assert the_session().stage == (Stage.ENDED if when == "stop" else Stage.READY)


def test_what_a_launch_starts_after_its_session_was_ended_is_ended_too(
    app, work, launch, camp, the_session
):
    def launch_beside_a_stop(prepared, context):
        context.save({"tent": "the place for a tent"})
        with app.app_context():
            stop_session(the_session().id, owner=the_session().owner)
        stopping = app.extensions["plugins"].query(STOP)
        job = SimpleNamespace(http=context.http, log=context.log)
        stopping.run(StopParameters(session=the_session().id, maxrec=None), job)
        assert the_session().stage == Stage.FAILED
        camp.running.add(prepared.id)
        context.save({"tent": prepared.id})

    camp.launch = launch_beside_a_stop
    launch()
    work()

    assert camp.running == set()
    assert the_session().stage == Stage.FAILED


def test_an_old_session_that_cannot_be_ended_at_once_is_not_given_up(
    app, client, work, launch, camp, the_session
):
    launch()
    work()
    age(app, creation_time=timedelta(days=2))
    camp.trouble["stop"] = TransientError("The ranger is asleep.")
    client.post(f"/sessions/{the_session().id}/stop")
    work()
    assert the_session().stage == Stage.STOPPING

    age(app, end_time=timedelta(days=2), checked_time=timedelta(hours=1))
    camp.trouble["stop"] = TransientError("The ranger is gone.")
    watch(app, work)

    assert the_session().stage == Stage.ENDED
    assert "has given up. The ranger is gone." in client.get("/sessions").text
    assert "Could not be ended: sums" in client.get("/notices").text


def test_a_session_that_is_missed_twice_is_over_here(app, client, work, launch, camp, the_session):
    launch()
    work()
    there = set(camp.running)

    def look(running):
        camp.running = set(running)
        age(app, checked_time=timedelta(minutes=2))
        watch(app, work)
        return the_session().stage

    assert [look(()), look(there), look(())] == [Stage.READY] * 3
    assert look(()) == Stage.ENDED
    assert "ended by itself" in client.get("/sessions").text


def test_a_facility_that_does_not_answer_ends_no_session(app, work, launch, camp, the_session):
    launch()
    work()
    camp.trouble["status"] = TransientError("Fog.")
    age(app, checked_time=timedelta(minutes=2))

    watch(app, work)

    assert the_session().stage == Stage.READY


def test_the_watch_waits_for_a_facility_that_does_not_answer_once_a_round(
    app, client, work, launch, camp
):
    launch()
    launch()
    work()
    for session in re.findall(r'id="session-(\w+)"', client.get("/sessions").text):
        client.post(f"/sessions/{session}/stop")
    asked = []
    camp.stop = lambda handle, context: refuse(asked, handle)
    work()
    assert len(asked) == 2

    watch(app, work)
    watch(app, work)

    assert len(asked) == 4
    assert len({handle["tent"] for handle in asked[2:]}) == 2


def refuse(asked, handle):
    asked.append(handle)
    raise TransientError("Fog.")


def test_a_session_ends_with_its_time_unless_it_is_kept(app, client, work, launch, the_session):
    launch()
    work()
    age(app, creation_time=timedelta(hours=9), expires=timedelta(hours=9))
    client.post(f"/sessions/{the_session().id}/keep")
    watch(app, work)
    assert the_session().stage == Stage.READY

    age(app, expires=timedelta(hours=9))
    watch(app, work)

    assert the_session().stage == Stage.ENDED


def test_only_the_portal_itself_looks_after_everybody_s_sessions(app, client, work, launch):
    launch()
    work()
    age(app, expires=timedelta(hours=9))
    made = client.post("/uws/session.watch", data={"PHASE": "RUN"})
    work()

    assert "by itself" in client.get(f"{made.location}/error").text
    assert "running" in client.get("/sessions").text


def test_what_a_lost_launch_began_is_ended(app, work, launch, camp, the_session):
    """The worker was killed for good after the session had begun."""
    camp.trouble["after"] = TransientError("Thunder.")
    job = launch()
    work()
    with app.app_context():
        jobs().abort_job(job, owner=the_session().owner)

    watch(app, work)

    assert camp.running == set()
    assert the_session().stage == Stage.FAILED
    assert the_session().message == "The launch was aborted."


def test_a_launch_that_is_given_up_says_what_stopped_it(app, client, work, launch, camp):
    launch()
    for words in ("Rain.", "Thunder."):
        camp.trouble["before"] = TransientError(words)
        work() if words == "Rain." else again(app, work)

    watch(app, work)

    assert '<p class="small">Thunder.</p>' in client.get("/sessions").text


def test_a_basket_comes_along_and_its_token_ends_with_the_session(
    app, client, work, launch, camp, the_session
):
    fill_basket(client, "http://127.0.0.1:9/a.fits")
    basket = current_basket(client)
    launch(basket_id=basket)
    work()

    [prepared] = camp.prepared
    age(app, expires=timedelta(hours=1))
    client.post(f"/sessions/{the_session().id}/keep")
    with app.app_context():
        assert db.session.scalar(select(ApiToken.expires)) == the_session().expires
    assert any("a.fits" in file.content for file in prepared.files)
    assert prepared.setup is not None
    assert the_session().file_count == 2  # and the basket as a table
    with app.app_context():
        assert db.session.scalar(select(ApiToken.scope)) == "session"

    camp.trouble["stop"] = TransientError("The ranger is asleep.")
    client.post(f"/sessions/{the_session().id}/stop")
    work()

    assert the_session().stage == Stage.STOPPING
    with app.app_context():
        assert db.session.scalar(select(ApiToken.id)) is None


def test_a_prepared_repository_is_served_for_the_launch_and_not_after(
    app, client, work, launch, camp, the_session, settings, server
):
    camp.staging = Staging.REPOSITORY
    fill_basket(client, "http://127.0.0.1:9/a.fits")
    camp.trouble["after"] = TransientError("Rain.")
    launch(basket_id=current_basket(client))
    work()
    [prepared] = camp.prepared
    path = prepared.repository.partition("127.0.0.1:8080")[2]
    refs = f"{path}/info/refs?service=git-upload-pack"
    assert prepared.commit != server.commit
    assert prepared.commit in client.get(refs).text

    again(app, work)

    assert camp.prepared[1].repository == prepared.repository
    assert client.get(refs).status_code == 404
    assert list((settings.instance / "git").iterdir()) == []


def test_what_is_put_into_sessions_leaves_the_repository_and_its_image_as_they_are(
    client, work, launch, camp, server
):
    fill_basket(client, "http://127.0.0.1:9/a.fits")
    values = {"path": "sums.ipynb", "basket_id": current_basket(client)}
    for parameters in ("radius = 2.5", "radius = 3"):
        launch(**values, parameters=parameters)
    work()

    asked = {(one.repository, one.commit) for one in camp.prepared}
    assert asked == {(server.address("sums"), server.commit)}
    files = [{file.path: file.content for file in one.files} for one in camp.prepared]
    assert sorted("radius = 2.5" in one["sums.ipynb"] for one in files) == [False, True]
    assert all("a.fits" in one["portal-basket.json"] for one in files)


def test_parameters_become_variables_of_the_notebook(client, work, launch, camp, server):
    camp.staging = Staging.REPOSITORY
    camp.trouble["after"] = TransientError("Rain.")  # the repository is there as long
    launch(path="sums.ipynb", parameters="radius = 2.5\nname = M 31")
    work()

    [prepared] = camp.prepared
    assert prepared.commit != server.commit
    path = prepared.repository.partition("127.0.0.1:8080")[2]
    token = path.removeprefix("/git/").removesuffix(".git")
    folder = client.application.config["SETTINGS"].instance / "git"
    notebook = git(folder / sha256(token.encode()).hexdigest(), "show", "HEAD:sums.ipynb")
    assert "radius = 2.5" in notebook
    assert "name = 'M 31'" in notebook


def test_a_redirect_is_a_link_that_lasts(client, work, launch, camp, the_session):
    camp.mode = Mode.REDIRECT
    launch(ref="main")
    work()

    assert client.get(f"/sessions/{the_session().id}/open").location.startswith(camp.url)
    assert camp.prepared == []


def test_a_redirect_makes_no_token_since_nobody_would_get_it(
    app, client, work, launch, camp, the_session
):
    camp.mode, camp.staging = Mode.REDIRECT, Staging.REPOSITORY
    fill_basket(client, "http://127.0.0.1:9/a.fits")
    launch(basket_id=current_basket(client))
    work()

    assert (the_session().stage, the_session().token_id) == (Stage.READY, None)
    with app.app_context():
        assert db.session.scalar(select(ApiToken.id)) is None


def test_a_redirect_that_could_take_no_data_along_is_refused(
    client, work, launch, camp, the_session, server, phase
):
    camp.mode, camp.staging = Mode.REDIRECT, Staging.REPOSITORY
    server.make("boxed", FILES | {"Dockerfile": "FROM scratch\n"})
    fill_basket(client, "http://127.0.0.1:9/a.fits")
    job = launch(repository=server.address("boxed"), basket_id=current_basket(client))
    work()

    assert phase(job) == "ERROR"
    assert "Launch it without a basket." in client.get(f"/jobs/{job}").text
    assert the_session().stage == Stage.FAILED


def test_a_facility_that_is_full_says_so_before_and_is_asked_again_at_once(app, client, work, camp):
    address = "/analysis/launch?repository=https://example.org/x.git"
    words = "It had no room for another session"
    seen = []
    for tents in (0, 1):
        camp.tents = tents
        watch(app, work)
        seen.append(words in client.get(address).text)

    assert seen == [True, False]


def test_what_a_facility_does_not_run_is_said_before_and_refused_after(client, launch, work, phase):
    page = client.get(
        "/analysis/launch?repository=https://example.org/x.git&workflow_type=desktop"
    ).text
    assert "There are no desks in tents." in page
    assert "Nothing here can run this" in page
    job = launch(workflow_type="desktop")
    work()

    assert phase(job) == "ERROR"
    assert "There are no desks in tents." in client.get(f"/jobs/{job}").text


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("repository=http://127.0.0.1/x.git", "The repository is on a machine"),
        ("repository=https://example.org/x.git&path=a.ipynb&parameters=a%3D1", "nor parameters"),
    ],
)
def test_a_facility_elsewhere_is_not_offered_what_it_cannot_reach(client, camp, query, reason):
    camp.url, camp.staging = "https://camp.example.org/", Staging.REPOSITORY

    page = client.get(f"/analysis/launch?{query}").text

    assert reason in page
    assert "disabled>Start the session" in page


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("repository", "file:///etc"),
        ("repository", "ssh://git@example.org/x"),
        ("repository", "--upload-pack=touch /tmp/x"),
        ("ref", "--upload-pack=x"),
        ("ref", "a b"),
        ("path", "../../../user/eve/her-server"),
        ("beds", "nine hundred"),
        ("workflow_type", "oracle"),
        ("parameters", "import = 1"),
        ("parameters", "sigma = 3"),
        ("facility", "moon"),
        ("title", "x" * 201),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field(client, name, value):
    form = {"repository": "https://example.org/x.git", "facility": "camp", name: value}

    answer = client.post("/analysis/launches", data=form)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "https://example.org/x.git" in answer.text or name == "repository"
    assert value != "sigma = 3" or "say which file is opened" in answer.text


def test_a_session_is_its_owner_s_who_signs_in_as_its_launch_begins(
    app, client, work, launch, the_session, monkeypatch
):
    begin = SessionBook.begin

    def begin_late(book, new):
        with app.app_context():
            take_over_all(new.owner, "user:newton")
            db.session.commit()
        return begin(book, new)

    monkeypatch.setattr(SessionBook, "begin", begin_late)
    fill_basket(client, "http://127.0.0.1:9/a.fits")
    launch(basket_id=current_basket(client))
    work()

    assert (the_session().owner, the_session().stage) == ("user:newton", Stage.READY)
    with app.app_context():
        assert db.session.scalar(select(ApiToken.owner)) == "user:newton"


def test_deleting_everything_ends_sessions_and_keeps_no_name(
    app, client, work, launch, camp, the_session
):
    launch(title="My secret comet")
    work()
    client.post("/account/delete", data={"sure": "yes"})
    watch(app, work)

    assert camp.running == set()
    assert the_session().title == ""


def current_basket(client):
    page = client.get("/analysis/launch").text
    return re.search(r'<option value="([0-9a-f]{32})" selected', page)[1]


def again(app, work):
    """Run what waits to be tried again, as if its time had come."""
    with app.app_context():
        db.session.query(Job).update({"not_before": None})
        db.session.commit()
    work()


def watch(app, work):
    """Have the watch look once, as its schedule does."""
    with app.app_context():
        app.extensions["timetable"].make_due()
        db.session.query(Job).filter(Job.owner == "scheduler").update({"phase": "QUEUED"})
        db.session.commit()
    work()


def age(app, **times):
    """Let the only session be older."""
    with app.app_context():
        row = db.session.scalars(select(AnalysisSession)).one()
        for name, by in times.items():
            setattr(row, name, getattr(row, name) - by)
        db.session.commit()

"""What the plugin makes of a broker: of ours over HTTP, and of those that misbehave."""

import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy import update

import portal_broker
from portal.analysis.models import AnalysisSession
from portal.analysis.models import Stage
from portal.analysis.planning import broker as served
from portal.analysis.planning.models import Offer
from portal.analysis.planning.models import OfferSet
from portal.credentials import RemoteCredential
from portal.db import clock
from portal.db import db
from portal.plugins import AbortedError
from portal.plugins import BasketSummary
from portal.plugins import DeadlineError
from portal.plugins import PluginContext
from portal.plugins import Prepared
from portal.plugins import ServiceError
from portal.plugins import SessionFile
from portal.plugins import SessionState
from portal.plugins import Staging
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins import Workflow
from portal.uws.models import Job
from portal.uws.models import Parameter
from portal.uws.phases import ExecutionPhase
from portal_broker import facility as facility_module
from portal_broker.connector import RefusedError
from portal_broker.facility import ExecutionBroker
from portal_broker.settings import BrokerSettings
from portal_broker.settings import ExecutionBrokerSettings
from tests.support.callers import make_token
from tests.support.launches import RunningLaunch
from tests.support.loopback import loopback
from tests.support.planned import Hub
from tests.support.planned import plugin
from tests.support.remote import serving

COMMIT = "0123456789abcdef" * 2 + "01234567"
WORKFLOW = Workflow(id="w", title="W", repository="https://git.example.org/w.git", cores=2)
WANTED = Prepared(
    id="s1",
    user="u1",
    title="Light curves",
    workflow=WORKFLOW,
    repository="https://portal.example.org/git/token.git",
    commit=COMMIT,
    path="a.ipynb",
)
OFFER = "11111111-1111-4111-8111-111111111111"
LATER = "22222222-2222-4222-8222-222222222222"
HERE = f"/eb/sessions/{OFFER}"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(facility_module, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(served, "RETRY_SECONDS", "0")


def broker(url, *, token="secret", **more):
    settings = {"id": "far", "title": "Far", "url": f"{url}/eb", "token": token} | more
    return ExecutionBroker(BrokerSettings.model_validate(settings))


# Our own broker


@pytest.fixture
def plugins():
    return [("planned", plugin(Hub(), Hub("attic", "The attic", order=2)))]


@pytest.fixture
def far(app):
    """Return a facility that is our own broker, served on a port."""
    token = make_token(app.test_client())
    with serving(app) as url:
        yield broker(url, token=token)


def change(app, statement):
    with app.app_context():
        db.session.execute(statement)
        db.session.commit()


def make_ready(app):
    """Do what the launch does in a worker."""
    with app.app_context():
        job = db.session.scalars(select(Job)).one()
        job.phase = ExecutionPhase.COMPLETED
        session = AnalysisSession(
            id="5" * 32,
            owner=job.owner,
            job_id=job.id,
            facility_id="hub",
            mode="launch",
            title="W",
            repository=WANTED.repository,
            ref=COMMIT,
            stage=Stage.READY,
            creation_time=clock(),
        )
        db.session.add(session)
        db.session.commit()


def job_types(app):
    with app.app_context():
        return list(db.session.scalars(select(Job.type)))


class Patient(RunningLaunch):
    """Has the session ready at the first report that it waits."""

    def watch(self, app):
        made = self.context()
        report = made.report

        def note(fraction, message):
            report(fraction, message)
            if message == "waiting":
                make_ready(app)

        object.__setattr__(made, "report", note)
        return made


@pytest.mark.slow
def test_the_two_ends_launch_follow_and_end_a_session(app, far):
    launch = Patient()

    session = far.launch(WANTED, launch.watch(app))

    assert session.url.endswith(f"/sessions/{'5' * 32}/open")
    assert "log in" in session.notice
    assert launch.messages == ["asking Far for offers", "waiting"]
    assert launch.lines == ["Far offers The hub."]
    assert job_types(app) == ["orc.hub"]
    with app.app_context():
        sent = dict(db.session.execute(select(Parameter.name, Parameter.value)).all())
    assert sent["repository"] == WANTED.repository
    assert (sent["ref"], sent["path"], sent["title"]) == (COMMIT, "a.ipynb", "Light curves")
    assert far.status(launch.handle, launch.later()).state is SessionState.RUNNING
    far.stop(launch.handle, launch.later())
    assert far.status(launch.handle, launch.later()).state is SessionState.STOPPING
    far.stop(launch.handle, launch.later())
    change(app, update(AnalysisSession).values(stage=Stage.ENDED))
    assert far.status(launch.handle, launch.later()).state is SessionState.GONE
    far.stop(launch.handle, launch.later())


@pytest.mark.slow
def test_the_handle_is_saved_before_the_offer_is_accepted_and_a_second_attempt_adopts(app, far):
    def die(_handle):
        raise KeyboardInterrupt

    launch = Patient(on_save=die)
    with pytest.raises(KeyboardInterrupt):
        far.launch(WANTED, launch.context())
    assert job_types(app) == []

    far.launch(WANTED, launch.watch(app))
    again = far.launch(WANTED, launch.context())

    assert again.url.endswith("/open")
    assert job_types(app) == ["orc.hub"]
    assert len(launch.saved) == 1
    with app.app_context():
        assert len(list(db.session.scalars(select(OfferSet)))) == 1


@pytest.mark.slow
def test_an_offer_that_has_expired_meanwhile_is_asked_for_again(app, far):
    def die(_handle):
        raise KeyboardInterrupt

    launch = Patient(on_save=die)
    with pytest.raises(KeyboardInterrupt):
        far.launch(WANTED, launch.context())
    change(app, update(OfferSet).values(expires=clock_of(app) - timedelta(seconds=1)))
    launch.on_save = lambda _handle: None

    far.launch(WANTED, launch.watch(app))

    assert job_types(app) == ["orc.hub"]
    with app.app_context():
        assert len(list(db.session.scalars(select(Offer)))) == 4


def clock_of(app):
    with app.app_context():
        return clock()


def test_what_no_facility_of_the_broker_runs_is_refused_with_its_words(far):
    large = Workflow(id="w", title="W", repository=WANTED.repository, cores=64)
    wanted = Prepared(
        id="s1", user="u1", title="W", workflow=large, repository=WANTED.repository, commit=COMMIT
    )

    with pytest.raises(ServiceError, match=r"Far makes no offer: The hub: Sessions have 4 cores\."):
        far.launch(wanted, RunningLaunch().context())


def test_our_broker_is_healthy_for_those_whom_it_knows(app, far):
    launch = RunningLaunch()

    assert far.health(launch.later()).message == ""
    stranger = broker(far.url.removesuffix("/eb/"), token="wrong")
    with pytest.raises(RefusedError):
        stranger.health(launch.later())
    assert broker(far.url.removesuffix("/eb/"), token=None).health(launch.later())


# Brokers that misbehave


@pytest.fixture
def server():
    with loopback() as server:
        yield server


def answers(server, path, *documents, status=200, **headers):
    """Answer with one document after the other, and then with the last for good."""
    waiting = list(documents)

    def route(exchange):
        one = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        text = one if isinstance(one, str) else json.dumps(one)
        exchange.answer(text, status=status, content_type="application/json", **headers)

    server.routes[path] = route


def offer(phase="OFFERED", uuid=OFFER, **more):
    return {"meta": {"uuid": uuid, "name": "Somewhere"}, "phase": phase, **more}


def offers(server, *found):
    answers(server, "/eb/requests", {"result": "YES", "offers": list(found)})


def entered(location, **more):
    return offer("AVAILABLE", connectors=[{"status": "AVAILABLE", "location": location}], **more)


def test_the_offer_that_is_ready_first_is_accepted(server):
    later = {"schedule": {"available": {"start": "2126-01-01T00:00:00Z/PT0S"}}}
    soon = {"schedule": {"available": {"start": "2026-01-01T00:00:00Z/PT0S"}}}
    offers(
        server,
        offer(uuid="nonsense"),
        offer("REJECTED", LATER),
        offer(uuid=LATER, executable=later),
        offer(executable=soon),
    )
    answers(server, HERE, entered("https://far.example.org/x"))
    launch = RunningLaunch()

    session = broker(server.url).launch(WANTED, launch.context())

    assert session.url == "https://far.example.org/x"
    assert launch.saved == [{"session": OFFER}]
    request, decision = server.requests
    assert request.headers["authorization"] == "Bearer secret"
    sent = json.loads(request.body)
    assert sent["executable"]["kind"].endswith("/kinds/executable/binder-repository.yaml")
    assert sent["executable"]["ref"] == COMMIT
    assert sent["compute"]["cores"] == {"min": 2}
    accepted = {"kind": "uri:enum-value-update", "path": "phase", "value": "ACCEPTED"}
    assert json.loads(decision.body) == accepted


def test_the_spelling_of_2025_is_understood(server):
    offers(server, {"uuid": OFFER, "phase": "OFFERED"})
    ready = {"uuid": OFFER, "phase": "READY"}
    access = [{"status": "READY", "protocol": "https", "locations": ["https://far.example/y"]}]
    answers(server, HERE, ready | {"executable": {"access": access}})

    assert broker(server.url).launch(WANTED, RunningLaunch().context()).url.endswith("/y")


def test_a_redirect_to_the_offers_is_followed_at_the_broker_only(server):
    server.routes["/eb/requests"] = lambda exchange: exchange.answer(
        "", status=303, location=f"https://elsewhere.example/eb/offersets/{LATER}"
    )
    answers(server, f"/eb/offersets/{LATER}", {"offers": [offer()]})
    answers(server, HERE, entered("https://far.example.org/x"))

    assert broker(server.url).launch(WANTED, RunningLaunch().context()).url


def test_it_asks_again_when_the_broker_wants_and_tells_what_it_says(server):
    offers(server, offer())
    said = {"meta": {"uuid": OFFER, "messages": [{"level": "INFO", "message": "Second in line"}]}}
    answers(
        server,
        HERE,
        offer("ACCEPTED"),
        offer("WAITING") | said,
        offer("SOMETHING-NEW"),
        offer("AVAILABLE"),
        entered("https://far.example.org/x"),
        retry_after="0",
    )
    launch = RunningLaunch()

    broker(server.url).launch(WANTED, launch.context())

    assert launch.messages[1:] == ["accepted", "Second in line", "something-new", "available"]


@pytest.mark.parametrize(
    ("session", "words"),
    [
        (offer("FAILED", meta={"uuid": OFFER, "messages": [{"message": "No room."}]}), "No room"),
        (offer("CANCELLED"), "its session is CANCELLED"),
        (offer("RELEASING"), "its session is RELEASING"),
    ],
)
def test_a_session_that_ends_before_it_is_ready_fails_with_the_brokers_words(
    server, session, words
):
    offers(server, offer())
    answers(server, HERE, session)

    with pytest.raises(ServiceError, match=words):
        broker(server.url).launch(WANTED, RunningLaunch().context())


@pytest.mark.parametrize("location", ["javascript:alert(1)", "file:///etc", "/x", "", None, 5])
def test_an_entrance_that_is_no_address_of_the_web_is_none(server, location):
    offers(server, offer())
    answers(server, HERE, entered(location))

    with pytest.raises(DeadlineError):
        broker(server.url).launch(WANTED, RunningLaunch(seconds=0.1).context())


def test_an_abort_ends_the_waiting_at_once(server):
    offers(server, offer())
    answers(server, HERE, offer("WAITING"), retry_after="60")
    launch = RunningLaunch()
    made = launch.context()

    def on_abort(callback):
        launch.aborted.set()
        callback()

    object.__setattr__(made, "on_abort", on_abort)
    before = time.monotonic()
    with pytest.raises(AbortedError):
        broker(server.url).launch(WANTED, made)

    assert time.monotonic() - before < 10


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (200, "[" * 100_000, ServiceError),
        (200, "[]", ServiceError),
        (200, "<html>", ServiceError),
        (200, '{"offers": 5}', ServiceError),
        (200, '{"offers": [5, {"meta": [], "phase": []}], "meta": "x"}', ServiceError),
        (400, '{"detail": "wrong"}', ServiceError),
        (302, "", ServiceError),
        (401, "", RefusedError),
        (404, "", ServiceError),
        (429, '{"detail": "20 sets"}', TransientError),
        (500, "", ServiceError),
        (503, "", TransientError),
    ],
)
def test_whatever_a_broker_answers_is_understood(server, status, answer, error):
    answers(server, "/eb/requests", answer, status=status)

    with pytest.raises(error, match="Far"):
        broker(server.url).launch(WANTED, RunningLaunch().context())


def test_an_offer_that_expires_on_the_way_may_be_asked_for_again(server):
    offers(server, offer())
    answers(server, HERE, {"detail": "late"}, status=409)
    server.routes[HERE] = lambda exchange: exchange.answer(
        json.dumps(offer("EXPIRED")), status=409 if exchange.method == "POST" else 200
    )

    with pytest.raises(TransientError, match="expired"):
        broker(server.url).launch(WANTED, RunningLaunch().context())


def test_a_session_that_nobody_knows_is_gone_and_is_not_started_twice(server):
    launch = RunningLaunch(saved=[{"session": OFFER}])
    far = broker(server.url)

    assert far.status(launch.handle, launch.later()).state is SessionState.GONE
    far.stop(launch.handle, launch.later())
    with pytest.raises(ServiceError, match="knows nothing"):
        far.launch(WANTED, launch.context())
    assert "POST /eb/requests" not in server.asked()


def test_data_that_would_not_arrive_are_said_before_anything_is_asked(server):
    with pytest.raises(UsageError, match="without a basket"):
        broker(server.url).launch(replace(WANTED, setup="fetch()"), RunningLaunch().context())

    assert server.requests == []


def test_that_no_files_were_put_into_the_session_is_in_the_log(server):
    offers(server, offer())
    answers(server, HERE, entered("https://far.example.org/x"))
    launch = RunningLaunch()
    token = SessionFile(path="portal.json", content="a secret")

    broker(server.url).launch(replace(WANTED, files=(token,)), launch.context())

    assert "lets no files be put there" in launch.lines[0]
    assert all(b"a secret" not in one.body for one in server.requests)


def test_who_stored_a_token_is_himself_there(server):
    offers(server, offer())
    answers(server, HERE, entered("https://far.example.org/x"))
    launch = RunningLaunch(credentials={"127.0.0.1": RemoteCredential(user_name="", secret="mine")})
    far = broker(server.url)

    far.launch(WANTED, launch.context())

    assert {one.headers["authorization"] for one in server.requests} == {"Bearer mine"}
    assert launch.handle == {"session": OFFER, "own": "yes"}
    launch.credentials.clear()
    with pytest.raises(UsageError, match="own token"):
        far.status(launch.handle, launch.later())


def test_a_stored_token_that_is_refused_is_forgotten(server):
    answers(server, "/eb/requests", "", status=401)
    launch = RunningLaunch(credentials={"127.0.0.1": RemoteCredential(user_name="", secret="mine")})

    with pytest.raises(RefusedError):
        broker(server.url, token=None).launch(WANTED, launch.context())

    assert launch.credentials == {}


def test_it_answers_for_the_broker_from_its_settings():
    far = broker("https://far.example.org", cores=1)

    refused = far.accepts(WORKFLOW, BasketSummary())
    small = Workflow(id="w", title="W", repository=WORKFLOW.repository)
    accepted = far.accepts(small, BasketSummary())

    assert (refused.accepts, refused.reason) == (
        False,
        "It needs 2 cores; sessions have 1.",
    )
    assert (accepted.accepts, accepted.staging) == (True, Staging.REPOSITORY)
    assert "asked for offers at the launch" in accepted.warning
    own = broker("https://far.example.org", token=None).accepts(small, BasketSummary())
    assert "You need a token of far.example.org" in own.warning


def test_the_operator_names_brokers_and_their_tokens(tmp_path):
    one = {"id": "far-away", "title": "Far", "url": "https://far.example.org/eb"}
    settings = {"facilities": [one], "tokens": {"far_away": "secret"}}
    context = PluginContext(
        settings=ExecutionBrokerSettings.model_validate(settings), data_dir=tmp_path
    )

    (facility,) = portal_broker.portal_register_facilities(context)

    assert (facility.id, facility.url) == ("far-away", "https://far.example.org/eb/")
    with pytest.raises(ValidationError):
        ExecutionBrokerSettings.model_validate({"brokers": []})
    with pytest.raises(ValueError, match="no facility for the tokens of other"):
        _ = ExecutionBrokerSettings.model_validate({"tokens": {"other": "x"}}).all

"""A query logs in at a remote service with what its owner stored, and nothing of it is kept."""

import base64
import io
import logging
from types import ModuleType
from typing import Literal

import pytest
from sqlalchemy import select
from sqlalchemy import text

from portal import config
from portal.accounts.credentials import list_credentials
from portal.accounts.credentials import put_credential
from portal.db import db
from portal.logs import JsonFormatter
from portal.plugins import Archive
from portal.plugins import Column
from portal.plugins import hookimpl
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import UsageError
from portal.uws.models import Job
from tests.support.loopback import loopback

FORM = "/archives/closed/query.closed"
SECRET = "harmonices mundi"
BASIC = base64.b64encode(f"kepler:{SECRET}".encode()).decode()


@pytest.fixture
def service():
    """A service on loopback that tells who logged in."""
    with loopback() as server:
        server.routes["/who"] = lambda exchange: exchange.answer(
            base64.b64decode(exchange.headers.get("authorization", "").removeprefix("Basic ")),
            content_type="text/plain",
        )
        yield server


@pytest.fixture
def settings(tmp_path, service):
    return config.load(instance=tmp_path / "instance", job_lease=3.0, remote_allow=(service.host,))


@pytest.fixture
def plugins(service):
    class ClosedParameters(QueryParameters):
        failure: Literal["", "told", "broken"] = parameter("", title="Failure")

    class Closed(Query):
        id = "query.closed"
        title = "A closed archive"
        Parameters = ClosedParameters

        def text(self, parameters: ClosedParameters) -> str:
            return service.url

        def run(self, parameters: ClosedParameters, context: JobContext) -> ResultTable:
            login = context.credential(service.host)
            pair = (login.user_name, login.secret) if login else None
            logging.getLogger(__name__).warning("logging in as %r", login)
            answer = context.http.get(f"{service.url}/who", auth=pair)
            repeated = f"{answer.text} {answer.request.headers.get('authorization')}"
            context.log(f"it was sent {repeated}")
            context.report(0.5, repeated)
            if parameters.failure == "told":
                raise UsageError(f"Who is {repeated}?", detail=repeated)
            if parameters.failure == "broken":
                raise RuntimeError(repeated)
            return ResultTable.from_rows([Column(name="who", arraysize="*")], [(answer.text,)])

    @hookimpl
    def portal_register_archives() -> list[Archive]:
        return [Archive(id="closed", title="Closed", description="", queries=(Closed(),))]

    module = ModuleType("closed")
    module.portal_register_archives = portal_register_archives
    return [("closed", module)]


@pytest.fixture
def ask(app, client, work):
    """Return a function that runs the query for the owner of the browser and shows its rows."""

    def ask():
        location = client.post(FORM).location
        work()
        return client.get(f"{location}/results/result.csv").get_data(as_text=True)

    return ask


@pytest.fixture
def stored(app, client, service):
    """Return the owner of the browser, once something is stored for it."""
    client.post(FORM)
    with app.app_context():
        owner = db.session.scalar(select(Job.owner))
        put_credential(owner, service=service.url, user_name="kepler", secret=SECRET)
    return owner


def test_a_query_logs_in_as_its_owner(app, ask, stored):
    assert f"kepler:{SECRET}" in ask()

    with app.app_context():
        assert list_credentials(stored)[0].last_used is not None


def test_a_query_of_somebody_else_does_not(app, stored, service, work):
    stranger = app.test_client()
    stranger.post(FORM)
    work()

    sent = [one.headers.get("authorization") for one in service.requests]
    assert len(sent) == 2 and sent.count(None) == 1


def test_without_a_login_the_service_is_asked_without(ask, service):
    ask()

    assert "authorization" not in service.requests[0].headers


@pytest.fixture
def written():
    """Return the log as it is written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(level)


@pytest.mark.parametrize("failure", ["told", "broken"])
def test_a_service_that_repeats_the_secret_makes_nobody_tell_it(
    app, client, stored, work, written, failure
):
    location = client.post(FORM, data={"failure": failure}).location
    work()

    shown = client.get(location).text + client.get(f"/uws{location}").text
    assert "it was sent kepler:***" in shown
    assert ("Who is kepler:*** Basic ***?" in shown) == (failure == "told")
    with app.app_context():
        kept = db.session.execute(text("SELECT * FROM job")).all()
    assert "attempt 1 of query.closed" in written.getvalue()
    for told in (shown, repr(kept), written.getvalue()):
        assert SECRET not in told
        assert BASIC not in told


def test_no_log_line_holds_the_secret(ask, stored, caplog):
    caplog.set_level(logging.DEBUG)

    ask()

    assert "logging in as RemoteCredential(user_name='kepler')" in caplog.text
    assert SECRET not in caplog.text
    assert BASIC not in caplog.text

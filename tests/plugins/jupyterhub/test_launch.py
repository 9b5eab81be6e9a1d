"""Sessions at a real JupyterHub: launched, found again, filled, ended."""

import pytest
import requests

from portal.plugins import JupyterServer
from portal.plugins import Prepared
from portal.plugins import RemoteCredential
from portal.plugins import ServiceError
from portal.plugins import SessionFile
from portal.plugins import SessionState
from portal.plugins import UsageError
from portal.plugins import Workflow
from portal_jupyterhub.facility import JupyterHub
from portal_jupyterhub.settings import HubSettings
from tests.services.hub import running_hub
from tests.support.git_server import serve_git
from tests.support.launches import RunningLaunch

pytestmark = [pytest.mark.peers, pytest.mark.slow]

NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
PROFILES = [
    {"id": "small", "user_options": {"profile": "small"}},
    {"id": "huge", "user_options": {"profile": "huge"}},
]


@pytest.fixture(scope="module")
def git(tmp_path_factory):
    with serve_git(tmp_path_factory.mktemp("repositories")) as server:
        yield server


def facility(hub, **more):
    settings = {"token": hub.api_token, "token_in_url": True, "profiles": PROFILES} | more
    return JupyterHub(HubSettings(id="hub", title="Our Hub", url=hub.url, **settings))


class KilledError(Exception):
    """What a worker's death looks like from inside."""


def _die_when_it_runs(handle):
    if "token" in handle:
        raise KilledError


def prepared(git, session, *, user="us3r", options=None, **more):
    commit = git.make("demo", {"work/demo.ipynb": NOTEBOOK, "version": "1"})
    later = git.make("demo", {"version": "2"}, parent=commit)
    address = git.address("demo")
    assert later != commit
    return Prepared(
        id=session,
        user=user,
        title="Demo",
        workflow=Workflow(id="demo", title="Demo", repository=address),
        repository=address,
        commit=commit,
        options=options,
        **more,
    )


def test_a_session_is_launched_filled_found_again_and_ended(hub, git):
    place = facility(hub)
    wanted = prepared(
        git,
        "s0first",
        path="work/demo.ipynb",
        files=[SessionFile(path="portal/basket.json", content='{"a": "secret"}')],
        setup="print(open('version').read(), open('portal/basket.json').read()[:5])",
        options=place.Options(profile="small"),
    )
    launch = RunningLaunch()

    session = place.launch(wanted, launch.context())
    entered = requests.get(session.url.replace("lab/tree", "api/contents"), timeout=10)
    again = place.launch(wanted, launch.context())
    running = place.status(launch.handle, launch.later())

    path = "demo-s0first/work/demo.ipynb"
    url, token = launch.handle["url"], launch.handle["token"]
    assert session.url == f"{url}lab/tree/{path}?token={token}"
    assert entered.json()["path"] == path
    assert again == session
    assert hub.servers().count("/user/us3r/s0first/") == 1
    assert launch.lines[-1] == '1 {"a":'
    assert "Server ready at" in launch.messages[-1] or "Spawning server..." in launch.messages
    began_with = {"user": "us3r", "server": "s0first", "note": "Demo (s0first)", "made": "yes"}
    assert launch.saved[0] == began_with
    assert running.state is SessionState.RUNNING

    place.stop(launch.handle, launch.later())

    assert place.status(launch.handle, launch.later()).state is SessionState.GONE
    assert hub.api("GET", "users/us3r").status_code == 404
    place.stop(launch.handle, launch.later())


def test_who_stored_a_token_works_as_himself_on_what_a_killed_attempt_started(hub, git):
    hub.api("POST", "users/ada")
    place = facility(hub, token=None, token_in_url=False, profiles=[])
    token = hub.api("POST", "users/ada/tokens", json={}).json()["token"]
    stored = RemoteCredential(user_name="", secret=token)
    launch = RunningLaunch(credentials={"127.0.0.1": stored}, on_save=_die_when_it_runs)
    wanted = prepared(git, "s1second")

    with pytest.raises(KilledError):
        place.launch(wanted, launch.context())
    launch.saved = launch.saved[:1]
    launch.on_save = lambda _handle: None
    session = place.launch(wanted, launch.context())
    server = JupyterServer(launch.later().http, launch.handle["url"], launch.handle["token"])

    assert launch.messages.count("Server requested") == 1
    assert session.url == f"{hub.url}user/ada/s1second/lab/tree/demo-s1second"
    assert session.notice == "You log in at Our Hub as ada."
    assert server.activity() is not None
    place.stop(launch.handle, launch.later())
    assert "/user/ada/s1second/" not in hub.servers()
    assert hub.api("GET", "users/ada").status_code == 200
    notes = {one["note"] for one in hub.api("GET", "users/ada/tokens").json()["api_tokens"]}
    assert "Demo (s1second)" not in notes


@pytest.mark.soak
def test_a_hub_as_hubs_are_by_default_below_a_path(tmp_path, git):
    with running_hub(tmp_path, base="/hubs/a/", named=False) as hub:
        place = facility(hub, profiles=[])
        wanted = [prepared(git, name, setup="print(1)") for name in ("s0one", "s0two")]
        launches = [RunningLaunch(), RunningLaunch()]

        sessions = [
            place.launch(one, launch.context())
            for one, launch in zip(wanted, launches, strict=True)
        ]

        assert sessions[0].url.startswith(f"{hub.url}user/s0one/lab/tree/demo-s0one?token=")
        assert len(hub.servers()) == 2
        for launch in launches:
            place.stop(launch.handle, launch.later())
            assert place.status(launch.handle, launch.later()).state is SessionState.GONE
        assert hub.api("GET", "users").json() == []


def test_a_hub_that_refuses_to_start_is_quoted_and_nothing_stays(hub, git):
    place = facility(hub)
    wanted = prepared(git, "third", user="third", options=place.Options(profile="huge"))
    launch = RunningLaunch()

    with pytest.raises(ServiceError, match="Our Hub says: Spawn failed: there is no profile huge"):
        place.launch(wanted, launch.context())
    place.stop(launch.handle, launch.later())

    assert hub.api("GET", "users/third").status_code == 404


def test_a_service_that_may_not_start_servers_is_told_so(hub, git):
    place = facility(hub, token=hub.reader_token)
    launch = RunningLaunch()

    with pytest.raises(ServiceError, match="Our Hub refuses the token"):
        place.launch(prepared(git, "fourth"), launch.context())

    assert launch.saved == []


def test_a_stored_token_that_is_refused_is_forgotten(hub, git):
    stored = RemoteCredential(user_name="", secret="expired")
    launch = RunningLaunch(credentials={"127.0.0.1": stored})

    with pytest.raises(UsageError, match="make a new one"):
        facility(hub).launch(prepared(git, "fifth"), launch.context())

    assert launch.credentials == {}


def test_without_any_token_one_is_told_where_to_store_it(hub, git):
    place = facility(hub, token=None)

    with pytest.raises(UsageError, match=r"store it in your account for 127\.0\.0\.1"):
        place.launch(prepared(git, "sixth"), RunningLaunch().context())


def test_health_names_the_version_and_counts_who_works_there(hub):
    said = facility(hub).health(RunningLaunch().later())

    assert said.message == "JupyterHub 6.1.1"
    assert int(said.capacity["Users at work"]) >= 0
    unseen = facility(hub, token=None, token_in_url=False).health(RunningLaunch().later())
    assert unseen.capacity == {}

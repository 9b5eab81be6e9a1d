"""What an operator may say of a JupyterHub, and what it makes of a hub that misbehaves."""

import json

import pytest
from pydantic import ValidationError

import portal_jupyterhub
from portal.plugins import BasketSummary
from portal.plugins import Mode
from portal.plugins import PluginContext
from portal.plugins import Prepared
from portal.plugins import RemoteCredential
from portal.plugins import ServiceError
from portal.plugins import SessionState
from portal.plugins import Staging
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins import Workflow
from portal.plugins import WorkflowType
from portal_jupyterhub.facility import JupyterHub
from portal_jupyterhub.settings import HubSettings
from portal_jupyterhub.settings import JupyterHubSettings
from tests.support.launches import RunningLaunch
from tests.support.loopback import loopback

HUB = {"id": "our-hub", "title": "Our Hub", "url": "https://hub.example.org"}
WORKFLOW = Workflow(id="w", title="W", repository="https://git.example.org/w.git")
WANTED = Prepared(
    id="s1",
    user="u1",
    title="W",
    workflow=WORKFLOW,
    repository=WORKFLOW.repository,
    commit="0" * 40,
)
HANDLE = {"user": "u1", "server": "s1", "note": "W (s1)", "made": "yes"}


@pytest.fixture
def server():
    with loopback() as server:
        answers(server, "/hub/api/", version="6.1.1")
        answers(server, "/hub/api/users/u1", servers={})
        answers(server, "/hub/api/users/u1/servers/s1")
        answers(server, "/hub/api/users/u1/tokens", api_tokens=[])
        yield server


@pytest.fixture
def place(server):
    settings = HUB | {"url": server.url, "token": "service", "token_in_url": True}
    return JupyterHub(HubSettings.model_validate(settings))


def answers(server, path, status=200, **said):
    if status >= 400:
        said["status"] = status  # as the hub does
    server.routes[path] = lambda exchange: exchange.answer(
        json.dumps(said), status=status, content_type="application/json"
    )


def progresses(server, *events, server_of=None):
    def route(exchange):
        exchange.head(content_type="text/event-stream")
        exchange.write(b"".join(f"data: {json.dumps(one)}\n\n".encode() for one in events))

    path = f"{server_of}/server" if server_of else "u1/servers/s1"
    server.routes[f"/hub/api/users/{path}/progress"] = route


def test_nothing_is_made_before_the_handle_is_saved(server, place):
    asked = []
    launch = RunningLaunch(on_save=lambda _handle: asked.extend(server.asked()))
    progresses(server, {"failed": True, "message": "no room"})

    with pytest.raises(ServiceError, match="Our Hub says: no room"):
        place.launch(WANTED, launch.context())

    assert asked == ["GET /hub/api/users/u1"]
    assert launch.saved == [HANDLE]


def test_an_older_hub_gets_the_options_as_it_wants_them(server):
    profiles = [{"id": "small", "user_options": {"size": 1}}]
    settings = HUB | {"url": server.url, "token": "t", "token_in_url": True, "profiles": profiles}
    place = JupyterHub(HubSettings.model_validate(settings))
    progresses(server, {"failed": True, "message": "no"})
    bodies = []

    for version in ("5.4.0", "6.1.1"):
        answers(server, "/hub/api/", version=version)
        wanted = Prepared(
            **{name: getattr(WANTED, name) for name in ("id", "user", "title", "workflow")},
            repository=WANTED.repository,
            commit=WANTED.commit,
            options=place.Options(),
        )
        with pytest.raises(ServiceError):
            place.launch(wanted, RunningLaunch().context())
        started = [one for one in server.requests if one.method == "POST"][-1]
        bodies.append(json.loads(started.body))

    assert bodies == [{"size": 1}, {"display_name": "W", "user_options": {"size": 1}}]


def test_progress_that_breaks_off_may_be_followed_again(server, place):
    progresses(server, {"progress": 50, "message": "Spawning"})
    answers(server, "/hub/api/users/u1", servers={"s1": {"ready": False, "pending": "spawn"}})
    launch = RunningLaunch()

    with pytest.raises(TransientError, match="how far"):
        place.launch(WANTED, launch.context())

    assert launch.reports == [(0.25, "Spawning")]
    assert place.status(HANDLE, launch.later()).state is SessionState.STARTING


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (403, ServiceError),
        (429, TransientError),
        (500, ServiceError),
        (502, TransientError),
        (503, TransientError),
    ],
)
def test_a_hub_that_does_not_tell_has_no_session_that_is_gone(server, place, status, problem):
    answers(server, "/hub/api/users/u1", status=status, message="so it is")

    with pytest.raises(problem, match="so it is"):
        place.status(HANDLE, RunningLaunch().later())


def test_only_a_hub_that_would_tell_of_it_says_that_a_session_is_gone(server, place):
    user, later = "/hub/api/users/u1", RunningLaunch().later()
    answers(server, user, status=404, message="Not Found")
    assert place.status(HANDLE, later).state is SessionState.GONE

    answers(server, user, status=404, message="No access to resources or resources not found")
    with pytest.raises(ServiceError, match="refuses the token"):
        place.status(HANDLE, later)
    answers(server, user, name="u1")
    with pytest.raises(ServiceError, match="does not tell this token"):
        place.status(HANDLE, later)
    server.routes[user] = lambda exchange: exchange.answer("<p>No such page", status=404)
    with pytest.raises(TransientError):
        place.status(HANDLE, later)
    with pytest.raises(TransientError):
        place.stop(HANDLE, later)


def test_who_has_deleted_the_token_is_told_where_to_end_the_session(server):
    place = JupyterHub(HubSettings.model_validate(HUB | {"url": server.url}))

    with pytest.raises(UsageError, match=r"own token for 127\.0\.0\.1.*End it at Our Hub"):
        place.stop(HANDLE | {"own": "yes"}, RunningLaunch().later())

    assert server.requests == []


def test_a_user_is_kept_as_long_as_his_server_is_ending(server, place):
    answers(server, "/hub/api/users/u1", servers={"s1": {"pending": "stop"}})

    with pytest.raises(TransientError, match="still ending"):
        place.stop(HANDLE, RunningLaunch().later())

    answers(server, "/hub/api/users/u1", servers={"other": {}})
    place.stop(HANDLE, RunningLaunch().later())
    assert "DELETE /hub/api/users/u1" not in server.asked()


def test_a_server_on_its_way_up_that_a_hub_does_not_stop_is_not_taken_for_gone(server, place):
    answers(server, "/hub/api/users/u1/servers/s1", status=400, message="pending spawn")
    answers(server, "/hub/api/users/u1", servers={"s1": {"pending": "spawn"}})

    with pytest.raises(TransientError, match="pending spawn"):
        place.stop(HANDLE, RunningLaunch().later())


def test_a_hub_where_nobody_could_enter_is_told_before_anything_is_fetched(server, place):
    answers(server, "/hub/api/users/u1/tokens", token="opens")
    answers(server, "/user/u1/s1/api/status", status=403)
    progresses(server, {"ready": True, "url": "/user/u1/s1/"})

    with pytest.raises(ServiceError, match="has to set JUPYTERHUB_ALLOW_TOKEN_IN_URL"):
        place.launch(WANTED, RunningLaunch().context())

    entered = server.requests[-1]
    assert (entered.path, entered.query) == ("/user/u1/s1/api/status", "token=opens")
    assert "authorization" not in entered.headers


def one_server_each(server, *running):
    """Have the hub answer as most do: a user has one server, without a name."""
    for user, name in (("u1", ""), ("s1", ""), ("ada", "")):
        servers = {name: {"ready": True}} if user in running else {}
        answers(server, f"/hub/api/users/{user}", servers=servers)
        answers(server, f"/hub/api/users/{user}/tokens", api_tokens=[])
        words = "Named servers are not enabled."
        answers(server, f"/hub/api/users/{user}/servers/s1", status=400, message=words)
        answers(server, f"/hub/api/users/{user}/server")
        progresses(server, {"failed": True, "message": "no room"}, server_of=user)


def test_where_users_have_one_server_each_session_gets_a_user_of_its_own(server, place):
    one_server_each(server)
    launch = RunningLaunch()

    with pytest.raises(ServiceError, match="no room"):
        place.launch(WANTED, launch.context())
    asked = len(server.requests)
    place.stop(launch.handle, launch.later())

    assert launch.handle == HANDLE | {"user": "s1", "server": ""}
    assert "DELETE /hub/api/users/u1" in server.asked()[:asked]
    assert server.requests[asked].path == "/hub/api/users/s1/server"
    assert server.requests[asked].body == b""
    assert server.asked()[-1] == "DELETE /hub/api/users/s1"


def test_the_only_server_of_a_person_is_not_taken_while_it_runs(server, place):
    answers(server, "/hub/api/user", kind="user", name="ada")
    token = RemoteCredential(user_name="", secret="hers")
    launch = RunningLaunch(credentials={"127.0.0.1": token})
    one_server_each(server, "ada")

    with pytest.raises(UsageError, match="End it there, and launch again"):
        place.launch(WANTED, launch.context())
    one_server_each(server)
    launch.saved.clear()
    with pytest.raises(ServiceError, match="no room"):
        place.launch(WANTED, launch.context())

    assert launch.handle == {"user": "ada", "server": "", "note": "W (s1)", "own": "yes"}


def test_a_session_that_was_launched_before_tokens_had_a_note_is_ended(server, place):
    answers(server, "/hub/api/users/u1/servers/s1", status=204)

    place.stop({"user": "u1", "server": "s1", "token_id": "a1"}, RunningLaunch().later())

    assert "DELETE /hub/api/users/u1/servers/s1" in server.asked()


def test_tokens_that_a_killed_attempt_made_are_revoked_and_no_others(server, place):
    tokens = [{"id": "a1", "note": "W (s1)"}, {"id": "a2", "note": "W (s1)"}, {"id": "a3"}]
    answers(server, "/hub/api/users/u1/tokens", api_tokens=tokens)
    answers(server, "/hub/api/users/u1/tokens/a1", status=204)
    answers(server, "/hub/api/users/u1/tokens/a2", status=404)

    place.stop(HANDLE, RunningLaunch().later())

    revoked = [one for one in server.asked() if "/tokens/" in one]
    assert revoked == [f"DELETE /hub/api/users/u1/tokens/{one}" for one in ("a1", "a2")]


def test_a_hub_at_another_address_is_told(server, place):
    server.routes["/hub/api/users/u1"] = lambda exchange: exchange.answer(
        status=302, location="/jupyter/hub/api/users/u1"
    )

    with pytest.raises(ServiceError, match="Our Hub is at another address"):
        place.launch(WANTED, RunningLaunch().context())


def test_data_are_fetched_by_the_session_itself():
    place = JupyterHub(HubSettings.model_validate(HUB))

    answer = place.accepts(WORKFLOW, BasketSummary())

    assert (answer.mode, answer.staging) == (Mode.LAUNCH, Staging.SESSION)
    assert answer.warning == "You need a token of hub.example.org in your account."
    tool = Workflow(id="w", title="W", repository="https://x.org/w", type=WorkflowType.CLI)
    assert not place.accepts(tool, BasketSummary()).accepts


def test_profiles_become_a_choice():
    profiles = [{"id": "small"}, {"id": "large", "user_options": {"memory": "16G"}}]
    place = JupyterHub(HubSettings.model_validate(HUB | {"profiles": profiles}))

    assert place.Options().profile == "small"
    with pytest.raises(ValidationError):
        place.Options(profile="endless")


def test_a_token_may_come_from_a_file_or_the_environment(tmp_path):
    file = tmp_path / "token"
    file.write_text("from a file\n")
    hub = HUB | {"token_in_url": True}

    read = HubSettings.model_validate(hub | {"token_file": file}).read_token()
    settings = JupyterHubSettings.model_validate(
        {"facilities": [hub], "tokens": {"our_hub": "from the environment"}}
    )

    assert read == "from a file"
    assert [one.read_token() for one in settings.all] == ["from the environment"]
    assert "environment" not in repr(settings)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"token": "t"}, "token_in_url"),
        ({"token": "t", "token_file": "/x", "token_in_url": True}, "not both"),
        ({"token_file": "/nowhere/token", "token_in_url": True}, "/nowhere/token cannot be read"),
        ({"profiles": [{"id": "A"}]}, "profiles"),
    ],
)
def test_wrong_settings_are_refused_by_name(wrong, words):
    with pytest.raises(ValidationError, match=words):
        HubSettings.model_validate(HUB | wrong)


def test_a_token_of_no_facility_sets_the_plugin_aside(tmp_path):
    settings = JupyterHubSettings.model_validate({"tokens": {"lost": "t"}})

    with pytest.raises(ValueError, match="no facility for the tokens of lost"):
        portal_jupyterhub.portal_register_facilities(
            PluginContext(settings=settings, data_dir=tmp_path)
        )

"""What becomes of BinderHub's events, as it sends them and as it should not."""

import json
import threading
from contextlib import suppress
from dataclasses import replace

import pytest

from portal.plugins import AbortedError
from portal.plugins import DeadlineError
from portal.plugins import Prepared
from portal.plugins import RemoteCredential
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins import Workflow
from portal_binderhub.facility import BinderHub
from portal_binderhub.facility import LINGER_SECONDS
from portal_binderhub.settings import BinderSettings
from tests.support.launches import RunningLaunch
from tests.support.loopback import loopback

REPOSITORY = "https://git.example.org/a b/x.git"
SHA = "0123456789012345678901234567890123456789"
BUILD = f"/build/git/https%3A%2F%2Fgit.example.org%2Fa%20b%2Fx.git/{SHA}"
WANTED = Prepared(
    id="s1",
    user="u1",
    title="Demo",
    workflow=Workflow(id="demo", title="Demo", repository=REPOSITORY),
    repository=REPOSITORY,
    commit=SHA,
)


@pytest.fixture
def server():
    with loopback() as server:
        server.routes["/user/x/api/status"] = lambda exchange: exchange.answer(
            '{"kernels": 0}', content_type="application/json"
        )
        yield server


@pytest.fixture
def binder(server):
    return BinderHub(BinderSettings(id="b", title="Our Binder", url=server.url, mode="launch"))


def says(server, *parts, then=lambda _exchange: None):
    """Have the server send these events, or bytes as they are."""

    def route(exchange):
        exchange.head(content_type="text/event-stream")
        for part in parts:
            whole = part if isinstance(part, bytes) else f"data: {json.dumps(part)}\n\n".encode()
            exchange.write(whole)
        then(exchange)

    server.routes[BUILD] = route


def event(phase, message="", **more):
    return {"phase": phase, "message": message, **more}


def ready(server):
    return event("ready", "server running", url=f"{server.url}/user/x/", token="t0ken")


def hang(exchange):
    exchange.hang()


def test_the_session_is_ready_though_the_stream_goes_on(server, binder):
    says(server, b":keepalive\n\n", event("launching"), ready(server), then=hang)
    launch = RunningLaunch()

    session = binder.launch(WANTED, launch.context())

    assert launch.reports == [
        (0.5, "Starting the session"),
        (0.7, "The session runs, and gets its files"),
    ]

    assert session.url == f"{server.url}/user/x/lab?token=t0ken"
    assert "t0ken" not in repr(session)
    assert server.requests[0].headers["accept"] == "text/event-stream"
    assert "authorization" not in server.requests[0].headers


def test_an_unknown_phase_is_shown_and_means_nothing(server, binder):
    says(server, event("polishing", "still at it\nand on"), event("launching"), ready(server))
    launch = RunningLaunch()

    binder.launch(WANTED, launch.context())

    assert launch.lines[:2] == ["still at it", "and on"]


def test_the_log_does_not_say_where_a_prepared_repository_is(server, binder):
    name = "k3yk3yk3yk3yk3yk3yk3yk3y"
    wanted = replace(WANTED, repository=f"https://portal.example.org/git/{name}.git")
    says(server, event("fetching", f"Cloning {wanted.repository}\ninto images/git-{name}-x"))
    route = server.routes.pop(BUILD)
    server.routes[f"/build/git/https%3A%2F%2Fportal.example.org%2Fgit%2F{name}.git/{SHA}"] = route
    launch = RunningLaunch()

    with pytest.raises(TransientError):
        binder.launch(wanted, launch.context())

    assert launch.lines == ["Cloning the repository", "into images/git-…-x"]


@pytest.mark.parametrize("phase", ["failed", "failure"])
def test_a_failure_is_told_though_the_stream_goes_on(server, binder, phase):
    says(server, event("building"), event(phase, "no space left\n"), then=hang)

    with pytest.raises(ServiceError, match="Our Binder says: no space left"):
        binder.launch(WANTED, RunningLaunch().context())


def test_too_many_launches_may_work_later(server, binder):
    says(server, event("failed", "Rate limit exceeded. Try again in 9 s", status_code=429))

    with pytest.raises(TransientError, match="Rate limit exceeded"):
        binder.launch(WANTED, RunningLaunch().context())


def test_a_stream_that_breaks_before_the_launch_may_be_asked_again(server, binder):
    says(server, event("building", "layer 1"))
    launch = RunningLaunch()

    with pytest.raises(TransientError, match="before the session was ready"):
        binder.launch(WANTED, launch.context())

    assert launch.handle["stage"] == "asked"
    says(server, event("launching"), ready(server))
    assert binder.launch(WANTED, launch.context()).url


def test_what_broke_while_the_session_was_started_is_never_asked_again(server, binder):
    says(server, event("launching"))
    launch = RunningLaunch()

    with pytest.raises(ServiceError, match="cannot be found again"):
        binder.launch(WANTED, launch.context())
    with pytest.raises(ServiceError, match="cannot be found again"):
        binder.launch(WANTED, launch.context())

    assert server.asked() == [f"GET {BUILD}"]


def test_the_address_is_saved_before_anything_is_done_with_it(server, binder):
    says(server, event("launching"), ready(server))
    asked = []
    launch = RunningLaunch(on_save=lambda handle: asked.append((handle["stage"], server.asked())))

    binder.launch(WANTED, launch.context())

    build = f"GET {BUILD}"
    assert asked[:3] == [("asked", []), ("launching", [build]), ("ready", [build])]


def test_who_dies_when_it_is_ready_adopts_it(server, binder):
    says(server, event("launching"), ready(server))
    launch = RunningLaunch()
    binder.launch(WANTED, launch.context())
    launch.saved = launch.saved[:3]
    still_running = '[{"id": "k1", "name": "python3"}]'
    server.routes["/user/x/api/kernels"] = lambda exchange: exchange.answer(still_running)

    again = binder.launch(WANTED, launch.context())

    assert again.url == f"{server.url}/user/x/lab?token=t0ken"
    assert server.asked().count(f"GET {BUILD}") == 1
    assert server.asked()[-1] == "DELETE /user/x/api/kernels/k1"


def test_a_session_that_has_gone_since_is_not_launched_again(server, binder):
    says(server, event("launching"), ready(server))
    launch = RunningLaunch()
    binder.launch(WANTED, launch.context())
    server.routes["/user/x/api/status"] = lambda exchange: exchange.answer(
        status=302, location=f"{server.url}/hub/user/x"
    )

    with pytest.raises(ServiceError, match="ended before it could be used"):
        binder.launch(WANTED, launch.context())


def test_an_abort_closes_the_stream(server, binder):
    launch = RunningLaunch()
    gone = threading.Event()

    def wait(exchange):
        launch.aborted.set()
        with suppress(ConnectionError):  # which is one way to see that the other end is gone
            exchange.connection.recv(1)
        gone.set()

    says(server, event("building"), then=wait)

    with pytest.raises(AbortedError):
        binder.launch(WANTED, launch.context())
    assert gone.wait(5)


def test_a_session_that_is_starting_is_awaited_after_an_abort_so_that_it_can_be_ended(
    server, binder
):
    is_starting = threading.Event()
    launch = RunningLaunch(on_save=lambda handle: handle["stage"] != "asked" and is_starting.set())
    answer = ready(server)

    def wait(exchange):
        is_starting.wait(5)
        launch.aborted.set()
        exchange.write(b":keepalive\n\n" + f"data: {json.dumps(answer)}\n\n".encode())

    says(server, event("launching"), then=wait)
    server.routes["/user/x/api/shutdown"] = lambda exchange: exchange.answer()

    with pytest.raises(AbortedError):
        binder.launch(WANTED, launch.context())
    launch.aborted.clear()
    binder.stop(launch.handle, launch.later())

    assert launch.handle["url"] == f"{server.url}/user/x/"
    assert launch.lingers == [LINGER_SECONDS, 0]
    assert server.asked()[-1] == "POST /user/x/api/shutdown"


def test_keepalives_do_not_outlast_the_time_of_the_job(server, binder):
    says(server, event("building"), then=lambda exchange: exchange.drip(b":keepalive\n\n"))

    with pytest.raises(DeadlineError):
        binder.launch(WANTED, RunningLaunch(seconds=0.4).context())


@pytest.mark.parametrize(
    "wrong",
    [{"url": "javascript:alert(1)", "token": "t"}, {"token": "t"}, {"url": "https://x.org/"}, {}],
)
def test_a_ready_session_needs_an_address_and_a_token(server, binder, wrong):
    says(server, event("ready", **wrong))

    with pytest.raises(ServiceError, match="does not say where the session is"):
        binder.launch(WANTED, RunningLaunch().context())


def test_what_is_no_binderhub_is_told(server, binder):
    server.routes[BUILD] = lambda exchange: exchange.answer("<h1>Hi</h1>", content_type="text/html")

    with pytest.raises(ServiceError, match="does not answer as a BinderHub"):
        binder.launch(WANTED, RunningLaunch().context())


def test_a_binderhub_that_is_down_may_work_later(server, binder):
    server.routes[BUILD] = lambda exchange: exchange.answer(status=503)

    with pytest.raises(TransientError, match="status 503"):
        binder.launch(WANTED, RunningLaunch().context())


class TestWithLogin:
    @pytest.fixture
    def binder(self, server):
        settings = BinderSettings(
            id="b", title="Our Binder", url=server.url, mode="launch", login=True
        )
        return BinderHub(settings)

    def test_the_stored_token_is_sent_and_no_link_has_it(self, server, binder):
        says(server, event("launching"), ready(server))
        token = RemoteCredential(user_name="", secret="mine")
        launch = RunningLaunch(credentials={"127.0.0.1": token})

        session = binder.launch(WANTED, launch.context())

        assert {one.headers["authorization"] for one in server.requests} == {"token mine"}
        assert session.url == f"{server.url}/user/x/lab"
        assert "log in" in session.notice

    def test_who_has_stored_none_is_told_where(self, binder):
        with pytest.raises(UsageError, match=r"store it in your account for 127\.0\.0\.1"):
            binder.launch(WANTED, RunningLaunch().context())

    def test_a_token_that_is_refused_is_forgotten(self, server, binder):
        says(server, event("failed", "Forbidden", status_code=403))
        token = RemoteCredential(user_name="", secret="old")
        launch = RunningLaunch(credentials={"127.0.0.1": token})

        with pytest.raises(ServiceError, match="Forbidden"):
            binder.launch(WANTED, launch.context())

        assert launch.credentials == {}


def test_health_names_version_room_and_what_fails(server, binder):
    quota = {"service": "Pod quota", "ok": True, "user_pods": 7, "quota": 90}
    hub = {"service": "JupyterHub API", "ok": True}

    def answer(path, **said):
        server.routes[path] = lambda exchange: exchange.answer(
            json.dumps(said), content_type="application/json"
        )

    answer("/health", ok=True, checks=[hub, quota])
    answer("/versions", binderhub="0.2.0")
    well = binder.health(RunningLaunch().later())
    answer("/health", ok=False, checks=[{**hub, "ok": False}, quota])

    assert well.message == "BinderHub 0.2.0"
    assert well.capacity == {"Sessions": "7 of 90"}
    assert not well.is_full
    with pytest.raises(TransientError, match="JupyterHub API"):
        binder.health(RunningLaunch().later())


@pytest.mark.parametrize(
    ("quota", "words", "is_full"), [(7, "7 of 7", True), (0, "7 of 0", True), (None, "7", False)]
)
def test_health_says_whether_another_session_would_be_refused(
    server, binder, quota, words, is_full
):
    pods = {"service": "Pod quota", "ok": False, "user_pods": 7, "quota": quota}
    server.routes["/health"] = lambda exchange: exchange.answer(
        json.dumps({"ok": True, "checks": [pods]}), content_type="application/json"
    )

    health = binder.health(RunningLaunch().later())

    assert (health.capacity, health.is_full) == ({"Sessions": words}, is_full)

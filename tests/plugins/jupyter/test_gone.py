"""What proves that a Jupyter server is gone, and what only says that it cannot be told."""

import pytest

from portal.plugins import HttpPolicy
from portal.plugins import JupyterServer
from portal.plugins import open_session
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins.testing import LOOPBACK
from tests.support.loopback import loopback


@pytest.fixture(scope="module")
def peer():
    with loopback() as server:
        yield server


@pytest.fixture
def server(peer):
    return JupyterServer(open_session(HttpPolicy(allow=LOOPBACK)), f"{peer.url}/user/x/", "t")


def answers(peer, status, **more):
    for path in ("status", "shutdown"):
        peer.routes[f"/user/x/api/{path}"] = lambda exchange: exchange.answer(
            "<p>so it is</p>", status=status, content_type="text/html", **more
        )


@pytest.mark.parametrize(
    ("status", "more"),
    [
        (302, {"location": "/hub/user/x/api/status"}),
        (302, {"location": "https://hub.example.org/lab/hub/user/x/api/status"}),
        (424, {}),
    ],
)
def test_a_hub_without_a_way_to_the_server_says_that_it_is_gone(peer, server, status, more):
    answers(peer, status, **more)

    assert server.activity() is None


@pytest.mark.parametrize(
    ("status", "more", "problem"),
    [
        (200, {}, ServiceError),
        (301, {"location": "https://127.0.0.1/user/x/api/status"}, ServiceError),
        (302, {"location": "/login?next=/hub/user/x/api/status"}, ServiceError),
        (401, {}, ServiceError),
        (403, {}, ServiceError),
        (404, {}, ServiceError),
        (429, {}, TransientError),
        (500, {}, ServiceError),
        (502, {}, TransientError),
        (503, {}, TransientError),
        (504, {}, TransientError),
    ],
)
def test_any_other_answer_says_nothing_about_the_server(peer, server, status, more, problem):
    answers(peer, status, **more)

    with pytest.raises(problem):
        server.activity()
    if status != 200:
        with pytest.raises(problem):
            server.shut_down()

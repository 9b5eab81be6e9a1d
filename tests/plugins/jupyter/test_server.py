"""What plugins do with a running Jupyter server, tried with a real one."""

import threading

import pytest
import requests

from portal.plugins import AbortedError
from portal.plugins import HttpPolicy
from portal.plugins import JupyterServer
from portal.plugins import open_session
from portal.plugins import ServiceError
from portal.plugins import SessionFile
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins.http.websocket import HandshakeError
from portal.plugins.http.websocket import open_websocket
from portal.plugins.testing import LOOPBACK
from tests.services.hub import running_jupyter
from tests.services.state import free_port

pytestmark = [pytest.mark.peers, pytest.mark.slow]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("jupyter")


@pytest.fixture(scope="module")
def running(folder):
    with running_jupyter(folder) as (url, token):
        yield url, token


def session(**options):
    return open_session(HttpPolicy(allow=LOOPBACK, read_timeout=20), **options)


@pytest.fixture
def server(running):
    return JupyterServer(session(), *running)


def test_a_server_says_what_it_is_doing(server):
    activity = server.activity()

    assert activity.kernels == 0
    assert activity.last_activity.tzinfo is not None


def test_files_are_put_into_folders_that_are_made_for_them(server, folder):
    files = [
        SessionFile(path="data/of today/Δ.txt", content="h\nä"),
        SessionFile(path=".portal/token", content="secret'\"\\"),
    ]

    (folder / "work").mkdir()
    server.put_files("work", files)

    assert (folder / "work/data/of today/Δ.txt").read_text() == "h\nä"
    assert (folder / "work/.portal/token").read_text() == "secret'\"\\"


def test_a_long_file_is_put_in_pieces_that_every_proxy_takes(running, folder):
    sizes = []
    http = session()
    http.hooks["response"].append(lambda answer, **_: sizes.append(len(answer.request.body or b"")))
    content = "0123456789 'ä\n" * 40_000

    JupyterServer(http, *running).put_files("", [SessionFile(path="long.json", content=content)])

    assert (folder / "long.json").read_text() == content
    assert len(sizes) == 3
    assert max(sizes) < 1_000_000


def test_code_runs_in_a_folder_and_what_it_prints_arrives_line_by_line(server, folder):
    (folder / "place").mkdir()
    lines = []

    code = "import os; print(os.path.basename(os.getcwd())); print('a\\rb\\nend', end='')"
    server.run(code, folder="place", log=lines.append)

    assert lines == ["place", "a", "b", "end"]
    assert server.activity().kernels == 0


def test_code_that_a_killed_attempt_left_running_is_ended(running, server):
    url, token = running
    headers = {"Authorization": f"token {token}"}
    requests.post(f"{url}api/kernels", headers=headers, timeout=10).raise_for_status()
    assert server.activity().kernels == 1

    server.end_kernels()

    assert server.activity().kernels == 0


def test_an_exception_in_the_session_is_told(server):
    with pytest.raises(ServiceError, match="session failed: no such luck"):
        server.run("raise RuntimeError('no such luck')")


def test_an_abort_ends_the_wait_for_code_and_the_kernel(running, server):
    aborted = threading.Event()
    hurried = JupyterServer(session(is_aborted=aborted.is_set), *running)

    with pytest.raises(AbortedError):
        hurried.run(
            "import time; print('here', flush=True); time.sleep(60)",
            log=lambda _line: aborted.set(),
        )

    assert server.activity().kernels == 0


def test_a_wrong_token_is_told(running):
    with pytest.raises(ServiceError, match="refuses the token"):
        JupyterServer(session(), running[0], "wrong").put_files(
            "", [SessionFile(path="a", content="")]
        )


def test_a_socket_that_is_refused_says_with_which_status(running):
    with pytest.raises(HandshakeError) as raised:
        open_websocket(session(), f"{running[0]}api/kernels/x/channels", headers={}, silence=5)

    assert raised.value.code == 404


def test_a_socket_leads_to_no_private_address_that_is_not_allowed(running):
    guarded = open_session(HttpPolicy())

    with pytest.raises(UsageError, match="private network"):
        open_websocket(guarded, f"{running[0]}api/kernels/x/channels", headers={}, silence=5)


def test_a_socket_is_opened_by_guarded_sessions_only(running):
    with pytest.raises(UsageError, match="guarded"):
        open_websocket(requests.Session(), running[0], headers={}, silence=5)


def test_a_server_that_cannot_be_reached_is_not_gone():
    server = JupyterServer(session(), f"http://127.0.0.1:{free_port()}/", "token")

    with pytest.raises(TransientError):
        server.activity()


def test_a_kernel_that_dies_is_told(server):
    with pytest.raises(ServiceError, match="died"):
        server.run("import os; os._exit(1)")

"""The whole portal as one command, with its real children."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

pytestmark = pytest.mark.faults

COMMAND = [sys.executable, "-c", "from portal.cli import main; main()", "up"]
LISTENING = "0A"
NGINX = """
daemon off; pid {folder}/pid; error_log stderr;
{user}
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{ listen 127.0.0.1:{port}; {locations} }}
}}
"""

# Plugins that most tests have no use for: a portal starts and ends sooner without them.
OF_ANALYSIS = "binderhub,broker,jupyterhub,ossr,rosetta,rucio,wes"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def start(instance: Path, port: int, **settings: str):
    environment = {
        **os.environ,
        "PORTAL_INSTANCE": str(instance),
        "PORTAL_PORT": str(port),
        "PORTAL_REQUESTS_PER_MINUTE": "0",
        "PORTAL_WORKERS": "2",
        "PORTAL_SCHEDULES": "0",
        "PORTAL_PLUGINS_DISABLED": OF_ANALYSIS,
        **settings,
    }
    return subprocess.Popen(COMMAND, env=environment, stdout=subprocess.PIPE, text=True)


def until(process, text: str) -> str:
    """Read on until a line contains the text, and return that line."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return line
    raise AssertionError(f"{text!r} never came in {''.join(lines)}")


@contextmanager
def portal(instance: Path, port: int, **settings: str):
    """A portal that has said it is ready, and the address it said."""
    with start(instance, port, **settings) as process:
        try:
            ready = until(process, "ready at")
            yield process, re.search(r"http\S+", ready)[0]
        finally:
            process.terminate()
            process.stdout.read()


def descendants(pid: int) -> list[int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def open_ports(pids: list[int]) -> set[int]:
    """The TCP ports on which any of these processes listens."""
    links = {str(path.readlink()) for pid in pids for path in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [
        row.split()
        for name in ("tcp", "tcp6")
        for row in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return {
        int(row[1].rpartition(":")[2], 16)
        for row in rows
        if row[3] == LISTENING and f"socket:[{row[9]}]" in links
    }


def assert_end(pids: list[int]) -> None:
    """Fail unless all these processes end within five seconds."""
    poll = select.poll()
    waiting = {}
    for pid in pids:
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        waiting[descriptor] = pid
        poll.register(descriptor, select.POLLIN)
    while waiting:
        ended = poll.poll(5_000)
        assert ended, f"these run on: {waiting.values()}"
        for descriptor, _ in ended:
            poll.unregister(descriptor)
            os.close(descriptor)
            del waiting[descriptor]


def test_one_command_serves_the_portal_and_ctrl_c_ends_all_of_it(tmp_path):
    port = free_port()
    with portal(tmp_path, port, PORTAL_PLUGINS_DISABLED="") as (process, address):
        assert address == f"http://127.0.0.1:{port}/"
        assert requests.get(f"{address}health", timeout=10).json()["redis"] == "ok"
        assert requests.get(address, timeout=10).status_code == 200
        children = descendants(process.pid)
        assert open_ports([process.pid, *children]) == {port}
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert_end(children)


@pytest.mark.soak
def test_two_portals_run_side_by_side_but_not_in_one_folder(tmp_path):
    port = free_port()
    with portal(tmp_path / "a", port) as (_, a), portal(tmp_path / "b", free_port()) as (_, b):
        for address in (a, b):
            assert requests.get(f"{address}health", timeout=10).json()["redis"] == "ok"
        for folder, taken in ((tmp_path / "a", free_port()), (tmp_path / "c", port)):
            with start(folder, taken) as third:
                assert third.wait(20) == 2
                assert "ready" not in third.stdout.read()


def test_a_killed_portal_leaves_nothing_and_starts_again_at_once(tmp_path):
    port = free_port()
    with portal(tmp_path, port) as (process, _):
        children = descendants(process.pid)
        process.kill()
        with portal(tmp_path, port) as (_, address):
            assert requests.get(f"{address}health", timeout=10).status_code == 200
            assert_end(children)


def test_a_killed_valkey_comes_back(tmp_path):
    with portal(tmp_path, free_port()) as (process, address):
        [valkey] = [
            pid
            for pid in descendants(process.pid)
            if b"valkey-server" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        os.kill(valkey, signal.SIGKILL)
        until(process, "valkey ended by SIGKILL")
        while requests.get(f"{address}health", timeout=10).json()["redis"] != "ok":
            continue


@contextmanager
def nginx(folder: Path, port: int, behind: int):
    """The example configuration for operators, in front of a portal."""
    locations = (Path(__file__).parents[1] / "deploy/nginx-portal.conf").read_text()
    assert "127.0.0.1:8080" in locations
    locations = locations.replace("127.0.0.1:8080", f"127.0.0.1:{behind}")
    user = "user root;" if os.geteuid() == 0 else ""
    file = folder / "nginx.conf"
    file.write_text(NGINX.format(folder=folder, port=port, user=user, locations=locations))
    with subprocess.Popen(["/usr/sbin/nginx", "-c", str(file), "-e", "stderr"]) as process:
        try:
            yield
        finally:
            process.terminate()


@pytest.mark.peers
def test_below_a_path_behind_nginx_every_link_has_the_path(tmp_path):
    outside, inside = free_port(), free_port()
    public = f"http://127.0.0.1:{outside}/esap"
    settings = {"PORTAL_PUBLIC_URL": public, "PORTAL_TRUSTED_PROXIES": "1"}
    with nginx(tmp_path, outside, inside), portal(tmp_path, inside, **settings) as (_, said):
        assert said == f"{public}/"
        page = requests.get(public, timeout=10)
        assert page.url == f"{public}/"
        links = re.findall(r"""(?:href|src|action)=["']([^"'#]+)""", page.text)
        assert links
        assert [link for link in links if link.startswith("/") and link[:6] != "/esap/"] == []
        styles = [link for link in links if ".css" in link]
        for link in styles:
            assert requests.get(f"http://127.0.0.1:{outside}{link}", timeout=10).status_code == 200

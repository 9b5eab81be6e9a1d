"""A real JupyterHub for the tests, with a real BinderHub as one of its services.

Both are installed once for each version of these files, in an environment of their own, and
kept. An image of this BinderHub is a folder, so that neither Docker nor a cluster is needed.
"""

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import requests

from tests.services import debian
from tests.services.debian import ServiceUnavailableError
from tests.services.state import free_port
from tests.services.state import State

HERE = Path(__file__).with_name("jupyter")
LOCKS = ("requirements.lock", "binderhub.lock")
PACKAGES = ("package.json", "package-lock.json", ".npmrc")
START_SECONDS = 60
STOP_SECONDS = 20
DIES_WITH_US = ("setpriv", "--pdeathsig", "TERM") if shutil.which("setpriv") else ()
PASSWORD = "the-password-of-everybody"


@dataclass(frozen=True)
class Hub:
    """A running hub; its addresses end with a slash.

    `api_token` is the one of a service that manages users and servers, `reader_token` of one
    that may only look at the hub. Everybody's password is PASSWORD. Homes are in `folder`.
    Where servers are not `named` it is as hubs are by default: users have one server each, and
    it has started before the request for it is answered.
    """

    folder: Path
    port: int
    base: str = "/"
    named: bool = True
    api_token: str = field(default_factory=lambda: secrets.token_hex(16))
    reader_token: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def url(self) -> str:
        """Return its root."""
        return f"http://127.0.0.1:{self.port}{self.base}"

    @property
    def binder_url(self) -> str:
        """Return the root of its BinderHub."""
        return f"{self.url}services/binder/"

    def api(self, method: str, path: str, **options) -> requests.Response:
        """Ask the hub itself, as its manager."""
        headers = {"Authorization": f"token {self.api_token}"}
        return requests.request(
            method, f"{self.url}hub/api/{path}", headers=headers, timeout=30, **options
        )

    def servers(self) -> list[str]:
        """Return the addresses of all servers that run."""
        users = self.api("GET", "users").json()
        return [one["url"] for user in users for one in (user.get("servers") or {}).values()]


@contextmanager
def running_hub(folder: Path, **settings) -> Iterator[Hub]:
    """Run a hub that keeps its state in this folder, which has to be empty."""
    installed = _installed()
    hub = Hub(folder=folder, port=free_port(), **settings)
    log = folder / "hub.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*DIES_WITH_US, installed / "bin" / "jupyterhub", "-f", HERE / "jupyterhub_config.py"],
            cwd=folder,
            env=_environment(hub, installed),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait([f"{hub.url}hub/api/", hub.binder_url], process, log)
        yield hub
    finally:
        _end(process)


@contextmanager
def running_jupyter(folder: Path) -> Iterator[tuple[str, str]]:
    """Run a Jupyter server without a hub in this folder; yields its address and its token."""
    installed = _installed()
    port, token = free_port(), secrets.token_hex(16)
    words = ["-m", "jupyter_server", "--allow-root", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    words += [f"--ServerApp.port={port}", f"--IdentityProvider.token={token}"]
    log = folder.with_name(f"{folder.name}.log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*DIES_WITH_US, installed / "bin" / "python", *words],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}/"
    try:
        _wait([f"{url}api"], process, log)
        yield url, token
    finally:
        _end(process, seconds=2)  # it waits for kernels that died, which end with it anyway


def _environment(hub: Hub, installed: Path) -> dict[str, str]:
    return {
        "PATH": f"{installed / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(hub.folder),
        "LC_ALL": "C.UTF-8",
        "HUB_STATE": str(hub.folder),
        "HUB_URL": hub.url,
        "HUB_NAMED": str(int(hub.named)),
        "HUB_INNER_PORT": str(free_port()),
        "HUB_PROXY_PORT": str(free_port()),
        "HUB_BINDER_PORT": str(free_port()),
        "HUB_PROXY": str(installed / "node_modules" / ".bin" / "configurable-http-proxy"),
        "HUB_PASSWORD": PASSWORD,
        "HUB_TOKEN": hub.api_token,
        "HUB_READER_TOKEN": hub.reader_token,
    }


def _end(process: subprocess.Popen, seconds: float = STOP_SECONDS) -> None:
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait(urls: list[str], process: subprocess.Popen, log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while not all(map(_answers, urls)):
        if process.poll() is not None or time.monotonic() > give_up:
            said = log.read_text(encoding="utf-8", errors="replace")[-4_000:]
            raise ServiceUnavailableError(f"Jupyter does not start:\n{said}")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5, allow_redirects=False).ok
    except requests.ConnectionError:
        return False


def _installed() -> Path:
    """Install what is missing. BinderHub's old list of requirements is one no installer takes."""
    files = [HERE / name for name in (*LOCKS, *PACKAGES)]
    state = State.of("hub", files)
    state.make()
    with state.locked():
        if not (state.folder / "installed").exists():
            if shutil.which("npm") is None:
                debian.install("nodejs", "npm")
            uv = Path(sys.executable).with_name("uv")
            _run(sys.executable, "-m", "venv", "--clear", "--without-pip", state.folder)
            for lock in LOCKS:
                install = (uv, "pip", "install", "--quiet", "--no-deps", "--require-hashes")
                python = state.folder / "bin" / "python"
                _run(*install, "--python", python, "--requirement", HERE / lock)
            for name in PACKAGES:
                shutil.copy(HERE / name, state.folder)
            _run("npm", "ci", "--silent", cwd=state.folder)
            (state.folder / "installed").touch()
    return state.folder


def _run(*command: object, cwd: Path | None = None) -> None:
    words = [str(word) for word in command]
    result = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    if result.returncode:
        said = f"{result.stdout}{result.stderr}"[-4_000:]
        raise ServiceUnavailableError(f"{' '.join(words)} failed:\n{said}")

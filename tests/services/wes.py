"""A real Workflow Execution Service for the tests: wes-service, which runs CWL with cwltool.

It is installed once for each version of its lock, in an environment of its own, and kept.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.services.debian import ServiceUnavailableError
from tests.services.state import end
from tests.services.state import free_port
from tests.services.state import State

HERE = Path(__file__).with_name("wes_server")
PATIENCE = 60


@contextmanager
def running_wes(folder: Path) -> Iterator[str]:
    """Run a service that keeps its runs in this folder; yields what stands before `/ga4gh`."""
    programs = _installed() / "bin"
    port = free_port()
    log = folder / "wes.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [programs / "python", HERE / "server.py", str(port)],
            cwd=folder,
            env={
                "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
                "HOME": str(folder),
                "LC_ALL": "C.UTF-8",
            },
            stdout=output,
            stderr=output,
        )
    try:
        url = f"http://127.0.0.1:{port}/"
        _wait(url, process, log)
        yield url
    finally:
        end(process.pid)
        process.wait()


def _wait(url: str, process: subprocess.Popen, log: Path) -> None:
    give_up = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < give_up:
        try:
            requests.get(f"{url}ga4gh/wes/v1/runs", timeout=10)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    said = log.read_text(encoding="utf-8", errors="replace")[-4_000:]
    raise ServiceUnavailableError(f"The workflow service does not start:\n{said}")


def _installed() -> Path:
    lock = HERE / "requirements.lock"
    state = State.of("wes", [lock])
    state.make()
    with state.locked():
        if not (state.folder / "installed").exists():
            python = state.folder / "bin" / "python"
            _run(sys.executable, "-m", "venv", "--clear", "--without-pip", state.folder)
            uv = Path(sys.executable).with_name("uv")
            install = (uv, "pip", "install", "--quiet", "--no-deps", "--require-hashes")
            _run(*install, "--python", python, "--requirement", lock)
            (state.folder / "installed").touch()
    return state.folder


def _run(*command: object) -> None:
    result = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False
    )
    if result.returncode:
        said = f"{result.stdout}{result.stderr}"[-4_000:]
        raise ServiceUnavailableError(f"{command[0]} failed:\n{said}")

"""A real Rucio server for the tests, with a small data lake on SQLite.

It is installed and filled once for each version of these files, in an environment of its own,
and kept; a running server works on a copy of its database.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.services.debian import ServiceUnavailableError
from tests.services.state import end
from tests.services.state import State

HERE = Path(__file__).with_name("rucio_server")
CONFIGURATION = ("rucio.cfg", "alembic.ini")
SCRIPTS = ("lake.py", "server.py")
DATABASE = "lake.db"
PASSWORDS = {"ada": "corr3ct-h0rse", "bob": "batt3ry-staple"}  # as in lake.py
CLIENT = """\
[client]
account = {user}
auth_type = userpass
username = {user}
password = {word}
ca_cert = {certificate}
auth_token_file_path = {folder}/token
"""


@dataclass(frozen=True)
class Rucio:
    """A running server, behind HTTPS with `certificate`; its files are sent by plain HTTP."""

    url: str
    files_url: str
    certificate: Path

    def end_transfers(self, count: int = 1, *, succeed: bool = True) -> int:
        """Let transfers that rules wait for succeed or fail; returns how many there were."""
        return self._daemons("transfers", {"count": count, "succeeds": succeed})["ended"]

    def forget_tokens(self) -> int:
        """Let every token be one that has expired; returns how many there were."""
        return self._daemons("forget-tokens", {})["forgotten"]

    def rules(self) -> list[dict[str, str]]:
        """Return the rules that there are, of everybody."""
        return requests.get(f"{self.files_url}test/rules", timeout=30).json()

    def run_client(self, program: str, *, user: str, folder: Path) -> str:
        """Run a program with Rucio's own client, set up as `user`; returns what it prints."""
        settings = CLIENT.format(
            user=user, word=PASSWORDS[user], certificate=self.certificate, folder=folder
        )
        (folder / "rucio.cfg").write_text(settings, encoding="utf-8")
        python = _installed() / "bin" / "python"
        return _run(python, "-c", program, cwd=folder, env=_environment(folder))

    def _daemons(self, what: str, document: dict) -> dict:
        answer = requests.post(f"{self.files_url}test/{what}", json=document, timeout=30)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def running_rucio(folder: Path) -> Iterator[Rucio]:
    """Run a server that keeps its state in this folder, which has to be empty."""
    installed = _installed()
    for name in (*CONFIGURATION, DATABASE):
        shutil.copy(installed / name, folder)
    certificate, key = _make_certificate(folder)
    log = folder / "rucio.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [installed / "bin" / "python", HERE / "server.py", "serve"],
            cwd=folder,
            env=_environment(folder) | {"LAKE_CERTIFICATE": str(certificate), "LAKE_KEY": str(key)},
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
        )
    try:
        line = process.stdout.readline()
        if not line:
            said = log.read_text(encoding="utf-8", errors="replace")[-4_000:]
            raise ServiceUnavailableError(f"Rucio does not start:\n{said}")
        ports = json.loads(line)
        yield Rucio(
            url=f"https://127.0.0.1:{ports['api']}",
            files_url=f"http://127.0.0.1:{ports['files']}/",
            certificate=certificate,
        )
    finally:
        end(process.pid)
        process.stdout.close()
        process.wait()


def _make_certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    _run(*command, "-keyout", key, "-out", certificate)
    return certificate, key


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "RUCIO_CONFIG": str(folder / "rucio.cfg"),
    }


def _installed() -> Path:
    lock = HERE / "requirements.lock"
    state = State.of("rucio", [HERE / name for name in (lock.name, *CONFIGURATION, *SCRIPTS)])
    state.make()
    with state.locked():
        if not (state.folder / "installed").exists():
            uv = Path(sys.executable).with_name("uv")
            python = state.folder / "bin" / "python"
            _run(sys.executable, "-m", "venv", "--clear", "--without-pip", state.folder)
            install = (uv, "pip", "install", "--quiet", "--no-deps", "--require-hashes")
            _run(*install, "--python", python, "--requirement", lock)
            for name in CONFIGURATION:
                shutil.copy(HERE / name, state.folder)
            _run(
                *(python, HERE / "server.py", "build"),
                cwd=state.folder,
                env=_environment(state.folder),
            )
            (state.folder / "installed").touch()
    return state.folder


def _run(*command: object, **options: object) -> str:
    words = [str(word) for word in command]
    result = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    if result.returncode:
        said = f"{result.stdout}{result.stderr}"[-4_000:]
        raise ServiceUnavailableError(f"{' '.join(words)} failed:\n{said}")
    return result.stdout

"""Where a test service keeps its state, as whom it runs, and how it is started and ended."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.services.debian import ServiceUnavailableError

CHECKOUT = Path(__file__).resolve().parents[2]
SOCKET_PATH_LIMIT = 90  # 107 bytes, less the name of the socket
PATIENCE = 5


@dataclass(frozen=True)
class State:
    """A folder that outlives a test run, and the user who owns it.

    PostgreSQL refuses to run as root, so root runs services as `postgres`.
    """

    folder: Path
    user: str
    group: str

    @classmethod
    def of(cls, name: str, sources: Sequence[Path]) -> "State":
        """Return the state of a service of this checkout, as made from these files."""
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
        folder = _home() / f"{name}-{digest[:12]}"
        if os.geteuid() == 0:
            return cls(folder=folder, user="postgres", group="postgres")
        return cls(folder=folder, user=_answer("id", "-un"), group=_answer("id", "-gn"))

    def make(self) -> None:
        """Make the folder, for the user who runs the service."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        if not self.folder.exists():
            self.folder.mkdir()
            if os.geteuid() == 0:
                shutil.chown(self.folder, self.user, self.group)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other test runs out while something is started or stopped."""
        with self.folder.with_name(f"{self.folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def process(self, **environment: str) -> dict:
        """Return the options of `subprocess` that make a process of this service."""
        variables = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        options = {"env": variables | environment, "cwd": self.folder}
        if os.geteuid() == 0:
            options |= {"user": self.user, "group": self.group, "extra_groups": []}
        return options

    def run(self, *command: object, **environment: str) -> None:
        """Run a command to its end; raises ServiceUnavailableError with what it says."""
        words = [str(word) for word in command]
        result = subprocess.run(
            words, **self.process(**environment), capture_output=True, text=True, check=False
        )
        if result.returncode:
            said = f"{result.stdout}{result.stderr}"
            raise ServiceUnavailableError(f"{' '.join(words)} failed:\n{said}")


def free_port(wanted: int | None = None) -> int:
    """Return the wanted port when nobody listens there, or else any that is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted or 0))
        except OSError:
            return free_port()
        return probe.getsockname()[1]


def end(pid: int) -> None:
    """Ask a process to end, even a stopped one, and insist after five seconds."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGCONT)
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            os.kill(pid, 0)
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)


def _home() -> Path:
    """Return where states are kept: in the checkout, unless others cannot enter it."""
    home = CHECKOUT / ".cache" / "services"
    folders = [one for one in (home, *home.parents) if one.exists()]
    is_open = os.geteuid() != 0 or all(one.stat().st_mode & 0o001 for one in folders)
    if is_open and len(str(home)) < SOCKET_PATH_LIMIT - len("/service-0123456789ab"):
        return home
    checkout = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]
    return Path("/var/tmp") / f"archive-portal-{checkout}"


def _answer(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()

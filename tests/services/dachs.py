"""A real VO server for the tests: GAVO DaCHS on a PostgreSQL of its own.

    python tests/services/dachs.py start | stop | status

It installs what is missing when it may (as root, with apt), and keeps its state, so that a
second start takes a second or two.
"""

import argparse
import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
SYSTEM_PYTHON = "/usr/bin/python3"  # what Debian's DaCHS is installed for
PACKAGES = ["postgresql-15", "postgresql-15-pgsphere", "postgresql-15-q3c", "python3-gavo"]
POSTGRES = Path("/usr/lib/postgresql/15/bin")
EXTENSIONS = Path("/usr/share/postgresql/15/extension")
SPHERE_VERSION = "1.2.0"
REGISTER_SPHERE = f"""
INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
VALUES (pg_nextoid('pg_extension', 'oid', 'pg_extension_oid_index'), 'pg_sphere',
        10, 'public'::regnamespace, false, '{SPHERE_VERSION}');
"""
SEED = 20_260_101
DATABASE_PORT = 54_329  # a name for the socket in the state directory; nothing listens on TCP
START_SECONDS = 60
SOCKET_PATH_LIMIT = 90
SETTINGS = """\
[general]
rootDir: {state}/gavo
gavoGroup: {group}
group: {group}
logLevel: error
[web]
serverURL: http://127.0.0.1:{port}
bindAddress: 127.0.0.1
serverPort: {port}
user:
[ivoa]
authority: portal.test
[db]
interface: psycopg2
"""


class ServiceUnavailableError(RuntimeError):
    """The server cannot be run here; the message says what is missing."""


@dataclass(frozen=True)
class Dachs:
    """One server with its state directory; see `find`."""

    state: Path
    user: str

    @classmethod
    def find(cls) -> "Dachs":
        """Return the server of this checkout; its state depends on what it is made of."""
        user = "postgres" if os.geteuid() == 0 else _current_user()
        sources = [HERE / "dachs.py", *sorted((HERE / "vo").glob("*.*"))]
        key = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
        home = HERE.parents[1] / ".cache" / "services"
        if not _is_reachable(home):
            checkout = hashlib.sha256(str(HERE).encode()).hexdigest()[:8]
            home = Path("/var/tmp") / f"archive-portal-{checkout}"
        return cls(state=home / f"dachs-{key}", user=user)

    @property
    def url(self) -> str:
        """Return the root of the server; its TAP service is at `<url>/tap`."""
        return f"http://127.0.0.1:{(self.state / 'port').read_text().strip()}"

    @property
    def pid(self) -> int | None:
        """Return the process that serves, or None."""
        try:
            pid = int((self.state / "dachs.pid").read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if b"serve" in words else None

    def is_running(self) -> bool:
        """Say whether it answers."""
        return self.pid is not None and self._answers()

    def start(self) -> bool:
        """Start what does not run yet; return whether there was anything to start."""
        install_packages()
        self._make_state()
        with self._locked():
            if self.is_running():
                return False
            self._stop()
            try:
                self._launch()
            except BaseException:
                self._stop()
                raise
        return True

    def stop(self) -> None:
        """Stop the server and its database."""
        if self.state.exists():
            with self._locked():
                self._stop()

    def _launch(self) -> None:
        self._start_database()
        port = self._choose_port()
        self._configure(port)
        if not (self.state / "loaded").exists():
            self._load(port)
        self._serve()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.state.parent / f"{self.state.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make_state(self) -> None:
        self.state.parent.mkdir(parents=True, exist_ok=True)
        if not self.state.exists():
            self.state.mkdir()
            if os.geteuid() == 0:
                shutil.chown(self.state, self.user, self.user)

    def _run(self, *command: object, **options) -> subprocess.CompletedProcess:
        words = [str(word) for word in command]
        result = subprocess.run(
            words, **self._process(), capture_output=True, text=True, check=False, **options
        )
        if result.returncode:
            raise ServiceUnavailableError(
                f"{' '.join(words)} failed:\n{result.stdout}{result.stderr}"
            )
        return result

    def _process(self) -> dict:
        """Return how our processes run: as the database's user, with settings of their own."""
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.state),
            "LC_ALL": "C.UTF-8",
            "GAVOSETTINGS": str(self.state / "gavo.rc"),
        }
        identity = {"user": self.user, "group": self.user, "extra_groups": []}
        return {"env": environment, "cwd": self.state, **(identity if os.geteuid() == 0 else {})}

    def _start_database(self) -> None:
        data = self.state / "pg"
        if not (data / "PG_VERSION").exists():
            self._run(
                POSTGRES / "initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                "--no-sync", "-U", "postgres",
            )  # fmt: skip
        options = (
            f"-p {DATABASE_PORT} -k {self.state} -c listen_addresses= -c fsync=off "
            "-c synchronous_commit=off -c full_page_writes=off -c max_connections=200 -c jit=off"
        )
        log = self.state / "pg.log"
        with (self.state / "pg_ctl.out").open("w") as output:
            subprocess.run(
                [POSTGRES / "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start"],
                **self._process(), check=True, stdout=output, stderr=output,
            )  # fmt: skip

    def _choose_port(self) -> int:
        """Return the port of the last time when it is free, because it is in the registry."""
        known = self.state / "port"
        if known.exists() and _is_free(int(known.read_text())):
            return int(known.read_text())
        port = _free_port()
        if (self.state / "loaded").exists():
            self._move_registry(old=int(known.read_text()), new=port)
        known.write_text(str(port))
        return port

    def _move_registry(self, *, old: int, new: int) -> None:
        statement = (
            "UPDATE rr.interface SET access_url = "
            f"replace(access_url, '127.0.0.1:{old}/', '127.0.0.1:{new}/')"
        )
        self._psql("-c", statement)

    def _configure(self, port: int) -> None:
        group = self.user if os.geteuid() == 0 else _current_group()
        (self.state / "gavo.rc").write_text(
            SETTINGS.format(state=self.state, group=group, port=port)
        )

    def _load(self, port: int) -> None:
        connection = ["-h", self.state, "-p", DATABASE_PORT, "-U", "postgres"]
        self._run(POSTGRES / "dropdb", *connection, "--if-exists", "gavo")
        self._run(
            POSTGRES / "createdb", *connection, "--encoding=UTF-8", "--template=template0", "gavo"
        )
        self._create_sphere()
        shutil.rmtree(self.state / "gavo", ignore_errors=True)
        self._run(
            "dachs", "init", "-d",
            f"dbname=gavo host={self.state} port={DATABASE_PORT} user=postgres",
        )  # fmt: skip
        inputs = self.state / "gavo" / "inputs"
        sampler = shutil.copy(HERE / "vo" / "sample.py", self.state)
        self._run(SYSTEM_PYTHON, sampler, inputs, f"http://127.0.0.1:{port}", SEED)
        for name in ("rr", "labcat", "obs"):
            shutil.copy(HERE / "vo" / f"{name}.rd", inputs / name / "q.rd")
        loader = shutil.copy(HERE / "vo" / "load.py", self.state)
        self._run(SYSTEM_PYTHON, loader)
        (self.state / "loaded").touch()

    def _create_sphere(self) -> None:
        """Create pgSphere in spite of what newer minor releases of PostgreSQL say to it.

        Since the security updates of 2026 PostgreSQL refuses operators that claim another
        one's commutator or negator, as Debian's pgSphere does, so CREATE EXTENSION fails.
        Without those clauses the same script works; the tests need no planner hints.
        """
        script = (EXTENSIONS / f"pg_sphere--{SPHERE_VERSION}.sql").read_text()
        script = re.sub(r"^\\.*$", "", script, flags=re.MULTILINE)
        script = re.sub(r"(COMMUTATOR|NEGATOR)\s*=\s*\S+\s*(?=[,)])", "", script)
        script = re.sub(r",(\s*,)+", ",", script)
        script = re.sub(r",\s*\)", ")", script)
        path = self.state / "pg_sphere.sql"
        path.write_text(script.replace("MODULE_PATHNAME", "$libdir/pg_sphere") + REGISTER_SPHERE)
        self._psql("-v", "ON_ERROR_STOP=1", "-1", "-f", path)

    def _psql(self, *arguments: object) -> None:
        connection = ["-h", self.state, "-p", DATABASE_PORT, "-U", "postgres", "-d", "gavo", "-q"]
        self._run(POSTGRES / "psql", *connection, *arguments)

    def _serve(self) -> None:
        with (self.state / "dachs.out").open("w") as output:
            process = subprocess.Popen(
                [SYSTEM_PYTHON, "/usr/bin/dachs", "serve", "start", "-f"],
                **self._process(), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        (self.state / "dachs.pid").write_text(str(process.pid))
        give_up = time.monotonic() + START_SECONDS
        while not self._answers():
            if process.poll() is not None or time.monotonic() > give_up:
                output = (self.state / "dachs.out").read_text()
                raise ServiceUnavailableError(f"DaCHS does not start:\n{output[-4_000:]}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/tap/availability", timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def _stop(self) -> None:
        pid = self.pid
        if pid is not None:
            _end(pid)
        (self.state / "dachs.pid").unlink(missing_ok=True)
        if (self.state / "pg" / "postmaster.pid").exists():
            subprocess.run(
                [POSTGRES / "pg_ctl", "-D", self.state / "pg", "-m", "immediate", "-w", "stop"],
                **self._process(), check=False, capture_output=True,
            )  # fmt: skip


def install_packages() -> None:
    """Install the Debian packages that are missing; raises ServiceUnavailableError."""
    missing = [name for name in PACKAGES if not _is_installed(name)]
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends"]
    command += ["-o", "Dpkg::Options::=--force-unsafe-io", *missing]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise ServiceUnavailableError(
            f"the test services need Debian packages; run this as root: {' '.join(command)}"
        )
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["apt-get", "update", "-q"], command):
        result = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        if result.returncode:
            raise ServiceUnavailableError(f"{' '.join(words)} failed:\n{result.stderr[-4_000:]}")


def _is_installed(package: str) -> bool:
    words = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    try:
        result = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return False
    return result.stdout == "installed"


def _is_reachable(path: Path) -> bool:
    """Say whether another user may enter, and a socket in it may have a name."""
    existing = [one for one in (path, *path.parents) if one.exists()]
    open_to_all = all(one.stat().st_mode & 0o001 for one in existing)
    return (open_to_all or os.geteuid() != 0) and len(str(path)) < SOCKET_PATH_LIMIT - 40


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _current_user() -> str:
    return subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()


def _current_group() -> str:
    return subprocess.run(["id", "-gn"], capture_output=True, text=True, check=True).stdout.strip()


def _end(pid: int) -> None:
    """Ask a process to end, and insist after five seconds."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
        os.kill(pid, signal.SIGTERM)
        give_up = time.monotonic() + 5
        while time.monotonic() < give_up:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            os.kill(pid, 0)
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)


def main() -> None:
    """Obey the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["start", "stop", "status"])
    server = Dachs.find()
    command = parser.parse_args().command
    try:
        if command == "start":
            server.start()
        elif command == "stop":
            server.stop()
    except ServiceUnavailableError as error:
        sys.exit(str(error))
    sys.stdout.write(f"{server.url}/tap\n" if server.is_running() else "not running\n")


if __name__ == "__main__":
    main()

"""A real VO server for the tests: GAVO DaCHS on a PostgreSQL of its own.

    python -m tests.services.dachs start | stop | status

It installs what is missing when it may (as root, with apt), and keeps its state, so that a
second start takes a second or two.
"""

import argparse
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.services import debian
from tests.services.debian import ServiceUnavailableError
from tests.services.postgres import PACKAGE
from tests.services.postgres import PORT
from tests.services.postgres import Postgres
from tests.services.state import end
from tests.services.state import free_port
from tests.services.state import State

HERE = Path(__file__).resolve().parent
PACKAGES = (PACKAGE, "postgresql-15-pgsphere", "postgresql-15-q3c", "python3-gavo")
SYSTEM_PYTHON = "/usr/bin/python3"  # what Debian's DaCHS is installed for
DATABASE = "gavo"
SCHEMAS = ("rr", "labcat", "obs", "images", "spectra", "sky")
SEED = 20_260_101
START_SECONDS = 60
SETTINGS = """\
[general]
rootDir: {folder}/gavo
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
SPHERE_SCRIPT = Path("/usr/share/postgresql/15/extension/pg_sphere--1.2.0.sql")
REGISTER_SPHERE = """
INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
VALUES (pg_nextoid('pg_extension', 'oid', 'pg_extension_oid_index'), 'pg_sphere',
        10, 'public'::regnamespace, false, '1.2.0');
"""
MOVE_REGISTRY = """
UPDATE rr.interface SET access_url = replace(access_url, '127.0.0.1:{old}/', '127.0.0.1:{new}/');
"""

_children: list[subprocess.Popen] = []  # kept, because Python warns of a running one it forgets


@dataclass(frozen=True)
class Dachs:
    """One server with its state; see `find`."""

    state: State
    database: Postgres

    @classmethod
    def find(cls) -> "Dachs":
        """Return the server of this checkout, running or not."""
        own = [HERE / "dachs.py", HERE / "postgres.py"]
        sources = [*own, *sorted((HERE / "vo").glob("*.*"))]
        state = State.of("dachs", sources)
        return cls(state=state, database=Postgres(state))

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return int(self._file("port").read_text())

    @property
    def url(self) -> str:
        """Return the root of the server; its TAP and RegTAP service is at `<url>/tap`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """Return the process that serves, or None."""
        try:
            pid = int(self._file("dachs.pid").read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if b"serve" in words else None

    def is_running(self) -> bool:
        """Say whether it answers."""
        return self.pid is not None and self._answers()

    def start(self) -> bool:
        """Start it unless it runs; say whether that was needed.

        Raises ServiceUnavailableError with what is missing.
        """
        debian.install(*PACKAGES)
        self.state.make()
        with self.state.locked():
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
        if self.state.folder.exists():
            with self.state.locked():
                self._stop()

    def _file(self, name: str) -> Path:
        return self.state.folder / name

    def _launch(self) -> None:
        self.database.start()
        self._take_port()
        self._file("gavo.rc").write_text(
            SETTINGS.format(folder=self.state.folder, group=self.state.group, port=self.port)
        )
        if not self._file("loaded").exists():
            self._load()
            self._file("loaded").touch()
        self._serve()

    def _take_port(self) -> None:
        """Take the port of the last time, which the registry names, or move the registry."""
        old = self.port if self._file("port").exists() else None
        new = free_port(old)
        if old not in (None, new) and self._file("loaded").exists():
            self._execute("move.sql", MOVE_REGISTRY.format(old=old, new=new))
        self._file("port").write_text(str(new))

    def _load(self) -> None:
        self.database.create_database(DATABASE)
        self._create_sphere()
        shutil.rmtree(self._file("gavo"), ignore_errors=True)
        dsn = f"dbname={DATABASE} host={self.state.folder} port={PORT} user=postgres"
        self._run("dachs", "init", "-d", dsn)
        inputs = self._file("gavo") / "inputs"
        self._copy("coverage.py")
        self._copy("pictures.py")
        self._run(SYSTEM_PYTHON, self._copy("sample.py"), inputs, self.url, SEED)
        for schema in SCHEMAS:
            (inputs / schema).mkdir(exist_ok=True)
            shutil.copy(HERE / "vo" / f"{schema}.rd", inputs / schema / "q.rd")
        self._run(SYSTEM_PYTHON, self._copy("load.py"))

    def _create_sphere(self) -> None:
        """Create pgSphere in spite of what newer minor releases of PostgreSQL say to it.

        Since its security updates of 2026 PostgreSQL refuses operators that claim another
        one's commutator or negator, as Debian's pgSphere does, so CREATE EXTENSION fails.
        Without those clauses the same script works; the tests need no planner hints.
        """
        script = re.sub(r"^\\.*$", "", SPHERE_SCRIPT.read_text(), flags=re.MULTILINE)
        script = re.sub(r"(COMMUTATOR|NEGATOR)\s*=\s*\S+\s*(?=[,)])", "", script)
        script = re.sub(r",(\s*,)+", ",", script)
        script = re.sub(r",\s*\)", ")", script)
        script = script.replace("MODULE_PATHNAME", "$libdir/pg_sphere")
        self._execute("pg_sphere.sql", script + REGISTER_SPHERE)

    def _execute(self, name: str, script: str) -> None:
        self._file(name).write_text(script)
        self.database.execute(DATABASE, self._file(name))

    def _copy(self, name: str) -> Path:
        """Copy a script to where the user of the service can read it."""
        return Path(shutil.copy(HERE / "vo" / name, self._file(name)))

    def _run(self, *command: object) -> None:
        self.state.run(*command, GAVOSETTINGS=str(self._file("gavo.rc")))

    def _serve(self) -> None:
        with self._file("dachs.out").open("w") as output:
            process = subprocess.Popen(
                [SYSTEM_PYTHON, "/usr/bin/dachs", "serve", "start", "-f"],
                **self.state.process(GAVOSETTINGS=str(self._file("gavo.rc"))),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        _children.append(process)
        self._file("dachs.pid").write_text(str(process.pid))
        give_up = time.monotonic() + START_SECONDS
        while not self._answers():
            if process.poll() is not None or time.monotonic() > give_up:
                said = self._file("dachs.out").read_text()[-4_000:]
                raise ServiceUnavailableError(f"DaCHS does not start:\n{said}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/tap/availability", timeout=5):
                return True
        except OSError:
            return False

    def _stop(self) -> None:
        pid = self.pid
        if pid is not None:
            end(pid)
        self._file("dachs.pid").unlink(missing_ok=True)
        self.database.stop()


def main() -> None:
    """Obey the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["start", "stop", "status"])
    command = parser.parse_args().command
    server = Dachs.find()
    try:
        if command == "start":
            server.start()
    except ServiceUnavailableError as error:
        sys.exit(str(error))
    if command == "stop":
        server.stop()
    sys.stdout.write(f"{server.url}/tap\n" if server.is_running() else "not running\n")


if __name__ == "__main__":
    main()

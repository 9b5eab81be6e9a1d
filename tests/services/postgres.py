"""A private PostgreSQL for tests: no TCP port, no system cluster, and no care for power cuts."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.services.debian import ServiceUnavailableError
from tests.services.state import State

BIN = Path("/usr/lib/postgresql/15/bin")
PACKAGE = "postgresql-15"
PORT = 54_329  # a part of the socket's name
SUPERUSER = "postgres"


@dataclass(frozen=True)
class Postgres:
    """A database server in the folder `pg` of a state."""

    state: State

    @property
    def connection(self) -> list[str]:
        """Return how PostgreSQL's own programs reach it."""
        return ["-h", str(self.state.folder), "-p", str(PORT), "-U", SUPERUSER]

    @property
    def _data(self) -> Path:
        return self.state.folder / "pg"

    def url(self, name: str) -> str:
        """Return the address of a database for SQLAlchemy and libpq."""
        return f"postgresql://{SUPERUSER}@/{name}?host={self.state.folder}&port={PORT}"

    def start(self) -> None:
        """Make the cluster if there is none, and start it."""
        if not (self._data / "PG_VERSION").exists():
            options = ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
            self.state.run(BIN / "initdb", "-D", self._data, *options, "-U", SUPERUSER)
        settings = (
            f"-p {PORT} -k {self.state.folder} -c listen_addresses= -c fsync=off "
            "-c synchronous_commit=off -c full_page_writes=off -c max_connections=200 -c jit=off "
            "-c client_connection_check_interval=1s"  # a query ends with the one who asked it
        )
        log = self.state.folder / "pg.log"
        result = self._control("-w", "-l", log, "-o", settings, "start")
        if result.returncode:
            raise ServiceUnavailableError(f"PostgreSQL does not start:\n{log.read_text()[-4_000:]}")

    def stop(self) -> None:
        """Stop it, if it runs."""
        if (self._data / "postmaster.pid").exists():
            self._control("-w", "-m", "immediate", "stop")

    def create_database(self, name: str) -> None:
        """Make an empty database, in place of one that may be there."""
        self.state.run(BIN / "dropdb", *self.connection, "--if-exists", name)
        options = ["--encoding=UTF-8", "--template=template0"]
        self.state.run(BIN / "createdb", *self.connection, *options, name)

    def execute(self, database: str, script: Path) -> None:
        """Run a file of SQL in one transaction."""
        options = ["-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", script]
        self.state.run(BIN / "psql", *self.connection, *options)

    def _control(self, *words: object) -> subprocess.CompletedProcess:
        command = [str(word) for word in (BIN / "pg_ctl", "-D", self._data, *words)]
        # To nowhere: the server would keep a pipe open, and we would wait for its end.
        nowhere = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.run(command, **self.state.process(), **nowhere, check=False)

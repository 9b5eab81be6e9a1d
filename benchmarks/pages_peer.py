"""Datasette over SQLite: the same rows, in an environment of its own."""

import contextlib
import sqlite3
import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from benchmarks import tables
from benchmarks.servers import running
from benchmarks.servers import Server

DATASETTE = "datasette==0.65.5"
ENVIRONMENT = Path(__file__).parents[1] / ".cache" / "datasette"
SQL_TYPES = {"double": "REAL", "float": "REAL", "char": "TEXT", "unicodeChar": "TEXT"}
INDEXED = ("ra", "mag_g")


def make_database(path: Path, *, rows: int, seed: int) -> None:
    """Write the benchmark's table to SQLite, with an index for the columns in `INDEXED`."""
    names = [column.name for column in tables.COLUMNS]
    typed = ", ".join(
        f'"{column.name}" {SQL_TYPES.get(column.datatype, "INTEGER")}' for column in tables.COLUMNS
    )
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute(f"CREATE TABLE rows ({typed})")
        insert = f"INSERT INTO rows VALUES ({', '.join('?' * len(names))})"
        for batch in tables.batches(rows, seed):
            connection.executemany(insert, zip(*batch.to_pydict().values(), strict=True))
        for name in INDEXED:
            connection.execute(f'CREATE INDEX "rows_{name}" ON rows ("{name}")')


@contextlib.contextmanager
def serving(database: Path) -> Iterator[Server]:
    """Start Datasette as one tunes it: immutable, counted beforehand, no facet suggestions."""
    program = str(_program())
    counts = database.with_suffix(".json")
    subprocess.run([program, "inspect", database, "--inspect-file", counts], check=True)
    settings = {"suggest_facets": "off", "default_page_size": "100", "sql_time_limit_ms": "60000"}
    options = [word for setting in settings.items() for word in ("--setting", *setting)]
    command = [program, "serve", "-i", str(database), "--inspect-file", str(counts), *options]
    with running([*command, "--port", "{port}"]) as server:
        yield server


def page_path(database: Path, *, first: int, sort: str | None) -> str:
    """Return the address of the page that begins with row `first` of this order.

    Datasette pages by the key of the row before, which it does not have to count up to.
    """
    path = f"/{database.stem}/rows?_size=100" + (f"&_sort={sort}" if sort else "")
    if first == 0:
        return path
    order = f'"{sort}", rowid' if sort else "rowid"
    columns = f'"{sort}", rowid' if sort else "rowid"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        query = f"SELECT {columns} FROM rows ORDER BY {order} LIMIT 1 OFFSET {first - 1}"
        before = connection.execute(query).fetchone()
    return f"{path}&_next={quote(','.join(str(value) for value in before))}"


def _program() -> Path:
    program = ENVIRONMENT / "bin" / "datasette"
    if not program.exists():
        venv.create(ENVIRONMENT, with_pip=True)
        subprocess.run(
            [ENVIRONMENT / "bin" / "python", "-m", "pip", "install", "-q", DATASETTE], check=True
        )
    return program

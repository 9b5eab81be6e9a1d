"""DuckDB behind closed doors: a connection that sees some tables and can do nothing else."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import closing
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from portal_files.table import LocalTable

STAGE = "staged_rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of the machine one query may use."""

    memory_megabytes: int
    spill_megabytes: int
    threads: int


@contextmanager
def open_engine(
    tables: Mapping[str, Sequence[LocalTable]],
    described: Mapping[str, Mapping[str, pa.Table]],
    *,
    spill: Path,
    limits: Limits,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory that reads the files of `tables` (by schema) and no others.

    `described` are rows held in memory, by schema and name. Whatever the SQL, no other file,
    extension or setting can be reached and nothing written but temporary files in `spill`.
    """
    with closing(duckdb.connect(":memory:")) as connection:
        for name, value in _settings(spill, limits).items():
            connection.execute(f"SET {name} = {_text(value)}")
        paths = [one.parquet for group in tables.values() for one in group]
        allowed = ", ".join(_text(name) for path in paths for name in (str(path), _pattern(path)))
        connection.execute(f"SET allowed_paths = [{allowed}]")
        for schema in {**tables, **described}:
            connection.execute(f"CREATE SCHEMA {_name(schema)}")
        for schema, group in tables.items():
            for table in group:
                connection.execute(_view(schema, table))
        for schema, group_of_rows in described.items():
            for name, rows in group_of_rows.items():
                _load(connection, f"{_name(schema)}.{_name(name)}", rows)
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        connection.execute("BEGIN TRANSACTION READ ONLY")
        yield connection


def _settings(spill: Path, limits: Limits) -> dict[str, str]:
    """Return what is set once connected: a limit of disk given earlier does not hold (2.0.0)."""
    return {
        "allow_community_extensions": "false",
        "allow_persistent_secrets": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
        "memory_limit": f"{limits.memory_megabytes}MB",
        "temp_directory": str(spill),
        "max_temp_directory_size": f"{limits.spill_megabytes}MB",
        "threads": str(limits.threads),
        "async_threads": "1",
    }


def _view(schema: str, table: LocalTable) -> str:
    columns = ", ".join(_name(column.name) for column in table.text.columns)
    place = f"{_name(schema)}.{_name(table.name)}"
    source = f"read_parquet({_text(_pattern(table.parquet))})"
    return f"CREATE VIEW {place} AS SELECT {columns} FROM {source}"  # noqa: S608 - all quoted


def _load(connection: duckdb.DuckDBPyConnection, place: str, rows: pa.Table) -> None:
    connection.register(STAGE, rows)
    connection.execute(f"CREATE TABLE {place} AS SELECT * FROM {STAGE}")  # noqa: S608 - quoted
    connection.unregister(STAGE)


def _pattern(path: Path) -> str:
    """Return a path that DuckDB, which takes every path for a pattern, reads as itself."""
    return "".join(f"[{one}]" if one in "*?[" else one for one in str(path))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'

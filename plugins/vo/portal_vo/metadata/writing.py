"""Writing the metadata of one service into a new file."""

import json
import sqlite3
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import datetime
from datetime import UTC
from pathlib import Path

from portal.plugins import AdqlSchema
from portal.plugins import ColumnInfo
from portal.plugins import full_name
from portal.plugins import TableInfo
from portal_vo.metadata.layout import FILL
from portal_vo.metadata.layout import FORMAT
from portal_vo.metadata.layout import INDEXES
from portal_vo.metadata.layout import READ_TABLES
from portal_vo.metadata.layout import TABLES
from portal_vo.metadata.names import fold
from portal_vo.metadata.records import Capabilities
from portal_vo.metadata.records import KeyRecord
from portal_vo.metadata.records import ServiceExample
from portal_vo.metadata.records import TableRecord

INSERT_TABLE = """
INSERT OR IGNORE INTO tables
  (name, schema, kind, title, description, nrows, written, full_key, last_key, shown_key, place)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
WORDS_OF = """
SELECT title || ' ' || description,
  (SELECT GROUP_CONCAT(name || ' ' || description, ' ') FROM columns WHERE table_id = tables.id)
FROM tables WHERE id = ?"""
INSERT_COLUMN = "INSERT OR IGNORE INTO columns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class StoreWriter:
    """Fills one file; the names of tables may come in any order, and twice."""

    def __init__(self, path: Path) -> None:
        """Make the file, which must not be there."""
        self._connection = sqlite3.connect(path, isolation_level=None)
        # The file is nobody's until it is renamed, so that nothing of it needs to survive.
        self._connection.executescript(
            "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA page_size = 8192;"
            f"PRAGMA user_version = {FORMAT}; {TABLES}"
        )
        self._connection.execute("BEGIN")
        self.table_count = 0

    def add_schema(self, schema: AdqlSchema) -> None:
        """Add a schema, or what else is known of one."""
        self._connection.execute(
            "INSERT INTO schemas (name, title, description) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET title = excluded.title,"
            " description = excluded.description",
            (_text(schema.name), _text(schema.title), _text(schema.description)),
        )

    def add_table(self, table: TableRecord) -> None:
        """Add a table with its columns and keys; one that is there already stays."""
        info = table.info
        key = full_name(info)
        values = (
            _text(info.name), _text(info.schema), _text(info.kind), _text(info.title),
            _text(info.description), info.nrows, _text(table.written), _text(fold(key)),
            _text(key[-1]), _text(".".join(key)), self.table_count,
        )  # fmt: skip
        done = self._connection.execute(INSERT_TABLE, values)
        if done.rowcount != 1 or done.lastrowid is None:
            return
        self.table_count += 1
        self.add_columns(done.lastrowid, enumerate(table.columns))
        for one in table.keys:
            self.add_key(one)

    def add_columns(self, table_id: int, columns: Iterable[tuple[int, ColumnInfo]]) -> None:
        """Add columns of a table, each with its place."""
        self._connection.executemany(INSERT_COLUMN, _column_rows(table_id, columns))

    def add_key(self, key: KeyRecord) -> None:
        """Add a foreign key; its tables may come later."""
        self._connection.execute(
            "INSERT INTO keys (from_written, target_written, columns, description)"
            " VALUES (?, ?, ?, ?)",
            (
                _text(key.from_table),
                _text(key.target_table),
                json.dumps(key.columns),
                _text(key.description),
            ),
        )

    def add_capabilities(self, capabilities: Capabilities) -> None:
        """Add what the service can do."""
        self._connection.executemany(
            "INSERT INTO facts VALUES (?, ?, ?)",
            [(_text(one.group), _text(one.name), _text(one.value)) for one in capabilities.facts],
        )
        self._connection.executemany(
            "INSERT INTO functions VALUES (?, ?, ?)",
            [
                (_text(one.name), _text(one.signature), _text(one.description))
                for one in capabilities.functions
            ],
        )

    def add_examples(self, examples: Sequence[ServiceExample]) -> None:
        """Add what the service proposes to ask."""
        self._connection.executemany(
            "INSERT INTO examples VALUES (?, ?, ?)",
            [(_text(one.title), _text(one.query), _text(one.description)) for one in examples],
        )

    @contextmanager
    def instead(self) -> Iterator[None]:
        """Forget the tables so far for what the block adds; if it raises, they come back."""
        before = self.table_count
        self._connection.execute("SAVEPOINT instead")
        self.table_count = 0
        for name in READ_TABLES:
            self._connection.execute(f"DELETE FROM {name}")  # noqa: S608 - names of ours
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO instead")
            self.table_count = before
            raise
        finally:
            self._connection.execute("RELEASE instead")

    def table_ids(self) -> dict[str, int]:
        """Return the tables by the names that the service writes."""
        rows = self._connection.execute("SELECT written, id FROM tables ORDER BY id DESC")
        return dict(rows.fetchall())

    def finish(self, *, url: str, is_complete: bool) -> None:
        """Make the indexes, and close the file."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        about = {"url": url, "read_time": now, "is_complete": str(int(is_complete))}
        self._connection.executemany("INSERT INTO service VALUES (?, ?)", about.items())
        self._connection.execute("COMMIT")
        self._connection.executescript(f"BEGIN; {INDEXES} {FILL} COMMIT; ANALYZE;")
        self._connection.close()

    def close(self) -> None:
        """Close the file as it is."""
        self._connection.close()


def put_columns(path: Path, table: TableInfo, columns: Sequence[ColumnInfo]) -> None:
    """Put the columns of one table into a finished file that nobody reads yet."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("BEGIN")
        found = connection.execute(
            "SELECT id FROM tables WHERE name = ? AND schema = ?", (table.name, table.schema)
        ).fetchone()
        if found is not None:
            _put_columns_of(connection, found[0], columns)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _put_columns_of(
    connection: sqlite3.Connection, table_id: int, columns: Sequence[ColumnInfo]
) -> None:
    old = connection.execute(WORDS_OF, (table_id,)).fetchone()
    connection.execute(
        "INSERT INTO words (words, rowid, description, columns) VALUES ('delete', ?, ?, ?)",
        (table_id, *old),
    )
    connection.execute("DELETE FROM columns WHERE table_id = ?", (table_id,))
    connection.executemany(INSERT_COLUMN, _column_rows(table_id, enumerate(columns)))
    connection.execute(
        "UPDATE tables SET columns = (SELECT COUNT(*) FROM columns WHERE table_id = ?1)"
        " WHERE id = ?1",
        (table_id,),
    )
    new = connection.execute(WORDS_OF, (table_id,)).fetchone()
    connection.execute(
        "INSERT INTO words (rowid, description, columns) VALUES (?, ?, ?)", (table_id, *new)
    )


def _column_rows(
    table_id: int, columns: Iterable[tuple[int, ColumnInfo]]
) -> Iterator[tuple[object, ...]]:
    for place, one in columns:
        yield (
            table_id, place, _text(one.name), _text(one.datatype), _text(one.unit),
            _text(one.ucd), _text(one.description), one.indexed, one.principal,
            one.is_delimited,
        )  # fmt: skip


def _text(value: str | None) -> str | None:
    """Return a text that SQLite takes: half a surrogate pair is none."""
    if value is None:
        return None
    return value.encode("utf-8", errors="replace").decode().replace("\0", "")

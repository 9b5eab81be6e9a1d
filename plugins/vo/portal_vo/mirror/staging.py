"""The copy while it is made: a file of its own, which takes the place of the old one when whole.

What is written is committed resource by resource in batches, so that a job that was killed
goes on where it was.
"""

import os
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from portal.plugins import TransientError
from portal_vo.mirror.indexing import Entry
from portal_vo.mirror.tables import SCHEMA
from portal_vo.mirror.tables import VERSION
from portal_vo.sky.coverage import Coverage

WORD = re.compile(r"[^\W\d_]{3,40}")
OF_A_RESOURCE = ("use", "span", "coverage", "sky", "record", "resource")


class Staging:
    """The file of a copy that is being made; see `open_staging`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        """Keep the open file."""
        self._path = path
        self._connection = connection

    def versions(self) -> dict[str, str]:
        """Return what is in the copy: identifiers with the time of their last change."""
        return dict(self._connection.execute("SELECT ivoid, updated FROM resource"))

    def put(self, entries: Iterable[Entry]) -> None:
        """Write resources, in place of what was known of them, in one transaction."""
        with self._connection:
            for entry in entries:
                self._put(entry)

    def remove(self, ivoids: Iterable[str]) -> None:
        """Forget resources, in one transaction."""
        with self._connection:
            for ivoid in ivoids:
                self._forget(ivoid)

    def finish(self, target: Path, *, as_of: datetime) -> None:
        """Make the copy ready for searches and let it take its place, whole."""
        with self._connection:
            self._connection.execute("INSERT INTO words (words) VALUES ('optimize')")
            self._connection.execute("DELETE FROM value WHERE id NOT IN (SELECT value_id FROM use)")
            self._count_words()
        self._connection.execute("ANALYZE")
        self._connection.commit()
        (verdict,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        self.close()
        if verdict != "ok":
            self._path.unlink()
            raise TransientError("the copy of the registry was damaged, and is made anew")
        os.utime(self._path, (as_of.timestamp(), as_of.timestamp()))
        with self._path.open("rb+") as file:
            os.fsync(file.fileno())
        self._path.replace(target)

    def close(self) -> None:
        """Leave the file as it is, for a later attempt."""
        self._connection.close()

    def _put(self, entry: Entry) -> None:
        run = self._connection.execute
        rid = self._forget(entry.ivoid)
        fraction = entry.coverage.fraction if entry.coverage else None
        rid = run(
            "INSERT INTO resource VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                rid, entry.ivoid, entry.updated, entry.sort_title, entry.services,
                entry.wavebands, fraction, entry.card,
            ),
        ).lastrowid  # fmt: skip
        run("INSERT INTO record VALUES (?, ?)", (rid, entry.document))
        run(
            "INSERT INTO words (rowid, title, short_name, subjects, creators, publisher, tables,"
            " description) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (rid, *entry.words),
        )
        many = self._connection.executemany
        many("INSERT OR IGNORE INTO value (kind, value) VALUES (?, ?)", entry.values)
        many(
            "INSERT INTO use SELECT id, ? FROM value WHERE kind = ? AND value = ?",
            [(rid, kind, value) for kind, value in entry.values],
        )
        many("INSERT INTO span VALUES (?, ?, ?, ?)", [(*span, rid) for span in entry.spans])
        if entry.coverage is not None and rid is not None:
            self._put_coverage(rid, entry.coverage)

    def _put_coverage(self, rid: int, coverage: Coverage) -> None:
        self._connection.execute(
            "INSERT INTO coverage VALUES (?, ?, ?)",
            (rid, coverage.is_all_sky, coverage.to_bytes()),
        )
        if not coverage.is_all_sky:
            self._connection.executemany(
                "INSERT INTO sky VALUES (?, ?)",
                [(cell, rid) for cell in coverage.coarse_cells()],
            )

    def _forget(self, ivoid: str) -> int | None:
        """Delete a resource; return the number that it had."""
        found = self._connection.execute(
            "SELECT rid FROM resource WHERE ivoid = ?", (ivoid,)
        ).fetchone()
        if found is None:
            return None
        for table in OF_A_RESOURCE:
            self._connection.execute(f"DELETE FROM {table} WHERE rid = ?", found)  # noqa: S608
        self._connection.execute("DELETE FROM words WHERE rowid = ?", found)
        return int(found[0])

    def _count_words(self) -> None:
        """Count the words that are searched, so that what is typed can be completed."""
        uses: Counter[str] = Counter()
        for texts in self._connection.execute("SELECT title, subjects, description FROM words"):
            uses.update(set(WORD.findall(" ".join(texts).casefold())))
        self._connection.execute("DELETE FROM vocabulary")
        self._connection.executemany(
            "INSERT INTO vocabulary VALUES (?, ?)",
            uses.items(),
        )


def open_staging(path: Path, *, live: Path, registry: str) -> Staging:
    """Return the file to write: one that was begun, else a copy of the live one, else a new one."""
    begun = _open(path, registry)
    if begun is not None:
        return Staging(path, begun)
    path.unlink(missing_ok=True)
    if is_of(live, registry):
        beginning = path.with_name(f"{path.name}.part")
        shutil.copyfile(live, beginning)
        beginning.replace(path)
        copied = _open(path, registry)
        if copied is not None:
            return Staging(path, copied)
        path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    with connection:
        connection.execute("INSERT INTO meta VALUES ('registry', ?)", (registry,))
    return Staging(path, connection)


def is_of(path: Path, registry: str) -> bool:
    """Say whether a file is a copy of a registry, of the present version."""
    connection = _open(path, registry)
    if connection is None:
        return False
    connection.close()
    return True


def read_meta(connection: sqlite3.Connection) -> Mapping[str, str] | None:
    """Return what a copy says of itself; None when it is of another version, or no copy."""
    if connection.execute("PRAGMA user_version").fetchone() != (VERSION,):
        return None
    return dict(connection.execute("SELECT key, value FROM meta"))


def _open(path: Path, registry: str) -> sqlite3.Connection | None:
    if not path.is_file():
        return None
    connection = sqlite3.connect(path)
    try:
        meta = read_meta(connection)
    except sqlite3.DatabaseError:
        meta = None
    if meta is None or meta.get("registry") != registry:
        connection.close()
        return None
    return connection

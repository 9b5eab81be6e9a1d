"""What Sesame said before, so that it is asked once: a small SQLite file."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from portal.plugins import ResolvedPosition

SECONDS_TO_WAIT = 2.0
MOST_ANSWERS = 100_000
SCHEMA = """
CREATE TABLE IF NOT EXISTS answer (
    name TEXT PRIMARY KEY, ra REAL, dec REAL, known_as TEXT, resolver TEXT, until REAL NOT NULL
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of a name; no position means that it is not known."""

    position: ResolvedPosition | None


class Answers:
    """Answers until they are too old. A file that cannot be used means that there are none."""

    def __init__(self, path: Path, *, now: Callable[[], float] = time.time) -> None:
        """Keep where they are; the file is made when the first one is kept."""
        self._path = path
        self._now = now

    def find(self, name: str) -> Answer | None:
        """Return what was said of a name, or None when it has to be asked for."""
        if not self._path.exists():
            return None
        query = "SELECT ra, dec, known_as, resolver FROM answer WHERE name = ? AND until > ?"
        try:
            with closing(self._open()) as database:
                row = database.execute(query, (name, self._now())).fetchone()
        except sqlite3.Error:
            return None
        if row is None:
            return None
        ra, dec, known_as, resolver = row
        if ra is None:
            return Answer(None)
        return Answer(ResolvedPosition(ra=ra, dec=dec, name=known_as, resolver=resolver))

    def keep(self, name: str, position: ResolvedPosition | None, *, seconds: float) -> None:
        """Keep an answer for a while; too many, and the ones that end first go."""
        until = self._now() + seconds
        values = (
            (name, position.ra, position.dec, position.name, position.resolver, until)
            if position
            else (name, None, None, None, None, until)
        )
        try:
            with closing(self._open()) as database, database:
                database.execute(SCHEMA)
                database.execute("REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?)", values)
                database.execute(
                    "DELETE FROM answer WHERE until < ? OR name IN"
                    " (SELECT name FROM answer ORDER BY until DESC LIMIT -1 OFFSET ?)",
                    (self._now(), MOST_ANSWERS),
                )
        except sqlite3.Error:
            return  # the answer is good without being kept

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=SECONDS_TO_WAIT)

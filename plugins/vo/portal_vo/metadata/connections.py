"""Connections to finished files, which are only read: one for each thread and file."""

import os
import sqlite3
import threading
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Any

from portal_vo.metadata.layout import FORMAT

MOST_OPEN = 4  # of one thread

Version = tuple[int, int, int]


class Connections:
    """Finds the connection of a thread to a file, as the file is now.

    A file that was replaced has another inode or time, and is opened again.
    """

    def __init__(self) -> None:
        """Start with none."""
        self._local = threading.local()

    def rows(self, path: Path, statement: str, values: tuple[object, ...] = ()) -> list[Any]:
        """Return the rows of a query; raises sqlite3.Error when there is no file (any more)."""
        return self._get(path).execute(statement, values).fetchall()

    def _get(self, path: Path) -> sqlite3.Connection:
        opened = self._opened()
        known = opened.get(path)
        try:
            found = path.stat()
        except OSError:
            if known is None:
                raise sqlite3.OperationalError(f"{path} is gone") from None
            return known[1]  # deleted since: what is open can be read on
        version = _version(found)
        if known is None or known[0] != version:
            if known is not None:
                opened.pop(path)[1].close()
            known = opened[path] = (version, _open(path))
        opened.move_to_end(path)
        while len(opened) > MOST_OPEN:
            opened.popitem(last=False)[1][1].close()
        return known[1]

    def _opened(self) -> "OrderedDict[Path, tuple[Version, sqlite3.Connection]]":
        if not hasattr(self._local, "opened"):
            self._local.opened = OrderedDict()
        opened: OrderedDict[Path, tuple[Version, sqlite3.Connection]] = self._local.opened
        return opened


def _open(path: Path) -> sqlite3.Connection:
    """Open a file to read it; sqlite3.Error for another version of the format, or a damaged one."""
    # Nobody writes into a finished file, so that no lock is needed.
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    with suppress(sqlite3.DatabaseError):
        if connection.execute("PRAGMA user_version").fetchone()[0] == FORMAT:
            return connection
    connection.close()
    raise sqlite3.DatabaseError(f"{path} is not of this version")


def _version(found: os.stat_result) -> Version:
    return found.st_ino, found.st_mtime_ns, found.st_size

"""Where the copy is, how old it is, and connections that read it."""

import contextlib
import fcntl
import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from datetime import UTC
from pathlib import Path

from portal_vo.mirror.staging import read_meta

CACHE_PAGES = -32_000  # 32 MB

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Opened:
    """A connection of one thread, and the file it reads."""

    process: int
    file: tuple[int, int]
    connection: sqlite3.Connection | None


class MirrorFiles:
    """The files of the copy of one registry, in the plugin's folder.

    The file's time of change is when it was last found to be what the registry has.
    """

    def __init__(self, folder: Path, registry: str) -> None:
        """Keep the folder, which need not be there yet."""
        self.folder = folder
        self.registry = registry
        self.live = folder / "registry.sqlite"
        self.staging = folder / "registry.new.sqlite"
        self._threads = threading.local()

    @contextlib.contextmanager
    def locked(self) -> Iterator[bool]:
        """Keep other jobs out; gives False when one is at it already."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "registry.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def as_of(self) -> datetime | None:
        """Return when the copy was the same as the registry; None when there is no copy."""
        try:
            return datetime.fromtimestamp(self.live.stat().st_mtime, UTC)
        except OSError:
            return None

    def reader(self) -> sqlite3.Connection | None:
        """Return this thread's connection to the present copy; None when there is none."""
        try:
            found = self.live.stat()
        except OSError:
            return None
        file = (found.st_dev, found.st_ino)
        opened: _Opened | None = getattr(self._threads, "opened", None)
        if opened is None or (opened.process, opened.file) != (os.getpid(), file):
            if opened is not None and opened.connection and opened.process == os.getpid():
                opened.connection.close()
            opened = _Opened(os.getpid(), file, self._open())
            self._threads.opened = opened
        return opened.connection

    def close(self) -> None:
        """Close this thread's connection."""
        opened: _Opened | None = getattr(self._threads, "opened", None)
        if opened is not None and opened.connection is not None:
            opened.connection.close()
        self._threads.opened = None

    def _open(self) -> sqlite3.Connection | None:
        try:
            connection = sqlite3.connect(f"{self.live.as_uri()}?mode=ro", uri=True)
            connection.execute(f"PRAGMA cache_size = {CACHE_PAGES}")
            connection.execute("PRAGMA mmap_size = 1000000000")
            connection.execute("PRAGMA query_only = 1")
            meta = read_meta(connection)
        except sqlite3.Error as error:
            log.warning("the copy of the registry cannot be read: %s", error)
            return None
        if meta is None or meta.get("registry") != self.registry:
            connection.close()
            return None
        return connection

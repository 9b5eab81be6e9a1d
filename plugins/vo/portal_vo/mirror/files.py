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

from portal_vo.mirror.index import MirrorIndex
from portal_vo.mirror.staging import read_meta

CACHE_PAGES = -32_000  # 32 MB

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mirror:
    """A copy to read: this thread's connection, and the index that all threads share."""

    connection: sqlite3.Connection
    index: MirrorIndex


@dataclass(slots=True)
class _Opened:
    """What a thread has opened, and the file it reads."""

    process: int
    file: tuple[int, int]
    mirror: Mirror | None


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
        self._index: tuple[tuple[int, int], MirrorIndex] | None = None

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

    def reader(self) -> Mirror | None:
        """Return the present copy as this thread reads it; None when there is none."""
        try:
            found = self.live.stat()
        except OSError:
            return None
        file = (found.st_dev, found.st_ino)
        opened: _Opened | None = getattr(self._threads, "opened", None)
        if opened is None or (opened.process, opened.file) != (os.getpid(), file):
            self.close()
            opened = _Opened(os.getpid(), file, self._open(file))
            self._threads.opened = opened
        return opened.mirror

    def close(self) -> None:
        """Close what this thread has opened, unless another process opened it."""
        opened: _Opened | None = getattr(self._threads, "opened", None)
        if opened is not None and opened.mirror is not None and opened.process == os.getpid():
            opened.mirror.connection.close()
        self._threads.opened = None

    def _open(self, file: tuple[int, int]) -> Mirror | None:
        connection: sqlite3.Connection | None = None
        try:
            connection = sqlite3.connect(f"{self.live.absolute().as_uri()}?mode=ro", uri=True)
            connection.execute(f"PRAGMA cache_size = {CACHE_PAGES}")
            connection.execute("PRAGMA mmap_size = 1000000000")
            connection.execute("PRAGMA query_only = 1")
            meta = read_meta(connection)
            if meta is not None and meta.get("registry") == self.registry:
                return Mirror(connection, self._index_of(file, connection))
        except sqlite3.Error as error:
            log.warning("the copy of the registry cannot be read: %s", error)
        if connection is not None:
            connection.close()
        return None

    def _index_of(self, file: tuple[int, int], connection: sqlite3.Connection) -> MirrorIndex:
        known = self._index
        if known is None or known[0] != file:
            known = (file, MirrorIndex.load(connection))
            self._index = known
        return known[1]

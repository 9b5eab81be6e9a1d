"""The files with the metadata of services: one for each, replaced as a whole."""

import fcntl
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

from portal.plugins import ColumnInfo
from portal.plugins import TableInfo
from portal_vo.metadata.connections import Connections
from portal_vo.metadata.names import file_name
from portal_vo.metadata.tables import StoredTables
from portal_vo.metadata.writing import put_columns
from portal_vo.metadata.writing import StoreWriter

MOST_SERVICES = 300
HOUR = 3_600
SUFFIX = ".sqlite"
UNFINISHED = ".part"


class MetadataStore:
    """The files below `folder`; shared by threads and processes.

    A file is written beside its place and renamed when it is whole; who reads the earlier
    one meanwhile reads on.
    """

    def __init__(self, folder: Path, *, most_services: int = MOST_SERVICES) -> None:
        """Keep at most so many services: those used last."""
        self._folder = folder
        self._most_services = most_services
        self._connections = Connections()

    def find(self, url: str) -> StoredTables | None:
        """Return what is known of the service at a base URL; None when it was never read."""
        path = self._folder / file_name(url)
        tables = StoredTables(self._connections, path)
        try:
            tables.about("url")
        except sqlite3.Error:
            return None
        _note_use(path)
        return tables

    @contextmanager
    def replacing(self, url: str) -> Iterator[StoreWriter]:
        """Write the file of a service anew; it takes its place when the block ends well.

        The block calls `finish` of the writer.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        final = self._folder / file_name(url)
        temporary = _beside(final)
        temporary.unlink(missing_ok=True)
        writer = StoreWriter(temporary)
        try:
            yield writer
            writer.close()
            with _lock(final):
                _put(temporary, final)
        finally:
            writer.close()
            temporary.unlink(missing_ok=True)
        self.sweep()

    def set_columns(self, url: str, table: TableInfo, columns: Sequence[ColumnInfo]) -> None:
        """Put the columns of one table into the file of a service that was read before."""
        final = self._folder / file_name(url)
        temporary = _beside(final)
        with _lock(final):
            try:
                shutil.copyfile(final, temporary)
                put_columns(temporary, table, columns)
                _put(temporary, final)
            finally:
                temporary.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Delete the services that were not used for longest, and what was never finished."""
        now = time.time()
        files = [(path.stat(), path) for path in self._folder.iterdir()]
        for found, path in files:
            if path.suffix == UNFINISHED and found.st_mtime < now - 24 * HOUR:
                path.unlink(missing_ok=True)
        whole = [(found.st_atime, path) for found, path in files if path.suffix == SUFFIX]
        for _, path in sorted(whole, reverse=True)[self._most_services :]:
            path.unlink(missing_ok=True)
            path.with_suffix(".lock").unlink(missing_ok=True)


def _beside(final: Path) -> Path:
    return final.with_suffix(f".{os.getpid()}-{threading.get_ident()}{UNFINISHED}")


@contextmanager
def _lock(final: Path) -> Iterator[None]:
    """Let one at a time replace a file; the lock goes with the process that has it."""
    with final.with_suffix(".lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _put(temporary: Path, final: Path) -> None:
    with temporary.open("rb+") as written:
        os.fsync(written.fileno())
    temporary.replace(final)


def _note_use(path: Path) -> None:
    """Remember, to the hour, that the file is used; its time of change stays."""
    with suppress(OSError):
        found = path.stat()
        if found.st_atime < time.time() - HOUR:
            os.utime(path, ns=(time.time_ns(), found.st_mtime_ns))

"""The result store: folders of files, written once, opened in no time."""

import os
import shutil
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.problems import NotFoundError
from portal.results import layout
from portal.results.attaching import Attachments
from portal.results.files import full_disk_as_transient
from portal.results.files import remove_folder
from portal.results.keys import require_real
from portal.results.keys import require_uuid_hex
from portal.results.keys import ResultKey
from portal.results.meta import StoredResult
from portal.results.opened import open_result
from portal.results.opened import OpenResult
from portal.results.recent import RecentResults
from portal.results.writing import Limits
from portal.results.writing import write_result
from portal.tables import ResultTable

BIN = ".removed"
SCRATCH = ".scratch"


class ResultStore:
    """Results of jobs below `root`, one folder each: `<job id>/<token>/<name>/`.

    A result is whole when its `meta.json` is there; it is written last. Before that the
    rows that have arrived can be opened and paged in their natural order.
    """

    def __init__(self, root: Path) -> None:
        (root / BIN).mkdir(parents=True, exist_ok=True)
        self.root = root
        self._recent = RecentResults()

    def write(
        self,
        key: ResultKey,
        table: ResultTable,
        *,
        maxrec: int,
        max_bytes: int,
        on_batch: Callable[[int], None] = lambda _rows: None,
        is_aborted: Callable[[], bool] = lambda: False,
    ) -> StoredResult:
        """Store a table as it arrives, and return what was stored once it is safely on disk.

        At most `maxrec` rows are kept, and little more than `max_bytes` on disk; what is cut
        is marked as an overflow, and so is what had come when `is_aborted`. `on_batch` is told
        the number of rows that can be seen, in the calling thread. Whatever is raised, nothing
        of the result stays: ServiceError when the table was cut on its way, TransientError when
        the disk is full, WriteAbortedError when no row had come before the abort.
        """
        limits = Limits(rows=maxrec, bytes=max_bytes)
        folder = key.directory(self.root)
        require_real(folder, self.root)
        with full_disk_as_transient():
            folder.mkdir(parents=True)
            try:
                return write_result(folder, table, limits, on_batch, is_aborted)
            except BaseException:
                self._remove(folder)
                raise

    def open(self, key: ResultKey) -> OpenResult:
        """Open a result, or the rows of it that have arrived; NotFoundError if there are none."""
        folder = key.directory(self.root)
        known = self._recent.find(folder)
        if known is not None:
            return known
        require_real(folder, self.root)
        try:
            with full_disk_as_transient():
                result = open_result(folder)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotFoundError("This result is no longer there, or not yet.") from error
        self._recent.add(result)
        return result

    def files(self, key: ResultKey) -> list[Path]:
        """Return the files of a whole result, the one that makes it whole last."""
        found = key.directory(self.root).iterdir()
        return sorted(found, key=lambda path: (path.name in layout.SEALS, path.name))

    def file(self, key: ResultKey) -> Path:
        """Return the file that a result is; NotFoundError if it is none, or not whole."""
        folder = key.directory(self.root)
        require_real(folder / layout.FILE, self.root)
        if not (folder / layout.FILE_META).is_file():
            raise NotFoundError("This file is no longer there.")
        return folder / layout.FILE

    @contextmanager
    def attachments(
        self, job_id: str, token: str, *, scratch: Path, max_bytes: int
    ) -> Iterator[Attachments]:
        """Lend what takes the files that an attempt leaves; none stays when it fails."""
        files = Attachments(self.root, job_id, token, scratch=scratch, max_bytes=max_bytes)
        try:
            yield files
        except BaseException:
            for folder in files.folders:
                self._remove(folder)
            raise

    @contextmanager
    def scratch(self, job_id: str, token: str) -> Iterator[Path]:
        """Lend an attempt an empty folder beside its results, for as long as it runs.

        What a killed process leaves there goes with the files of its attempt.
        """
        require_uuid_hex(job_id)
        require_uuid_hex(token)
        folder = self.root / job_id / token / SCRATCH
        require_real(folder, self.root)
        with full_disk_as_transient():
            folder.mkdir(mode=0o700, parents=True)
        try:
            yield folder
        finally:
            self._remove(folder)

    def share(self, job_id: str, other_id: str, token: str) -> None:
        """Give what an attempt at a job left to another job as well; it takes no room on disk.

        Raises NotFoundError when there is nothing of it any more.
        """
        for part in (job_id, other_id, token):
            require_uuid_hex(part)
        source = self.root / job_id / token
        require_real(source, self.root)
        try:
            shutil.copytree(source, self.root / other_id / token, copy_function=os.link)
        except (FileNotFoundError, shutil.Error):
            raise NotFoundError("The rows of another part are not there any more.") from None

    def delete(self, job_id: str) -> None:
        """Remove all results of a job; none is no error."""
        require_uuid_hex(job_id)
        self._remove(self.root / job_id)

    def delete_attempt(self, job_id: str, token: str) -> None:
        """Remove what one attempt at a job has left; none is no error."""
        require_uuid_hex(job_id)
        require_uuid_hex(token)
        self._remove(self.root / job_id / token)

    def delete_attempts_except(self, job_id: str, token: str) -> None:
        """Remove what other attempts at a job have left."""
        require_uuid_hex(job_id)
        require_uuid_hex(token)
        for attempt in (self.root / job_id).glob("*"):
            if attempt.name != token:
                self._remove(attempt)

    def _remove(self, folder: Path) -> None:
        remove_folder(folder, bin_folder=self.root / BIN)

"""Files that came with jobs, on disk: one folder for each job, one file for each upload."""

import os
import re
import shutil
import time
from collections.abc import Callable
from collections.abc import Collection
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import IO

from portal.parameters import write_reference
from portal.problems import NO_ROOM
from portal.problems import NotFoundError
from portal.problems import TransientError
from portal.uws.models import new_id

DAY = 86_400
HOUR = 3_600
SWEPT = ".swept"
ID = re.compile("[0-9a-f]{32}")
NO_SUCH_UPLOAD = "There is no such file. It may have been deleted with its job."


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file as it arrives: the id it will have, and what its sender says of it.

    `name` is for people and never part of a path; `mime_type` may be a lie.
    """

    name: str
    mime_type: str
    content: IO[bytes]
    id: str = field(default_factory=new_id)

    @property
    def reference(self) -> str:
        """The value of the parameter that the file is for."""
        return write_reference(self.id)


class UploadStore:
    """The files below `folder`, as `<job id>/<upload id>`; never looked into."""

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        """Keep at most `max_bytes` that come with one request; the routes see to that."""
        self._folder = folder
        self.max_bytes = max_bytes

    def keep(self, job_id: str, sent: SentFile) -> int:
        """Write a file, durably, and return its size in bytes.

        Raises TransientError, and keeps no file of the job, when the disk is full.
        """
        try:
            return self._write(self._new_path(job_id, sent.id), sent.content)
        except OSError as error:
            self.delete(job_id)
            if error.errno not in NO_ROOM:
                raise
            raise TransientError("The portal has no room left for files. Try later.") from error

    def keep_again(self, job_id: str, upload_id: str, *, earlier: Path) -> None:
        """Keep the file of another job for this one too, without a copy of its bytes."""
        self._new_path(job_id, upload_id).hardlink_to(earlier)

    def find(self, job_id: str, upload_id: str) -> Path:
        """Return the path of a file that came with the job; raises NotFoundError."""
        if ID.fullmatch(job_id) and ID.fullmatch(upload_id):
            path = self._folder / job_id / upload_id
            if path.is_file():
                return path
        raise NotFoundError(NO_SUCH_UPLOAD)

    def delete(self, job_id: str) -> None:
        """Delete the files of a job; none is no error."""
        if ID.fullmatch(job_id):
            shutil.rmtree(self._folder / job_id, ignore_errors=True)

    def sweep(self, known: Callable[[Collection[str]], Collection[str]]) -> None:
        """Delete files of a day ago whose job is not among those that `known` knows of.

        They are of processes that were killed between file and row. Once an hour at most,
        whoever asks.
        """
        if not self._folder.is_dir() or not self._is_due():
            return
        old = [
            entry.name
            for entry in os.scandir(self._folder)
            if ID.fullmatch(entry.name) and entry.stat().st_mtime < time.time() - DAY
        ]
        for job_id in set(old).difference(known(old)):
            self.delete(job_id)

    def _is_due(self) -> bool:
        mark = self._folder / SWEPT
        if mark.exists() and mark.stat().st_mtime > time.time() - HOUR:
            return False
        mark.touch()
        return True

    def _write(self, path: Path, content: IO[bytes]) -> int:
        with open(path, "xb", opener=_private) as kept:
            shutil.copyfileobj(content, kept)
            kept.flush()
            os.fsync(kept.fileno())
            return kept.tell()

    def _new_path(self, job_id: str, upload_id: str) -> Path:
        folder = self._folder / job_id
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / upload_id


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

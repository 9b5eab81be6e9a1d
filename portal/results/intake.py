"""Results that come from afar: their files one by one, checked before they count as whole."""

from http import HTTPStatus
from pathlib import Path
from typing import IO

from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.results import layout
from portal.results.checking import check_attached
from portal.results.checking import check_result
from portal.results.checking import DamagedResultError
from portal.results.checking import is_result_file
from portal.results.files import full_disk_as_transient
from portal.results.files import replacing
from portal.results.files import sync_parents
from portal.results.keys import require_real
from portal.results.keys import ResultKey
from portal.results.rows import BYTES_PER_BATCH
from portal.results.store import ResultStore

CHUNK = 1 << 20
LONGEST_META = 32 * CHUNK


class TooLargeError(PortalError):
    """More bytes than a result may have."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "Too large"


class ResultIntake:
    """Receives what a remote worker stored, into the folder where a local one stores it.

    `meta.json`, or `file.json` of a result that is a single file, comes last: it is kept only
    when it describes the other files truly, and then the result is whole. A file that comes
    later, as when a worker sends again what it got no answer for, takes that back. `max_bytes`
    is what one result may take: its rows as large as a local worker lets them become, and as
    much again for what is made of them.
    """

    def __init__(self, store: ResultStore, *, max_result_bytes: int) -> None:
        self._store = store
        self.max_bytes = 2 * (max_result_bytes + BYTES_PER_BATCH)

    def receive(
        self, job_id: str, token: str, name: str, file_name: str, content: IO[bytes]
    ) -> None:
        """Keep a file, durably.

        Raises NotFoundError for a name that no file of a result has, TooLargeError,
        DamagedResultError for a `meta.json` or `file.json` that does not fit, and
        TransientError when the disk is full.
        """
        folder = self._folder(job_id, token, name)
        if not is_result_file(file_name):
            raise NotFoundError(f"A result has no file {file_name}.")
        with full_disk_as_transient():
            folder.mkdir(parents=True, exist_ok=True)
            if file_name in layout.SEALS:
                _seal(folder / file_name, content.read(LONGEST_META))
            else:
                for seal in layout.SEALS:
                    (folder / seal).unlink(missing_ok=True)
                room = self.max_bytes - _taken(folder, but=file_name)
                with replacing(folder / file_name) as temporary:
                    _copy(content, temporary, room)

    def is_whole(self, job_id: str, token: str, name: str) -> bool:
        """Say whether the result was received as a whole."""
        folder = self._folder(job_id, token, name)
        return any((folder / seal).is_file() for seal in layout.SEALS)

    def drop_attempt(self, job_id: str, token: str) -> None:
        """Delete what an attempt sent."""
        self._store.delete_attempt(job_id, token)

    def drop_other_attempts(self, job_id: str, token: str) -> None:
        """Delete what all but one attempt at a job have stored."""
        self._store.delete_attempts_except(job_id, token)

    def _folder(self, job_id: str, token: str, name: str) -> Path:
        folder = ResultKey(job_id=job_id, token=token, name=name).directory(self._store.root)
        require_real(folder, self._store.root)
        return folder


def _seal(path: Path, content: bytes) -> None:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise DamagedResultError(f"{path.name} is not text.") from error
    check = check_result if path.name == layout.META else check_attached
    check(path.parent, text)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    sync_parents(path.parent)


def _taken(folder: Path, *, but: str) -> int:
    return sum(file.stat().st_size for file in folder.iterdir() if file.name != but)


def _copy(content: IO[bytes], target: Path, room: int) -> None:
    with target.open("xb") as file:
        while chunk := content.read(CHUNK):
            room -= len(chunk)
            if room < 0:
                raise TooLargeError("The result is larger than the portal keeps.")
            file.write(chunk)

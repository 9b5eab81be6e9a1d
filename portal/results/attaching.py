"""Files that a running query leaves beside its table: moved into the store, then sealed."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.results import layout
from portal.results.files import full_disk_as_transient
from portal.results.files import replacing
from portal.results.files import sync
from portal.results.files import sync_parents
from portal.results.keys import require_real
from portal.results.keys import ResultKey

CHUNK = 1 << 20
MEGABYTE = 1_000_000
TITLE_LENGTH = 200
TYPE_LENGTH = 100
MEDIA_TYPE = re.compile(r"[!-~]+/[ -~]+")
UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A whole file: how long it is, and the SHA-256 of its bytes in hexadecimal."""

    bytes: int
    sha256: str

    def to_json(self) -> str:
        """Return the text of `file.json`."""
        return json.dumps({"bytes": self.bytes, "sha256": self.sha256})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file that was kept, as its result says it."""

    name: str
    media_type: str
    bytes: int
    info: Mapping[str, Any]


class Attachments:
    """What one attempt at a job leaves beside its table.

    Files come from `scratch`, the attempt's own folder on the store's disk. All together
    take at most `max_bytes`. `folders` is where they are now.
    """

    def __init__(
        self, root: Path, job_id: str, token: str, *, scratch: Path, max_bytes: int
    ) -> None:
        self._root = root
        self._job_id = job_id
        self._token = token
        self._scratch = scratch.resolve()
        self._max_bytes = max_bytes
        self.files: list[Attached] = []
        self.folders: list[Path] = []

    @property
    def bytes(self) -> int:
        """How many bytes the files have so far."""
        return sum(one.bytes for one in self.files)

    def attach(self, name: str, path: Path, *, media_type: str, title: str) -> None:
        """Take a file over; raises UsageError, ValueError and TransientError (a full disk)."""
        self._check(name, path)
        room = self._max_bytes - self.bytes
        if path.stat().st_size > room:
            limit = self._max_bytes / MEGABYTE
            raise UsageError(
                f"The files of this job are larger than {limit:,.0f} MB, the most that it may keep."
            )
        folder = ResultKey(self._job_id, self._token, name).directory(self._root)
        require_real(folder, self._root)
        self.folders.append(folder)
        with full_disk_as_transient():
            folder.mkdir(parents=True)
            stored = _seal(path.rename(folder / layout.FILE))
        info = {
            "title": _line(title) or name,
            "bytes": stored.bytes,
            "sha256": stored.sha256,
        }
        self.files.append(
            Attached(
                name=name, media_type=_clean(media_type), bytes=stored.bytes, info={"file": info}
            )
        )

    def _check(self, name: str, path: Path) -> None:
        try:
            ResultKey(self._job_id, self._token, name)
        except NotFoundError:
            raise ValueError(f"{name!r} cannot be the name of a result") from None
        if name in {"result", *(one.name for one in self.files)}:
            raise ValueError(f"the job has a result {name} already")
        if not path.is_file() or path.is_symlink() or path.resolve().parent != self._scratch:
            raise ValueError(f"{path.name} is no file in the data_dir of the job")


def check_file(folder: Path, text: str) -> str | None:
    """Say what is wrong with a file that came from afar, by what its `file.json` should say."""
    try:
        told = json.loads(text)
        expected = StoredFile(bytes=int(told["bytes"]), sha256=str(told["sha256"]))
    except (ValueError, TypeError, KeyError):
        return "file.json cannot be read"
    try:
        found = _describe(folder / layout.FILE)
    except FileNotFoundError:
        return "the file is missing"
    return None if found == expected else "the file is cut, or is another one"


def _seal(path: Path) -> StoredFile:
    """Write what makes a file whole, when the file itself is safely on disk."""
    stored = _describe(path)
    sync(path)
    with replacing(path.with_name(layout.FILE_META)) as temporary:
        temporary.write_text(stored.to_json(), encoding="utf-8")
    sync_parents(path.parent)
    return stored


def _describe(path: Path) -> StoredFile:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return StoredFile(bytes=size, sha256=digest.hexdigest())


def _clean(media_type: str) -> str:
    known = MEDIA_TYPE.fullmatch(media_type) and len(media_type) <= TYPE_LENGTH
    return media_type if known else UNKNOWN_TYPE


def _line(text: str) -> str:
    """Return a text without what cannot be shown or kept, in one line."""
    shown = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(shown.split())[:TITLE_LENGTH]

"""Prepared repositories that facilities may clone, each at an address that nobody can guess.

A publication is a bare repository in a folder that is named by the SHA-256 of its token: who
reads the folders' names can open none.
"""

import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from datetime import UTC
from hashlib import sha256
from pathlib import Path

from portal.problems import NotFoundError

FOLDER = "git"  # in the instance folder
TOKEN = re.compile(r"[0-9a-f]{32}")
NAME = re.compile(r"(?:new-|gone-)?[0-9a-f]{64}")
NEW = "new-"
GONE = "gone-"
PARTS = ("HEAD", "config", "objects", "packed-refs", "refs", "shallow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A repository that can be cloned.

    `token` is in its address, `/git/<token>.git`; `name` is its folder, and all that is kept.
    """

    token: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPublication:
    """A folder of publications, and when it was made; one that is not `complete` was left over."""

    name: str
    time: datetime
    complete: bool


def publish(root: Path, repository: Path) -> Publication:
    """Copy a bare repository to where it is served; it is visible whole or not at all."""
    token = secrets.token_hex(16)
    name = folder_name(token)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = root / f"{NEW}{name}"
    new.mkdir()
    for part in PARTS:
        source = repository / part
        if source.is_dir():
            shutil.copytree(source, new / part)
        elif source.exists():
            shutil.copyfile(source, new / part)
    new.rename(root / name)
    return Publication(token=token, name=name)


def unpublish(root: Path, name: str) -> None:
    """Delete a publication, or what is left of one; nothing happens where there is none."""
    if not NAME.fullmatch(name):
        raise NotFoundError("There is no such publication.")
    folder = root / name
    gone = folder
    if not name.startswith((NEW, GONE)):
        gone = root / f"{GONE}{name}"
        with suppress(FileNotFoundError):
            folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def list_publications(root: Path) -> Iterator[FoundPublication]:
    """Yield all of them, and what broken attempts have left."""
    if not root.is_dir():
        return
    for folder in root.iterdir():
        with suppress(FileNotFoundError):
            if NAME.fullmatch(folder.name):
                yield FoundPublication(
                    name=folder.name,
                    time=datetime.fromtimestamp(folder.stat().st_mtime, UTC),
                    complete=not folder.name.startswith((NEW, GONE)),
                )


def find_publication(root: Path, token: str) -> Path:
    """Return the repository of a token; raises NotFoundError."""
    folder = root / folder_name(token)
    if not TOKEN.fullmatch(token) or not folder.is_dir():
        raise NotFoundError("There is no such repository, or it has ended.")
    return folder


def folder_name(token: str) -> str:
    """Return the name of a token's folder."""
    return sha256(token.encode()).hexdigest()

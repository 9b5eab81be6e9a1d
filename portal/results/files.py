"""Files that are either whole or absent, whatever is killed while they are written."""

import errno
import io
import mmap
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.problems import NO_ROOM
from portal.problems import TransientError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path`; what was written there becomes `path`, durably."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        yield temporary
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until the disk holds this file, or the names in this folder."""
    descriptor = _open_real(path)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_parents(folder: Path) -> None:
    """Wait until the disk knows the folder of a result: its name, its attempt's, its job's."""
    for parent in (folder.parent, folder.parent.parent, folder.parent.parent.parent):
        sync(parent)


def map_file(path: Path) -> mmap.mmap:
    """Map a file for reading, as long as it is now; FileNotFoundError if it is empty or a link."""
    descriptor = _open_real(path)
    try:
        if os.fstat(descriptor).st_size == 0:
            raise FileNotFoundError(path)
        return mmap.mmap(descriptor, 0, prot=mmap.PROT_READ)
    finally:
        os.close(descriptor)


def read_file(path: Path) -> str:
    """Return the text of a file; FileNotFoundError for a symbolic link."""
    with os.fdopen(_open_real(path), encoding="utf-8") as file:
        return file.read()


def save_array(path: Path, array: NDArray[Any]) -> None:
    """Write an array as `.npy`; unlike `numpy.save`, a full disk raises OSError with its errno."""
    content = io.BytesIO()
    np.save(content, array, allow_pickle=False)
    path.write_bytes(content.getbuffer())


def remove_folder(folder: Path, *, bin_folder: Path) -> None:
    """Remove a folder at once from where it is, then its contents; an absent one is no error.

    It is first renamed into `bin_folder`, which needs no room on the disk, so that no
    half-removed folder stands in its place. What a killed removal left in the bin goes too.
    """
    try:
        folder.rename(bin_folder / uuid.uuid4().hex)
    except FileNotFoundError:
        return
    for discarded in bin_folder.iterdir():
        shutil.rmtree(discarded, ignore_errors=True)


def _open_real(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise FileNotFoundError(path) from error
        raise


@contextmanager
def full_disk_as_transient() -> Iterator[None]:
    """Turn "no space left" of the system into a TransientError that a user understands."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise TransientError(
            "The portal has no room left on its disk for this result. "
            "Ask for fewer rows, or try again later."
        ) from error

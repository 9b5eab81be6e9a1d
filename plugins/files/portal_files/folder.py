"""The folder of tables: which files are there, and what they are called in ADQL."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from portal.plugins import quote_identifier
from portal_files.readers import COMPRESSED
from portal_files.readers import kind_of

FORMAT = 1  # raise it when what was converted before must not be used any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file as it was when the folder was looked at; `name` is its name in ADQL."""

    name: str
    path: Path
    kind: str
    size: int
    mtime_ns: int

    @property
    def key(self) -> str:
        """Return a name for this content of this file, fit for a file name."""
        identity = f"{FORMAT}\0{self.path}\0{self.mtime_ns}\0{self.size}"
        return f"{self.name[:60]}-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"

    @property
    def is_unchanged(self) -> bool:
        """Whether the file still is what it was."""
        if not self.path.is_file():
            return False
        status = self.path.stat()
        return (status.st_size, status.st_mtime_ns) == (self.size, self.mtime_ns)


def find_sources(folder: Path) -> tuple[Source, ...]:
    """Return the tables of a folder in the order of their file names; sub-folders are left out.

    Files of the same name but for the ending get the ending into their name in ADQL, all
    but the first.
    """
    found: dict[str, Source] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        kind = kind_of(path)
        if kind is None or path.name.startswith(".") or not path.is_file():
            continue
        status = path.stat()
        name = adql_name(path, found)
        found[name] = Source(
            name=name,
            path=path.absolute(),
            kind=kind,
            size=status.st_size,
            mtime_ns=status.st_mtime_ns,
        )
    return tuple(found.values())


def adql_name(path: Path, taken: Collection[str]) -> str:
    """Return a regular ADQL identifier made of a file's name that is not among `taken`."""
    file_name = path.name.lower().removesuffix(COMPRESSED)
    name = _regular(file_name.rpartition(".")[0])
    if name in taken:
        name = _regular(file_name)
    number, base = 1, name
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name


def _regular(text: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", text).strip("_")
    if not name:
        return "t"
    return name if name == quote_identifier(name) else f"t_{name}"

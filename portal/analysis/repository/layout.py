"""Where repo2docker looks for what it builds with, in the tree of a commit."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from portal.analysis.repository.fetching import Checkout
from portal.analysis.repository.fetching import Entry
from portal.analysis.repository.fetching import LINK
from portal.analysis.repository.fetching import SUBMODULE
from portal.problems import UsageError

CONFIG_FOLDERS = ("binder", ".binder")
DOCKERFILE = "Dockerfile"
POST_BUILD = "postBuild"
MOST_TARGET = 4096


class UnchangeableError(Exception):
    """The repository cannot be changed so that its build fetches files; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The folder that the build reads, as it names it and as it is ("" is the root)."""

    name: str
    folder: str

    def named(self, file: str) -> str:
        """Return the path of a file by which the build calls it."""
        return posixpath.join(self.name, file)

    def path(self, file: str) -> str:
        """Return the path at which a file is in the tree."""
        return posixpath.join(self.folder, file)


def find_layout(checkout: Checkout) -> Layout:
    """Return where the build looks.

    With a folder `binder` or `.binder` nothing in the root counts; without it is the root.
    Raises UsageError for both, which no facility builds, and UnchangeableError.
    """
    found = {
        name: folder
        for name in CONFIG_FOLDERS
        if (folder := _folder_at(checkout, name)) is not None
    }
    if len(found) > 1:
        raise UsageError(
            "The repository has both a folder binder and a folder .binder: no facility builds that."
        )
    for name, folder in found.items():
        return Layout(name=name, folder=folder)
    return Layout(name="", folder="")


def has_entry(entries: Mapping[str, Entry], path: str) -> bool:
    """Say whether there is a file, a link, a submodule or a folder."""
    return path in entries or is_folder(entries, path)


def is_folder(entries: Mapping[str, Entry], path: str) -> bool:
    """Say whether there is a folder, and something in it."""
    return any(one.startswith(path + "/") for one in entries)


def _folder_at(checkout: Checkout, name: str) -> str | None:
    """Return the folder that a name leads to; None where there is none."""
    if is_folder(checkout.entries, name):
        return name
    entry = checkout.entries.get(name)
    if entry is None or entry.is_file:
        return None
    if entry.mode == SUBMODULE:
        raise UnchangeableError(f"{name} is a submodule, which belongs to another repository.")
    target = checkout.read(name, most=MOST_TARGET).decode(errors="surrogateescape")
    path = posixpath.normpath(target)
    if entry.mode != LINK or path.startswith(("/", "..")) or path == ".":
        raise UnchangeableError(f"{name} is a link that leads out of the repository.")
    return path if is_folder(checkout.entries, path) else None

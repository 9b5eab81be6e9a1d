"""Files with descriptions of archives: found, read, and what is wrong with them by its line."""

import re
import tomllib
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.plugins.described.building import build_archive
from portal.plugins.described.faults import DescriptionError
from portal.plugins.described.faults import Faults
from portal.plugins.described.places import find_lines
from portal.plugins.described.places import line_of
from portal.plugins.described.protocol import Protocol
from portal.plugins.types import Archive

KEY = "archives"
SUFFIX = ".toml"
MOST_BYTES = 5_000_000
SYNTAX_LINE = re.compile(r"(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFile:
    """A file with descriptions; in the portal's own settings other keys are not its business."""

    path: Path
    has_settings: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFault:
    """One thing that is wrong with a file, and on which line; None for the file as a whole."""

    line: int | None
    message: str

    def __str__(self) -> str:
        """Return it as a sentence."""
        return self.message if self.line is None else f"line {self.line}: {self.message}"


class UnusableFileError(Exception):
    """A file cannot be used; `faults` has everything that is wrong, from its top down."""

    def __init__(self, faults: Iterable[LineFault]) -> None:
        """Keep the faults; the message has a line for each."""
        self.faults = tuple(sorted(set(faults), key=lambda one: (one.line or 0, one.message)))
        super().__init__("\n".join(map(str, self.faults)))


def find_files(places: Iterable[str]) -> list[Path]:
    """Return the files that are named, and those in folders that are named, in order."""
    found: list[Path] = []
    for place in places:
        path = Path(place).expanduser()
        found += sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
    return found


def read_archives(file: ArchiveFile, protocols: Mapping[str, Protocol]) -> list[Archive]:
    """Return the archives of a file; raises UnusableFileError."""
    text = _read(file.path)
    document = _parse(text)
    faults = Faults()
    if not file.has_settings:
        for key in document.keys() - {KEY}:
            faults.add(key, message=f"there is no key {key} here, only [[archives]]")
    archives = _build(document.get(KEY), protocols, faults)
    if not faults.found:
        return archives
    lines = find_lines(text)
    raise UnusableFileError(
        LineFault(line=line_of(lines, one.path), message=one.message) for one in faults.found
    )


def _build(blocks: Any, protocols: Mapping[str, Protocol], faults: Faults) -> list[Archive]:
    if not isinstance(blocks, list) or not blocks:
        faults.add(KEY, message="it describes no archive: write [[archives]]")
        return []
    archives: dict[str, Archive] = {}
    for index, block in enumerate(blocks):
        try:
            archive = build_archive(block, protocols)
        except DescriptionError as error:
            faults.take(error, KEY, index)
            continue
        if archive.id in archives:
            faults.add(KEY, index, "id", message=f"the id {archive.id} is there twice")
        archives[archive.id] = archive
    return list(archives.values())


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _whole(f"it cannot be read: {error.strerror or error}") from error
    if len(content) > MOST_BYTES:
        raise _whole(f"it is larger than {MOST_BYTES:,} bytes")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnusableFileError([LineFault(line=line, message="it is not in UTF-8")]) from error


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = SYNTAX_LINE.fullmatch(str(error))
        if match is None:
            raise _whole(f"it is not TOML: {error}") from error
        line = int(match[2]) if match[2] else text.rstrip().count("\n") + 1
        message = f"it is not TOML: {match[1]}"
        raise UnusableFileError([LineFault(line=line, message=message)]) from error
    except RecursionError as error:
        raise _whole("it is nested too deeply") from error


def _whole(message: str) -> UnusableFileError:
    return UnusableFileError([LineFault(line=None, message=message)])

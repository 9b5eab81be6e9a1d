"""Files with descriptions: found, read, and what is wrong with them by its line."""

import re
import tomllib
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any
from typing import TypeVar

from portal.plugins.described.building import build_archive
from portal.plugins.described.faults import DescriptionError
from portal.plugins.described.faults import Faults
from portal.plugins.described.places import find_lines
from portal.plugins.described.places import line_of
from portal.plugins.described.protocol import Protocol
from portal.plugins.described.workflows import build_workflow
from portal.plugins.types import Archive
from portal.plugins.workflows import Workflow

SUFFIX = ".toml"
MOST_BYTES = 5_000_000
SYNTAX_LINE = re.compile(r"(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


T = TypeVar("T", Archive, Workflow)


class Kind(StrEnum):
    """What a file describes, as its blocks are called."""

    ARCHIVES = "archives"
    WORKFLOWS = "workflows"


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedFile:
    """A file with descriptions; in the portal's own settings other keys are not its business."""

    path: Path
    kind: Kind = Kind.ARCHIVES
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


def kind_of(path: Path) -> Kind:
    """Return what a file describes, by its first blocks; one that says nothing is of archives."""
    try:
        blocks = re.search(r"^\[\[(archives|workflows)\b", read_text(path), re.MULTILINE)
    except UnusableFileError:  # reading it again says why
        blocks = None
    return Kind(blocks[1]) if blocks else Kind.ARCHIVES


def read_archives(file: DescribedFile, protocols: Mapping[str, Protocol]) -> list[Archive]:
    """Return the archives of a file; raises UnusableFileError."""
    return _read_blocks(file, partial(build_archive, protocols=protocols))


def read_workflows(file: DescribedFile) -> list[Workflow]:
    """Return the workflows of a file; raises UnusableFileError."""
    return _read_blocks(file, build_workflow)


def _read_blocks(file: DescribedFile, build: Callable[[Any], T]) -> list[T]:
    text = read_text(file.path)
    document = _parse(text)
    faults = Faults()
    if not file.has_settings:
        for key in document.keys() - {file.kind}:
            faults.add(key, message=f"there is no key {key} here, only [[{file.kind}]]")
    built = _build(file.kind, document.get(file.kind), build, faults)
    if not faults.found:
        return built
    lines = find_lines(text)
    raise UnusableFileError(
        LineFault(line=line_of(lines, one.path), message=one.message) for one in faults.found
    )


def _build(kind: Kind, blocks: Any, build: Callable[[Any], T], faults: Faults) -> list[T]:
    if not isinstance(blocks, list) or not blocks:
        message = f"it describes no {kind.removesuffix('s')}: write [[{kind}]]"
        faults.add(kind, message=message)
        return []
    built: dict[str, T] = {}
    for index, block in enumerate(blocks):
        try:
            one = build(block)
        except DescriptionError as error:
            faults.take(error, kind, index)
            continue
        if one.id in built:
            faults.add(kind, index, "id", message=f"the id {one.id} is there twice")
        built[one.id] = one
    return list(built.values())


def read_text(path: Path) -> str:
    """Return the text of a file, with plain line ends; raises UnusableFileError."""
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

"""Batch runs: the files of a definition, those of a basket as inputs, and what was made of them."""

import json
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import asdict
from posixpath import dirname
from posixpath import relpath

from portal.analysis.repository.fetching import Checkout
from portal.analysis.repository.fetching import Entry
from portal.analysis.repository.git import Room
from portal.analysis.repository.git import run_git
from portal.analysis.staging.choosing import TABLE
from portal.analysis.staging.items import StagedItem
from portal.basket.contents import KILOBYTE
from portal.plugins.facilities import InputFile
from portal.plugins.facilities import RunOutput
from portal.plugins.facilities import SessionFile
from portal.problems import UsageError
from portal.tables import Column
from portal.tables import ResultTable

MOST_FILES = 500
MOST_FILE_BYTES = 1_000_000
MOST_BYTES = 10_000_000
ROOM = Room(output=2 * MOST_BYTES)
COLUMNS = (
    Column(name="name", arraysize="*", ucd="meta.id;meta.main", description="The output"),
    Column(name="value", arraysize="*", description="What it is, if it is no file"),
    Column(name="access_url", arraysize="*", ucd="meta.ref.url", description="Where the file is"),
    Column(name="access_format", arraysize="*", ucd="meta.code.mime", description="Media type"),
    Column(name="access_estsize", datatype="long", unit="kbyte", ucd="phys.size;meta.file"),
    Column(name="checksum", arraysize="*", description="Checksum, after its algorithm"),
)


def read_sources(
    checkout: Checkout, definition: str, log: Callable[[str], None]
) -> Sequence[SessionFile]:
    """Return the definition and the other text files of its folder, however deep.

    Large files and those that are no text stay away, and the log says so. Raises UsageError
    for a definition that is not there, and for a folder with too much in it.
    """
    entry = checkout.entries.get(definition)
    if entry is None or not entry.is_file:
        raise UsageError(f"The repository has no file {definition!a} at this commit.")
    folder = dirname(definition)
    others = [
        one
        for path, one in checkout.entries.items()
        if one.is_file and path != definition and (not folder or path.startswith(f"{folder}/"))
    ]
    if len(others) >= MOST_FILES:
        raise UsageError(_too_much(f"more than {MOST_FILES:,} files"))
    found = []
    for one, content in _read(checkout, [entry, *others]):
        text = None if content is None else _text(one, content)
        if text is not None:
            found.append(SessionFile(path=relpath(one.path, folder or "."), content=text))
        elif one is entry:
            raise UsageError(f"{definition!a} is too large, or no text.")
        else:
            log(f"{one.path!a} does not go along: it is large, or no text.")
    return found


def inputs_of(items: Iterable[StagedItem]) -> Sequence[InputFile]:
    """Return the files of a basket, without the table of itself."""
    return [
        InputFile(name=item.name, url=item.url, size=item.size, checksum=item.checksum)
        for item in items
        if item.url is not None and item.name != TABLE
    ]


def outputs_table(outputs: Sequence[RunOutput]) -> ResultTable:
    """Return a row for each output; those with an address can go to a basket."""
    return ResultTable.from_rows(COLUMNS, [_row(one) for one in outputs])


def write_outputs(outputs: Sequence[RunOutput]) -> str:
    """Write outputs down as text."""
    return json.dumps([asdict(one) for one in outputs])


def read_outputs(text: str) -> Sequence[RunOutput]:
    """Return what `write_outputs` wrote."""
    return [RunOutput(**one) for one in json.loads(text)]


def _row(one: RunOutput) -> tuple[str | int | None, ...]:
    kilobytes = None if one.size is None else -(-one.size // KILOBYTE)
    return (one.name, one.value, one.url, one.media_type, kilobytes, one.checksum)


def _read(checkout: Checkout, entries: Sequence[Entry]) -> Iterable[tuple[Entry, bytes | None]]:
    """Yield what is in files, None for one that is too large, by two runs of git in all."""
    lines = _cat(checkout, "--batch-check=%(objectsize)", entries).split()
    sizes = [int(line) for line in lines]
    small = [one for one, size in zip(entries, sizes, strict=True) if size <= MOST_FILE_BYTES]
    if sum(size for size in sizes if size <= MOST_FILE_BYTES) > MOST_BYTES:
        raise UsageError(_too_much(f"more than {MOST_BYTES:,} bytes of text"))
    rest = _cat(checkout, "--batch=%(objectsize)", small)
    for one, size in zip(entries, sizes, strict=True):
        if size > MOST_FILE_BYTES:
            yield one, None
            continue
        begin = rest.index(b"\n") + 1
        yield one, rest[begin : begin + size]
        rest = rest[begin + size + 1 :]


def _cat(checkout: Checkout, how: str, entries: Sequence[Entry]) -> bytes:
    names = "".join(f"{one.sha}\n" for one in entries).encode()
    return run_git(checkout.folder, "cat-file", how, watch=checkout.watch, feed=names, room=ROOM)


def _text(entry: Entry, content: bytes) -> str | None:
    """Return a file as text, if both it and its name are that."""
    try:
        entry.path.encode()
        return content.decode()
    except UnicodeError:
        return None


def _too_much(what: str) -> str:
    return f"The folder of the batch workflow has {what}; it needs a folder of its own."

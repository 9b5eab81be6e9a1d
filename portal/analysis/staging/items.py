"""What is to be fetched, handed from the portal to the worker as one JSON line for each file."""

import json
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from pathlib import Path
from typing import Any

from portal.problems import UsageError

MOST_ITEMS = 10_000
MOST_LINE = 20_000
MOST_TITLE = 300
MOST_URL = 8_000
NO_LINK = "it has no link to a file"


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedItem:
    """One file of a basket, or what has no file: then there is no `url`, but a `reason`.

    `name` is plain, and nothing else of the basket has it. `size` is in bytes, as far as the
    archive says it; `checksum` is "<algorithm>:<hexadecimal digits>". A `signed` address opens
    for whoever has it until it expires: it is shown nowhere.
    """

    name: str
    title: str
    url: str | None = field(default=None, repr=False)
    size: int | None = None
    checksum: str | None = None
    archive: str = ""
    publisher_did: str | None = None
    reason: str = ""
    signed: bool = False


NAMES = frozenset(one.name for one in fields(StagedItem))


def write_staged(items: Iterable[StagedItem]) -> Iterator[bytes]:
    """Yield one line for each item."""
    for item in items:
        yield json.dumps(asdict(item)).encode() + b"\n"


def read_staged(path: Path) -> list[StagedItem]:
    """Return what `write_staged` wrote; raises UsageError for anything else."""
    with path.open("rb") as file:
        return list(_read_lines(iter(lambda: file.readline(MOST_LINE + 1), b"")))


def _read_lines(lines: Iterator[bytes]) -> Iterator[StagedItem]:
    for number, line in enumerate(lines, start=1):
        if number > MOST_ITEMS:
            raise UsageError(f"A session takes up to {MOST_ITEMS:,} items along.")
        if len(line) > MOST_LINE:
            raise UsageError(f"Line {number} of the list of files is too long.")
        yield _read_item(line, number)


def _read_item(line: bytes, number: int) -> StagedItem:
    try:
        found: Any = json.loads(line)
        item = StagedItem(**{name: value for name, value in found.items() if name in NAMES})
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"Line {number} of the list of files cannot be read.") from error
    texts = (item.name, item.title, item.archive, item.reason)
    others = (item.url, item.checksum, item.publisher_did)
    if not (
        all(isinstance(text, str) for text in texts)
        and all(text is None or isinstance(text, str) for text in others)
        and (item.size is None or isinstance(item.size, int))
        and isinstance(item.signed, bool)
    ):
        raise UsageError(f"Line {number} of the list of files cannot be read.")
    return item

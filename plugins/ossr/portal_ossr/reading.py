"""Values of documents that anybody may have written: whatever is there, as texts."""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from portal_ossr.plaintext import one_line

MOST_LISTED = 50
LONGEST = 300
SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kKMGT])i?B?\b")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
POWERS = "KMGT"
MOST_BYTES = 2**60
MOST_CORES = 1_000_000


def part(document: Any, *keys: str) -> Any:
    """Return what is below the keys; None when there is nothing."""
    for key in keys:
        document = document.get(key) if isinstance(document, Mapping) else None
    return document


def texts(value: Any, *keys: str) -> list[str]:
    """Return the texts of a value: itself, those of a list, or of one of the keys of an object."""
    found = dict.fromkeys(line for one in _texts(value, keys) if (line := _line(one)))
    return list(found)[:MOST_LISTED]


def text(value: Any, *keys: str) -> str:
    """Return the first text of a value."""
    return next(iter(texts(value, *keys)), "")


def unique(words: Iterable[str]) -> list[str]:
    """Return words once each, whatever their case, as they are written first."""
    found: dict[str, str] = {}
    for word in words:
        found.setdefault(word.casefold(), word)
    return list(found.values())


def people(value: Any) -> list[str]:
    """Return the names of authors, one or several (CodeMeta), or of creators (Zenodo)."""
    listed = value if isinstance(value, list) else [value]
    found = dict.fromkeys(name for one in listed[:MOST_LISTED] if (name := _person(one)))
    return list(found)


def keywords(value: Any) -> list[str]:
    """Return words, which may stand in one text with commas between them."""
    parts = (word for one in texts(value, "name", "title") for word in re.split(r"[,;]", one))
    return list(dict.fromkeys(word.strip() for word in parts if word.strip()))[:MOST_LISTED]


def size(value: Any) -> int | None:
    """Return a number of bytes that is written like "4 GB"."""
    match = SIZE.search(text(value))
    if match is None:
        return None
    count = float(match[1]) * 1000 ** (POWERS.index(match[2].upper()) + 1)
    return int(count) if count <= MOST_BYTES else None


def number(value: Any) -> float | None:
    """Return the first number of a text, or the number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        count = float(value)
    else:
        match = NUMBER.search(text(value)[:LONGEST])
        count = float(match[0]) if match else 0.0
    return count if 0 < count <= MOST_CORES else None


def _texts(value: Any, keys: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value[:MOST_LISTED]:
            if not isinstance(one, list):
                yield from _texts(one, keys)
    elif isinstance(value, Mapping):
        yield from (one for key in keys if isinstance(one := value.get(key), str) and one)


def _person(one: Any) -> str:
    given, family = text(part(one, "givenName")), text(part(one, "familyName"))
    if given or family:
        return f"{given} {family}".strip()
    name = text(one, "name")
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}".strip() if comma else name


def _line(value: str) -> str:
    return " ".join(one_line(value[: LONGEST * 10]).split())[:LONGEST]

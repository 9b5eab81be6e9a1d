"""The names that are known without a network: NGC, IC and Messier objects, and bright stars."""

import difflib
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import ClassVar

import requests

from portal.plugins import NameResolver
from portal.plugins import ResolvedPosition
from portal_names.keys import key_of

SIMILAR_ENOUGH = 0.75
MOST_SIMILAR = 3
SHORTEST_PART = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """An object of a list: ICRS degrees, and its names, the one to show first."""

    ra: float
    dec: float
    names: tuple[str, ...]


class ListedNames(NameResolver):
    """A list of names that the plugin carries; it is read when somebody asks."""

    local = True
    list_name: ClassVar[str]

    def resolve(self, name: str, http: requests.Session) -> ResolvedPosition | None:
        """Look the name up, in any of its spellings."""
        line = index(self.list_name).get(key_of(name))
        if line is None:
            return None
        entry = read_entry(line)
        return ResolvedPosition(
            ra=entry.ra, dec=entry.dec, resolver=self.title, name=entry.names[0]
        )

    def suggest(self, name: str) -> Sequence[str]:
        """Return proper names that have this one in them, then those that are spelt alike."""
        known, wanted = proper_names(self.list_name), key_of(name)
        parts = [key for key in known if len(wanted) >= SHORTEST_PART and wanted in key]
        alike = difflib.get_close_matches(wanted, known, MOST_SIMILAR, SIMILAR_ENOUGH)
        found = dict.fromkeys(known[key] for key in [*sorted(parts, key=len), *alike])
        return list(found)[:MOST_SIMILAR]


class DeepSkyObjects(ListedNames):
    """NGC, IC and Messier objects with their common names, from OpenNGC."""

    id = "names-openngc"
    title = "NGC, IC and Messier (OpenNGC)"
    order = 10
    list_name = "objects"


class BrightStars(ListedNames):
    """Stars with proper names, Bayer and Flamsteed designations, from d3-celestial."""

    id = "names-stars"
    title = "bright stars (Hipparcos, J2000)"
    order = 20
    list_name = "stars"


@cache
def index(list_name: str) -> Mapping[str, str]:
    """Return the lines of a list by the keys of all their names; the first of a key counts."""
    found: dict[str, str] = {}
    for line in _lines(list_name):
        for key in line.rpartition("\t")[2].split("|"):
            found.setdefault(key, line)
    return MappingProxyType(found)


def read_entry(line: str) -> Entry:
    """Return what a line of a list says."""
    ra, dec, names, _ = line.split("\t")
    return Entry(float(ra), float(dec), tuple(names.split("|")))


@cache
def proper_names(list_name: str) -> Mapping[str, str]:
    """Return the names that are words, without numbers, by their keys and by their first words."""
    entries = map(read_entry, _lines(list_name))
    names = [name for entry in entries for name in entry.names if _is_proper(name)]
    found = {key_of(name.partition(" ")[0]): name for name in reversed(names)}
    return MappingProxyType(found | {key_of(name): name for name in names})


def _is_proper(name: str) -> bool:
    """Leave out designations, and variable stars ("CG And"): two are alike by chance."""
    first = name.partition(" ")[0]
    return (
        len(first) >= SHORTEST_PART
        and first[1].islower()
        and name.isascii()
        and not (any(one.isdigit() for one in name))
    )


def _lines(list_name: str) -> list[str]:
    path = files("portal_names") / "data" / f"{list_name}.tsv"
    return path.read_text(encoding="utf-8").splitlines()

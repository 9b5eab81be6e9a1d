"""Searches of the copy of the registry."""

import json
import sqlite3
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import numpy as np

from portal.plugins import Interval
from portal.plugins import read_spectrum
from portal.plugins import read_times
from portal_vo.constraints import like_pattern
from portal_vo.constraints import RegistryConstraints
from portal_vo.mirror.files import Mirror
from portal_vo.mirror.fulltext import match_expression
from portal_vo.mirror.index import counts
from portal_vo.mirror.index import fits
from portal_vo.mirror.index import Mask
from portal_vo.mirror.index import Numbers
from portal_vo.mirror.indexing import BAND_BITS
from portal_vo.mirror.indexing import TYPE_BITS
from portal_vo.mirror.tables import WEIGHTS
from portal_vo.sky.coverage import COARSE_SHIFT
from portal_vo.sky.coverage import contains
from portal_vo.sky.coverage import Coverage
from portal_vo.sky.coverage import overlaps
from portal_vo.sky.coverage import place
from portal_vo.sky.coverage import Ranges
from portal_vo.sky.regions import read_region
from portal_vo.standards import types_of

MOST_RANKED = 3_000
PAGE_OF_ROWS = """
SELECT r.rid, r.ivoid, r.services, r.wavebands, r.fraction, r.card,
  w.title, w.short_name, w.publisher, w.description
FROM resource AS r JOIN words AS w ON w.rowid = r.rid WHERE r.rid IN ({})
"""
SELECT_RIDS = "SELECT rid FROM "
MATCHING = "SELECT rowid FROM words WHERE words MATCH ?"
RANKED = f"{MATCHING} ORDER BY bm25(words, {WEIGHTS}), rowid"
COVERS = """(
  SELECT rid FROM coverage WHERE is_all_sky UNION ALL
  SELECT rid FROM sky JOIN coverage USING (rid) WHERE cell = ? AND covers(ranges)
)"""
TOUCHES = """(
  SELECT rid FROM coverage WHERE is_all_sky UNION
  SELECT rid FROM sky JOIN coverage USING (rid) WHERE cell IN ({}) AND touches(ranges)
)"""
Condition = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource as a card shows it; all texts are plain."""

    ivoid: str
    title: str
    short_name: str
    publisher: str
    description: str
    creators: str
    reference_url: str | None
    wavebands: tuple[str, ...]
    fraction: float | None
    services: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of what was found; how many there are of each type and waveband.

    The numbers of the types are those without a choice of types, and so for the wavebands.
    """

    total: int
    resources: tuple[Resource, ...]
    types: Mapping[str, int] = field(default_factory=dict)
    wavebands: Mapping[str, int] = field(default_factory=dict)


def search(
    mirror: Mirror,
    asked: RegistryConstraints,
    *,
    position: tuple[float, float] | None = None,
    first: int = 0,
    most: int = 20,
) -> Found:
    """Return the resources that fit, the best first; `position` in ICRS degrees."""
    index, connection = mirror.index, mirror.connection
    words = asked.keywords
    fitting = index.everything() if asked.ivoid else index.askable()
    for condition, values in _conditions(connection, asked, position):
        fitting &= index.of(connection.execute(SELECT_RIDS + condition, values))
    expression = match_expression("" if is_identifier(words) else words, connection)
    matching = _matching(mirror, expression) if expression else None
    if matching is not None:
        fitting &= matching
    types = sum(TYPE_BITS[one.key] for one in types_of(asked.service_type))
    bands = sum(BAND_BITS[one] for one in set(asked.waveband))
    in_types, in_bands = fits(index.services, types), fits(index.wavebands, bands)
    chosen = fitting & in_types & in_bands
    order = index.in_order(chosen)
    if expression and matching is not None:
        order = _ranked(mirror, expression, int(np.count_nonzero(matching)), chosen)
    return Found(
        total=len(order),
        resources=_resources(connection, order[first : first + most].tolist()),
        types=counts(TYPE_BITS, index.services[fitting & in_bands]),
        wavebands=counts(BAND_BITS, index.wavebands[fitting & in_types]),
    )


def resources_by_ivoid(mirror: Mirror, ivoids: Sequence[str]) -> Mapping[str, Resource]:
    """Return the resources with these identifiers, as far as there are any."""
    marks = ", ".join("?" * len(ivoids))
    rids = mirror.connection.execute(
        f"SELECT rid FROM resource WHERE ivoid IN ({marks})",  # noqa: S608 - only marks
        [one.lower() for one in ivoids],
    ).fetchall()
    return {one.ivoid: one for one in _resources(mirror.connection, [rid for (rid,) in rids])}


def is_identifier(words: str) -> bool:
    """Say whether what is typed is the beginning of an identifier."""
    return words.lower().startswith("ivo://")


def _matching(mirror: Mirror, expression: str) -> Mask:
    return mirror.index.of(mirror.connection.execute(MATCHING, (expression,)))


def _ranked(mirror: Mirror, expression: str, matches: int, chosen: Mask) -> Numbers:
    """Return what is chosen, the best first.

    Where very many match, those come first that have it in their titles, and then the others
    in the order of theirs: words so common tell nothing.
    """
    rest = chosen.copy()
    if matches > MOST_RANKED:
        expression = f"{{title short_name}} : ({expression})"
        matches = int(np.count_nonzero(_matching(mirror, expression) & chosen))
    best = np.zeros(0, dtype=np.int64)
    if matches <= MOST_RANKED:
        rows = mirror.connection.execute(RANKED, (expression,))
        best = np.fromiter((rid for (rid,) in rows), dtype=np.int64)
        best = best[chosen[best]]
        rest[best] = False
    return np.concatenate([best, mirror.index.in_order(rest)])


def _conditions(
    connection: sqlite3.Connection,
    asked: RegistryConstraints,
    position: tuple[float, float] | None,
) -> list[Condition]:
    """Return one condition for each constraint but the words, the types and the wavebands."""
    conditions = _of_values(asked)
    if is_identifier(asked.keywords):
        begins = asked.keywords.lower()
        values = (begins, begins + "\U0010ffff")
        conditions.append(("resource WHERE ivoid >= ? AND ivoid < ?", values))
    if position is not None:
        conditions.append(_covers(connection, position, asked.radius))
    if asked.region:
        conditions.append(_touches(connection, read_region(asked.region)))
    if asked.ivoid:
        conditions.append(("resource WHERE ivoid = ?", (asked.ivoid.lower(),)))
    return conditions


def _of_values(asked: RegistryConstraints) -> list[Condition]:
    found = []
    if asked.author:
        found.append(_having("creator", "LIKE", like_pattern(asked.author)))
    if asked.subject:
        found.append(_having("subject", "=", asked.subject.casefold()))
    if asked.ucd:
        found.append(_having("ucd", "LIKE", asked.ucd))
    if asked.datamodel:
        found.append(_having("model", "=", asked.datamodel))
    if asked.time:
        found.append(_spanning("time", read_times(asked.time)))
    if asked.spectrum:
        found.append(_spanning("spectral", read_spectrum(asked.spectrum)))
    return found


def _having(kind: str, how: str, value: str) -> Condition:
    ids = f"SELECT id FROM value WHERE kind = ? AND value {how} ?"  # noqa: S608 - no values in it
    return f"use WHERE value_id IN ({ids})", (kind, value)


def _spanning(kind: str, interval: Interval) -> Condition:
    low, high = interval
    return "span WHERE kind = ? AND low <= ? AND high >= ?", (kind, high, low)


def _covers(
    connection: sqlite3.Connection, position: tuple[float, float], radius: float | None
) -> Condition:
    """Return the condition of coverage: everywhere, or what an index gives and a look confirms."""
    wanted = place(*position, radius)
    connection.create_function("covers", 1, lambda ranges: contains(ranges, wanted))
    return COVERS, (int(wanted[0, 0]) >> COARSE_SHIFT,)


def _touches(connection: sqlite3.Connection, wanted: Ranges) -> Condition:
    """Return the condition that a coverage has some of the cells."""
    connection.create_function("touches", 1, lambda ranges: overlaps(ranges, wanted))
    cells = Coverage(wanted, 0.0).coarse_cells()
    return TOUCHES.format(", ".join("?" * len(cells))), tuple(cells)


def _resources(connection: sqlite3.Connection, rids: Sequence[int]) -> tuple[Resource, ...]:
    rows = connection.execute(PAGE_OF_ROWS.format(", ".join("?" * len(rids))), rids)
    found = {row[0]: _resource(row) for row in rows}
    return tuple(found[rid] for rid in rids)


def _resource(row: Sequence[Any]) -> Resource:
    _, ivoid, _, wavebands, fraction, card, title, short_name, publisher, description = row
    said = json.loads(card)
    return Resource(
        ivoid=ivoid,
        title=title or ivoid,
        short_name=short_name,
        publisher=publisher,
        description=description,
        creators=said["creators"],
        reference_url=said["reference_url"],
        wavebands=tuple(name for name, bit in BAND_BITS.items() if wavebands & bit),
        fraction=fraction,
        services=tuple(said["services"]),
    )

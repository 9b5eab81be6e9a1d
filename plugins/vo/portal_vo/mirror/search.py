"""Searches of the copy of the registry."""

import json
import sqlite3
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from portal_vo.constraints import like_pattern
from portal_vo.constraints import RegistryConstraints
from portal_vo.intervals import Interval
from portal_vo.intervals import read_spectrum
from portal_vo.intervals import read_times
from portal_vo.mirror.coverage import COARSE_SHIFT
from portal_vo.mirror.coverage import contains
from portal_vo.mirror.coverage import place
from portal_vo.mirror.fulltext import match_expression
from portal_vo.mirror.indexing import BAND_BITS
from portal_vo.mirror.indexing import TYPE_BITS
from portal_vo.mirror.tables import WEIGHTS
from portal_vo.standards import types_of

# Where more than this fit, the order is that of the titles: words so common tell nothing.
MOST_RANKED = 3_000
EVERYTHING = -1
PAGE_OF_ROWS = """
SELECT r.rid, r.ivoid, r.services, r.wavebands, r.fraction, r.card,
  w.title, w.short_name, w.publisher, w.description
FROM resource AS r JOIN words AS w ON w.rowid = r.rid WHERE r.rid IN ({})
"""


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


@dataclass(frozen=True, slots=True)
class _Where:
    """A condition in SQL with its values; `matches` says that words are looked for."""

    tables: str
    condition: str
    values: tuple[Any, ...]
    matches: bool


def search(
    connection: sqlite3.Connection,
    constraints: RegistryConstraints,
    *,
    position: tuple[float, float] | None = None,
    first: int = 0,
    most: int = 20,
) -> Found:
    """Return the resources that fit, the best first; `position` in ICRS degrees."""
    where = _where(connection, constraints, position)
    types = sum(TYPE_BITS[one.key] for one in types_of(constraints.service_type)) or EVERYTHING
    bands = sum(BAND_BITS[one] for one in set(constraints.waveband)) or EVERYTHING
    groups = connection.execute(
        f"SELECT r.services, r.wavebands, COUNT(*) FROM {where.tables}"  # noqa: S608
        f" WHERE {where.condition} GROUP BY r.services, r.wavebands",
        where.values,
    ).fetchall()
    total = sum(
        count for kinds, waves, count in groups if _fits(kinds, types) and _fits(waves, bands)
    )
    rids = _page(
        connection, where, (types, bands), is_ranked=total <= MOST_RANKED, window=(first, most)
    )
    return Found(
        total=total,
        resources=_resources(connection, rids),
        types=_counts(TYPE_BITS, [(one, n) for one, waves, n in groups if _fits(waves, bands)]),
        wavebands=_counts(BAND_BITS, [(one, n) for kinds, one, n in groups if _fits(kinds, types)]),
    )


def resources_by_ivoid(
    connection: sqlite3.Connection, ivoids: Sequence[str]
) -> Mapping[str, Resource]:
    """Return the resources with these identifiers, as far as there are any."""
    marks = ", ".join("?" * len(ivoids))
    rids = connection.execute(
        f"SELECT rid FROM resource WHERE ivoid IN ({marks})",  # noqa: S608 - only marks
        [one.lower() for one in ivoids],
    ).fetchall()
    return {one.ivoid: one for one in _resources(connection, [rid for (rid,) in rids])}


def _page(
    connection: sqlite3.Connection,
    where: _Where,
    masks: tuple[int, int],
    *,
    is_ranked: bool,
    window: tuple[int, int],
) -> list[int]:
    ranked = where.matches and is_ranked
    order = f"bm25(words, {WEIGHTS}), r.rid" if ranked else "r.sort_title, r.rid"
    first, most = window
    condition = where.condition
    values = list(where.values)
    for column, mask in zip(("services", "wavebands"), masks, strict=True):
        if mask != EVERYTHING:
            condition += f" AND r.{column} & ?"
            values.append(mask)
    found = connection.execute(
        f"SELECT r.rid FROM {where.tables} WHERE {condition}"  # noqa: S608 - no values in it
        f" ORDER BY {order} LIMIT ? OFFSET ?",
        [*values, most, first],
    )
    return [rid for (rid,) in found]


def _where(
    connection: sqlite3.Connection,
    asked: RegistryConstraints,
    position: tuple[float, float] | None,
) -> _Where:
    conditions: list[tuple[str, tuple[Any, ...]]] = []
    tables = "resource AS r"
    words = asked.keywords
    if words.lower().startswith("ivo://"):
        conditions.append(
            ("r.ivoid >= ? AND r.ivoid < ?", (words.lower(), words.lower() + "\U0010ffff"))
        )
        words = ""
    expression = match_expression(words, connection)
    if expression is not None:
        tables = "words JOIN resource AS r ON r.rid = words.rowid"
        conditions.append(("words MATCH ?", (expression,)))
    conditions += _of_values(asked)
    if position is not None:
        conditions.append(_covers(connection, position, asked.radius))
    if asked.ivoid:
        conditions.append(("r.ivoid = ?", (asked.ivoid.lower(),)))
    else:
        conditions.append(("r.services <> 0", ()))
    return _Where(
        tables=tables,
        condition=" AND ".join(condition for condition, _ in conditions),
        values=tuple(value for _, values in conditions for value in values),
        matches=expression is not None,
    )


def _of_values(asked: RegistryConstraints) -> list[tuple[str, tuple[Any, ...]]]:
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


def _having(kind: str, how: str, value: str) -> tuple[str, tuple[Any, ...]]:
    return (
        "r.rid IN (SELECT rid FROM use WHERE value_id IN"
        f" (SELECT id FROM value WHERE kind = ? AND value {how} ?))",
        (kind, value),
    )


def _spanning(kind: str, interval: Interval) -> tuple[str, tuple[Any, ...]]:
    low, high = interval
    return (
        "r.rid IN (SELECT rid FROM span WHERE kind = ? AND low <= ? AND high >= ?)",
        (kind, high, low),
    )


def _covers(
    connection: sqlite3.Connection, position: tuple[float, float], radius: float | None
) -> tuple[str, tuple[Any, ...]]:
    """Return the condition of coverage: everywhere, or what an index gives and a look confirms."""
    wanted = place(*position, radius)
    connection.create_function("covers", 1, lambda ranges: contains(ranges, wanted))
    return (
        "r.rid IN (SELECT rid FROM coverage WHERE is_all_sky UNION ALL"
        " SELECT rid FROM sky JOIN coverage USING (rid) WHERE cell = ? AND covers(ranges))",
        (int(wanted[0, 0]) >> COARSE_SHIFT,),
    )


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


def _fits(mask: int, wanted: int) -> bool:
    return wanted == EVERYTHING or bool(mask & wanted)


def _counts(bits: Mapping[str, int], groups: Sequence[tuple[int, int]]) -> Mapping[str, int]:
    counts = {
        name: sum(count for mask, count in groups if mask & bit) for name, bit in bits.items()
    }
    return {name: count for name, count in counts.items() if count}

"""The positions of a result's rows, and the circle that holds them."""

import math
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from portal.plugins.items import find_columns
from portal.results.opened import OpenResult
from portal.tables import Column

DEGREES = frozenset({None, "", "deg", "degree", "degrees"})
POLE, FULL_CIRCLE = 90, 360
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionColumns:
    """The places of the columns that hold ICRS right ascension and declination, in degrees."""

    ra: int
    dec: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How many rows have a position, and a circle around all of them, in degrees.

    The circle is about the mean direction; it is not always the smallest.
    """

    count: int
    ra: float
    dec: float
    radius: float


def find_position_columns(columns: Sequence[Column]) -> PositionColumns | None:
    """Return the columns that say where a row is, by ObsCore's names or by UCD; None: none do."""
    found = find_columns(columns)
    places = {column.name: place for place, column in enumerate(columns)}
    if not {"s_ra", "s_dec"} <= set(found):
        return None
    ra, dec = places[found["s_ra"]], places[found["s_dec"]]
    fits = all(columns[at].is_numeric and columns[at].unit in DEGREES for at in (ra, dec))
    return PositionColumns(ra=ra, dec=dec) if fits else None


def read_positions(opened: OpenResult, columns: PositionColumns) -> Iterator[tuple[Floats, Floats]]:
    """Go through the positions that are on the sky, batch by batch; others are left out."""
    for batch in opened.batches():
        ra, dec = _floats(batch.column(columns.ra)), _floats(batch.column(columns.dec))
        known = (np.abs(dec) <= POLE) & (np.abs(ra) <= FULL_CIRCLE)  # NaN is neither
        yield ra[known], dec[known]


def measure(positions: Iterator[tuple[Floats, Floats]]) -> tuple[int, Floats]:
    """Return how many positions there are, and the sum of their directions."""
    count, total = 0, np.zeros(3)
    for ra, dec in positions:
        count += len(ra)
        total += directions(ra, dec).sum(axis=1)
    return count, total


def extent(opened: OpenResult, columns: PositionColumns) -> Extent | None:
    """Return the extent of a result; None when no row has a position."""
    count, total = measure(read_positions(opened, columns))
    if not count:
        return None
    length = float(np.linalg.norm(total))
    centre = total / length if length > 1e-9 * count else np.array([1.0, 0.0, 0.0])
    farthest = max(
        float(_separations(centre, ra, dec).max())
        for ra, dec in read_positions(opened, columns)
        if len(ra)
    )
    return Extent(
        count=count,
        ra=math.degrees(math.atan2(centre[1], centre[0])) % 360,
        dec=math.degrees(math.asin(max(-1.0, min(1.0, float(centre[2]))))),
        radius=math.degrees(farthest),
    )


def directions(ra: Floats, dec: Floats) -> Floats:
    """Return unit vectors, as three rows, for positions in degrees."""
    longitude, latitude = np.radians(ra), np.radians(dec)
    flat = np.cos(latitude)
    return np.stack([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)])


def _separations(centre: Floats, ra: Floats, dec: Floats) -> Floats:
    """Return angles in radians, from the chord: exact for small ones too."""
    chord = np.linalg.norm(directions(ra, dec) - centre[:, None], axis=0)
    separations: Floats = 2 * np.arcsin(np.minimum(chord / 2, 1.0))
    return separations


def _floats(values: pa.Array) -> Floats:
    floats: Floats = pc.cast(values, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return floats

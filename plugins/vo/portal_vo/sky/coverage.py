"""Coverage of the sky: MOCs of the registry, and whether they contain a place (MOC 2.0).

Cells are of HEALPix, nested, and compared at the order that RegTAP recommends; a coverage
that is finer than that counts with every cell it touches.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from portal_vo.sky.healpix import cell_at
from portal_vo.sky.healpix import cells_of_circle

ORDER = 6
CELLS = 12 * 4**ORDER
FINEST = 29
COARSE_SHIFT = 6  # from order 6 to order 3, of which there is an index
MOST_TEXT = 4_000_000
PART = re.compile(r"(?:(\d+)/)?(?:(\d+)(?:-(\d+))?)?")

Ranges = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Part of the sky: half-open ranges of cells, ascending; `fraction` of the whole sky."""

    ranges: Ranges
    fraction: float

    @property
    def is_all_sky(self) -> bool:
        """Say whether nothing is left out."""
        return bool(self.ranges.tolist() == [[0, CELLS]])

    def coarse_cells(self) -> list[int]:
        """Return the cells of the index that it touches."""
        found: set[int] = set()
        for low, high in self.ranges.tolist():
            found.update(range(low >> COARSE_SHIFT, ((high - 1) >> COARSE_SHIFT) + 1))
        return sorted(found)

    def to_bytes(self) -> bytes:
        """Return the ranges as they are stored."""
        return self.ranges.tobytes()


def read_moc(text: str | None) -> Coverage | None:
    """Return the coverage that an ASCII MOC describes; None when it is broken or empty."""
    if not text or len(text) > MOST_TEXT:
        return None
    order: int | None = None
    ranges: list[tuple[int, int]] = []
    area = 0.0
    for word in text.replace(",", " ").split():
        match = PART.fullmatch(word)
        if match is None:
            return None
        if match[1]:
            order = int(match[1])
        if match[2] is None:
            continue
        first, last = int(match[2]), int(match[3] or match[2])
        if order is None or order > FINEST or not first <= last < 12 * 4**order:
            return None
        area += (last - first + 1) / (12 * 4**order)
        ranges.append(_at_order(first, last, order))
    return Coverage(merged(ranges), min(area, 1.0)) if ranges else None


def place(ra: float, dec: float, radius: float | None) -> Ranges:
    """Return the cells of a position, or of a circle around it, in ICRS degrees."""
    if radius is None:
        cells = [cell_at(ra, dec, ORDER)]
    else:
        cells = cells_of_circle(ra, dec, radius, ORDER).tolist()
    return merged((cell, cell + 1) for cell in cells)


def contains(stored: bytes, wanted: Ranges) -> bool:
    """Say whether a stored coverage contains every wanted cell."""
    ranges = np.frombuffer(stored, dtype=np.int32).reshape(-1, 2)
    index = np.searchsorted(ranges[:, 0], wanted[:, 0], side="right") - 1
    if index[0] < 0:
        return False
    return bool(np.all(ranges[index, 1] >= wanted[:, 1]))


def overlaps(stored: bytes, wanted: Ranges) -> bool:
    """Say whether a stored coverage has one of the wanted cells."""
    ranges = np.frombuffer(stored, dtype=np.int32).reshape(-1, 2)
    index = np.searchsorted(ranges[:, 0], wanted[:, 1], side="left") - 1
    return bool(np.any((index >= 0) & (ranges[index, 1] > wanted[:, 0])))


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return half-open ranges in order, those that touch put together."""
    kept: list[list[int]] = []
    for low, high in sorted(ranges):
        if kept and low <= kept[-1][1]:
            kept[-1][1] = max(kept[-1][1], high)
        else:
            kept.append([low, high])
    return np.array(kept, dtype=np.int32).reshape(-1, 2)


def _at_order(first: int, last: int, order: int) -> tuple[int, int]:
    if order <= ORDER:
        shift = 2 * (ORDER - order)
        return first << shift, (last + 1) << shift
    shift = 2 * (order - ORDER)
    return first >> shift, (last >> shift) + 1

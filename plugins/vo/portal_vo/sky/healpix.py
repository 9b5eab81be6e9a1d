"""Cells of HEALPix, nested (Gorski et al. 2005, ApJ 622, 759): of a place, a circle, any shape.

A page is answered within a second, and the first use of a large library would take that alone.
"""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Cells = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float64]

FACE_ROW = np.array([2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4])
FACE_COLUMN = np.array([1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7])
POLAR = 2 / 3
FINER = 3  # orders by which cells at the rim of a circle are divided


def cell_at(ra: float, dec: float, order: int) -> int:
    """Return the cell that a position is in; degrees."""
    side = 1 << order
    z, turns = math.sin(math.radians(dec)), (ra % 360) / 90
    if abs(z) <= POLAR:
        rising, falling = side * (0.5 + turns - 0.75 * z), side * (0.5 + turns + 0.75 * z)
        up, down = int(rising), int(falling)
        face = _equatorial_face(up >> order, down >> order)
        x, y = down & (side - 1), side - (up & (side - 1)) - 1
    else:
        quarter = min(3, int(turns))
        scale = side * math.sqrt(3 * (1 - abs(z)))
        up = min(int((turns - quarter) * scale), side - 1)
        down = min(int((1 - turns + quarter) * scale), side - 1)
        face = quarter if z > 0 else quarter + 8
        x, y = (side - down - 1, side - up - 1) if z > 0 else (up, down)
    return (face << 2 * order) + _spread(x) + 2 * _spread(y)


def cells_of_circle(ra: float, dec: float, radius: float, order: int) -> Cells:
    """Return the cells that a circle touches, and perhaps some that it only just misses."""
    centre, reach = _vector(ra, dec), math.radians(radius)
    distances = _distances(_all_centres(order), centre)
    size = _size(order)
    inside = np.flatnonzero(distances <= reach - size)
    rim = np.flatnonzero(np.abs(distances - reach) < size)
    parts = (rim[:, None] << 2 * FINER) + np.arange(4**FINER)
    touched = _distances(_centres(parts.ravel(), order + FINER), centre)
    near = (touched.reshape(parts.shape) <= reach + _size(order + FINER)).any(axis=1)
    return np.unique(np.concatenate([inside, rim[near], [cell_at(ra, dec, order)]]))


def cells_of_shape(
    is_inside: Callable[[Vectors], npt.NDArray[np.bool_]], border: Vectors, order: int
) -> Cells:
    """Return the cells that a shape touches; `border` are points on it, closer than cells are wide.

    A cell belongs to it when its own centre or that of a part of it is inside, or when a point
    of the border is in it.
    """
    centres = _all_centres(order)
    inside = is_inside(centres)
    near = np.zeros(len(centres), dtype=bool)
    reach = math.cos(_size(order))
    for start in range(0, len(border), 64):  # so many at once keep the memory small
        near |= (centres @ border[start : start + 64].T > reach).any(axis=1)
    rim = np.flatnonzero(near & ~inside)
    parts = (rim[:, None] << 2 * FINER) + np.arange(4**FINER)
    touched = is_inside(_centres(parts.ravel(), order + FINER)).reshape(parts.shape).any(axis=1)
    lon, lat = (
        np.degrees(np.arctan2(border[:, 1], border[:, 0])),
        np.degrees(np.arcsin(border[:, 2])),
    )
    crossed = [cell_at(ra, dec, order) for ra, dec in zip(lon.tolist(), lat.tolist(), strict=True)]
    return np.unique(np.concatenate([np.flatnonzero(inside), rim[touched], crossed])).astype(int)


def vectors_at(ra: Vectors, dec: Vectors) -> Vectors:
    """Return unit vectors, one in a row, for positions in degrees."""
    a, d = np.radians(ra), np.radians(dec)
    return np.stack([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)], axis=1)


@lru_cache(maxsize=2)
def _all_centres(order: int) -> Vectors:
    return _centres(np.arange(12 << 2 * order), order)


def _centres(cells: Cells, order: int) -> Vectors:
    """Return the centres of cells as unit vectors."""
    side = 1 << order
    face, within = cells >> 2 * order, cells & (side * side - 1)
    x, y = _gather(within), _gather(within >> 1)
    row = FACE_ROW[face] * side - x - y - 1
    ring = np.minimum(np.minimum(row, 4 * side - row), side)
    cap = 1 - ring**2 / (3 * side**2)
    z = np.where(row < side, cap, np.where(row > 3 * side, -cap, (2 * side - row) * POLAR / side))
    shift = np.where(ring == side, (row - side) & 1, 0)
    column = (FACE_COLUMN[face] * ring + x - y + 1 + shift) // 2
    phi = (column - (shift + 1) / 2) * (math.pi / 2) / ring
    flat = np.sqrt(np.maximum(0, 1 - z**2))
    return np.stack([flat * np.cos(phi), flat * np.sin(phi), z], axis=1)


def _distances(vectors: Vectors, centre: Vectors) -> Vectors:
    """Return the angles to the centre, in radians; exact for small ones as well."""
    chord = np.sqrt(((vectors - centre) ** 2).sum(axis=1))
    angles: Vectors = 2 * np.arcsin(np.minimum(1, chord / 2))
    return angles


def _vector(ra: float, dec: float) -> Vectors:
    a, d = math.radians(ra), math.radians(dec)
    return np.array([math.cos(d) * math.cos(a), math.cos(d) * math.sin(a), math.sin(d)])


def _size(order: int) -> float:
    """Return more than the largest distance from the centre of a cell to its corners."""
    return 1.0 / (1 << order)


def _equatorial_face(up: int, down: int) -> int:
    if up == down:
        return (up & 3) | 4
    return up if up < down else down + 8


def _spread(bits: int) -> int:
    """Return a number with a zero before each of its bits."""
    return int("0".join(f"{bits:b}"), 2)


def _gather(cells: Cells) -> Cells:
    """Return the numbers of every second bit, the lowest first."""
    found = np.zeros_like(cells)
    for bit in range(16):
        found |= ((cells >> 2 * bit) & 1) << bit
    return found

"""Regions that the registry is searched by: shapes and MOCs as text, made into cells."""

import math
import re
from functools import lru_cache

import numpy as np

from portal.plugins import parse_region
from portal.plugins import SkyRegion
from portal_vo.sky.coverage import merged
from portal_vo.sky.coverage import ORDER
from portal_vo.sky.coverage import place
from portal_vo.sky.coverage import Ranges
from portal_vo.sky.coverage import read_moc
from portal_vo.sky.healpix import cells_of_shape
from portal_vo.sky.healpix import Vectors
from portal_vo.sky.healpix import vectors_at

MOC = re.compile(r"\s*\d+/")
STEP = 0.4  # degrees between points on a border; cells are 0.9 degrees wide


@lru_cache(maxsize=64)
def read_region(text: str) -> Ranges:
    """Return the cells that a region touches: a DALI or ADQL shape, or an ASCII MOC.

    Raises ValueError for what is neither.
    """
    if MOC.match(text):
        coverage = read_moc(text)
        if coverage is None:
            raise ValueError("this MOC cannot be read: give one as text, such as 5/12-14 6/200")
        return coverage.ranges
    region = parse_region(text)
    if region.shape == "CIRCLE":
        ra, dec, radius = region.numbers
        return place(ra, dec, radius)
    return _of_polygon(region) if region.shape == "POLYGON" else _of_range(region)


def write_moc(ranges: Ranges) -> str:
    """Return cells as an ASCII MOC (MOC 2.0, section 4.3.2)."""
    parts = [f"{low}-{high - 1}" if high - low > 1 else str(low) for low, high in ranges.tolist()]
    return f"{ORDER}/{' '.join(parts)}"


def _of_polygon(region: SkyRegion) -> Ranges:
    """Return the cells of a polygon, which holds less than half of the sky."""
    lon, lat = np.array(region.numbers[::2]), np.array(region.numbers[1::2])
    corners = vectors_at(lon, lat)
    middle = corners.mean(axis=0)

    def is_inside(vectors: Vectors) -> np.ndarray:
        turns = np.zeros(len(vectors))
        for one, other in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            beside = vectors @ np.cross(one, other)
            along = one @ other - (vectors @ one) * (vectors @ other)
            turns += np.arctan2(beside, along)
        found: np.ndarray = (np.abs(turns) > math.pi) & (vectors @ middle > 0)
        return found

    sides = zip(corners, np.roll(corners, -1, axis=0), strict=True)
    border = np.concatenate([_arc(one, other) for one, other in sides])
    return _ranges(cells_of_shape(is_inside, border, ORDER))


def _of_range(region: SkyRegion) -> Ranges:
    west, east, south, north = region.numbers
    west, east = max(west, 0.0), min(east, 360.0)
    south, north = max(south, -90.0), min(north, 90.0)

    def is_inside(vectors: Vectors) -> np.ndarray:
        lon = np.degrees(np.arctan2(vectors[:, 1], vectors[:, 0])) % 360
        lat = np.degrees(np.arcsin(np.clip(vectors[:, 2], -1, 1)))
        found: np.ndarray = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        return found

    sides = [_along(west, east, at) for at in (south, north)]
    down = np.linspace(south, north, 2 + math.ceil((north - south) / STEP))
    sides += [vectors_at(np.full(len(down), at), down) for at in (west, east)]
    return _ranges(cells_of_shape(is_inside, np.concatenate(sides), ORDER))


def _along(west: float, east: float, lat: float) -> Vectors:
    """Return points on a parallel."""
    number = 2 + math.ceil((east - west) * math.cos(math.radians(lat)) / STEP)
    return vectors_at(np.linspace(west, east, number), np.full(number, lat))


def _arc(one: Vectors, other: Vectors) -> Vectors:
    """Return points on the great circle between two, both included."""
    angle = math.degrees(math.acos(float(np.clip(one @ other, -1, 1))))
    shares = np.linspace(0, 1, 2 + math.ceil(angle / STEP))[:, None]
    points = one * (1 - shares) + other * shares
    found: Vectors = points / np.linalg.norm(points, axis=1, keepdims=True)
    return found


def _ranges(cells: np.ndarray) -> Ranges:
    return merged((cell, cell + 1) for cell in cells.tolist())

"""Regions of the sky as text: circle, range, polygon and box, in DALI's or ADQL's words."""

import math
import re
from dataclasses import dataclass
from typing import Literal

Shape = Literal["CIRCLE", "RANGE", "POLYGON"]
FULL_CIRCLE = 360
HALF_CIRCLE = 180
POLE = 90
COUNTS = {"CIRCLE": 3, "RANGE": 4, "BOX": 4}
LEAST_CORNERS = 3
EXAMPLE = "such as CIRCLE 180 40 2, RANGE 179 181 39 41 or POLYGON 179 39 181 39 180 41"
WORDS = re.compile(r"[\s,()]+")
IGNORED = frozenset({"ICRS", "POINT", "''", "'ICRS'", '"ICRS"', ""})
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:E[+-]?\d+)?|[+-]?INF(?:INITY)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyRegion:
    """A region in ICRS degrees: DALI 1.1, section 3.3, and SIA 2.0, section 2.1.1.

    CIRCLE: longitude, latitude, radius. RANGE: lowest and highest longitude, lowest and
    highest latitude, where infinity leaves a side open. POLYGON: its corners in turn.
    """

    shape: Shape
    numbers: tuple[float, ...]

    def __str__(self) -> str:
        """Return the region as SIA's POS takes it."""
        return " ".join([self.shape, *map(_written, self.numbers)])


def parse_region(text: str) -> SkyRegion:
    """Return the region that a text stands for; raises ValueError with an example.

    A BOX (centre, width, height) becomes the polygon of its corners.
    """
    shape, *rest = [one for one in WORDS.split(text.strip().upper()) if one not in IGNORED] or [""]
    wrong = next((one for one in rest if not NUMBER.fullmatch(one)), None)
    if wrong is not None:
        raise ValueError(f"{wrong} is not a number: give a region {EXAMPLE}")
    numbers = [float(one) for one in rest]
    match shape:
        case "CIRCLE" | "RANGE" | "BOX" if len(numbers) != COUNTS[shape]:
            raise ValueError(f"{shape} takes {COUNTS[shape]} numbers, {EXAMPLE}")
        case "CIRCLE":
            return _circle(numbers)
        case "RANGE":
            return _range(numbers)
        case "POLYGON":
            return _polygon(numbers)
        case "BOX":
            return _box(numbers)
    raise ValueError(f"give a region {EXAMPLE}")


def check_region(text: str) -> str:
    """Refuse what is no region; raises ValueError."""
    parse_region(text)
    return text


def _circle(numbers: list[float]) -> SkyRegion:
    lon, lat, radius = numbers
    _check_point(lon, lat)
    if not 0 <= radius <= HALF_CIRCLE:
        raise ValueError("the radius of a circle is 0 to 180 degrees")
    return SkyRegion(shape="CIRCLE", numbers=tuple(numbers))


def _range(numbers: list[float]) -> SkyRegion:
    west, east, south, north = numbers
    if west > east or south > north:
        raise ValueError("a RANGE has the lower of two limits first: longitudes, then latitudes")
    for lon, lat in ((west, south), (east, north)):
        _check_point(0 if math.isinf(lon) else lon, 0 if math.isinf(lat) else lat)
    return SkyRegion(shape="RANGE", numbers=tuple(numbers))


def _polygon(numbers: list[float]) -> SkyRegion:
    if len(numbers) % 2 or len(numbers) < 2 * LEAST_CORNERS:
        raise ValueError("a POLYGON has at least three corners of two numbers each")
    for lon, lat in zip(numbers[::2], numbers[1::2], strict=True):
        _check_point(lon, lat)
    return SkyRegion(shape="POLYGON", numbers=tuple(numbers))


def _box(numbers: list[float]) -> SkyRegion:
    lon, lat, width, height = numbers
    _check_point(lon, lat)
    if not (0 < width < HALF_CIRCLE and 0 < height < HALF_CIRCLE):
        raise ValueError("width and height of a BOX are more than 0 and less than 180 degrees")
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return SkyRegion(
        shape="POLYGON",
        numbers=tuple(
            coordinate
            for x, y in corners
            for coordinate in _away(lon, lat, x * width / 2, y * height / 2)
        ),
    )


def _away(lon: float, lat: float, east: float, north: float) -> tuple[float, float]:
    """Return a corner of the tangent plane at a point, by the gnomonic projection."""
    x, y = math.tan(math.radians(east)), math.tan(math.radians(north))
    sine, cosine = math.sin(math.radians(lat)), math.cos(math.radians(lat))
    down = cosine - y * sine
    corner_lon = math.degrees(math.atan2(x, down)) + lon
    corner_lat = math.degrees(math.atan2(sine + y * cosine, math.hypot(x, down)))
    return round(corner_lon % FULL_CIRCLE, 9), round(corner_lat, 9)


def _check_point(lon: float, lat: float) -> None:
    if not 0 <= lon <= FULL_CIRCLE:
        raise ValueError("longitudes run from 0 to 360 degrees")
    if not -POLE <= lat <= POLE:
        raise ValueError("latitudes run from -90 to 90 degrees")


def _written(number: float) -> str:
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    return f"{number:.12g}"

"""What users write in the forms of these protocols, in the units that services take."""

import math
import re
from collections.abc import Callable
from typing import Literal

from portal.plugins import Interval

AngleUnit = Literal["deg", "arcmin", "arcsec", "rad"]
BandUnit = Literal["m", "cm", "mm", "um", "nm", "Angstrom", "MHz", "GHz", "THz", "eV", "keV", "MeV"]
PER_DEGREE = {"deg": 1, "arcmin": 60, "arcsec": 3600, "rad": math.radians(1)}
UNBOUNDED = re.compile(r"\s*([<>])=?\s*(.+)", re.DOTALL)
BETWEEN = re.compile(r"\s*(?:\.\.|/|,|\bto\b|\s)\s*")
PAIR = 2
MOST_EXTRA = 20
EXTRA_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_.:-]{0,63})\s*=\s*(.*)")


def to_degrees(value: float, unit: AngleUnit) -> float:
    """Return an angle in degrees."""
    return value / PER_DEGREE[unit]


def read_interval(text: str) -> Interval:
    """Return "1 10", "1..10", "> 1" or a single number as an interval. Raises ValueError."""
    match = UNBOUNDED.fullmatch(text)
    words = [match[2]] if match else BETWEEN.split(text.strip())
    try:
        numbers = [float(one) for one in words]
    except ValueError:
        numbers = []
    if not 0 < len(numbers) <= PAIR or any(map(math.isnan, numbers)):
        raise ValueError("give a number, or two for an interval, such as 1 10, > 1 or < 10")
    low, high = numbers[0], numbers[-1]
    if match:
        low, high = (-math.inf, high) if match[1] == "<" else (low, math.inf)
    if low > high:
        raise ValueError("the lower end of an interval comes first")
    return low, high


def write_interval(interval: Interval, *, between: str = " ") -> str:
    """Return an interval as DALI writes it: "1.0 +Inf"."""
    return between.join(map(write_number, interval))


def write_number(value: float) -> str:
    """Return a number with all the digits that it has."""
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return f"{value:.15g}"


def read_extra(text: str) -> list[tuple[str, str]]:
    """Return the lines "NAME=value" of parameters that only this service has.

    Raises ValueError that names the line.
    """
    pairs = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = EXTRA_LINE.fullmatch(line.strip())
        if match is None:
            raise ValueError(f"line {number} is not NAME=value")
        pairs.append((match[1], match[2]))
    if len(pairs) > MOST_EXTRA:
        raise ValueError(f"at most {MOST_EXTRA} further parameters")
    return pairs


def checked(read: Callable[[str], object]) -> Callable[[str], str]:
    """Return a validator that keeps the text, when it can be read."""

    def check(text: str) -> str:
        read(text)
        return text

    return check

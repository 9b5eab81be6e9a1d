"""One angle, as people write it: degrees, hours, radians, or sexagesimal with most marks."""

import math
import re

SIXTY = 60
DEGREES_PER_HOUR = 15
NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)"
DECIMAL = re.compile(rf"([+-]?)\s*({NUMBER}(?:e[+-]?\d+)?)\s*(degrees|deg|d|°|h|radians|rad)?")
SEXAGESIMAL = re.compile(
    rf"""([+-]?)\s*(\d+)\s*(?P<whole>:|\s|hours|h|degrees|deg|d|°)\s*
    (?: ({NUMBER})\s*(?::|\s|minutes|min|m|')?
      | (\d+)\s*(?::|\s|minutes|min|m|')\s*({NUMBER})\s*(?:seconds|sec|s|")?
    )""",
    re.VERBOSE,
)


def parse_angle(text: str, *, in_hours: bool) -> float:
    """Return degrees; raises ValueError when the text is no angle, or 60 minutes or more.

    A plain number is in degrees. Sexagesimal text without a unit is in hours with `in_hours`,
    as right ascensions are, and in degrees without.
    """
    text = text.strip().lower()
    plain = DECIMAL.fullmatch(text)
    if plain:
        sign, number, unit = plain.groups()
        return _finite(_signed(sign, float(number) * _scale(unit or "d", in_hours=in_hours)))
    parts = SEXAGESIMAL.fullmatch(text)
    if not parts:
        raise ValueError(f"{text!r} is not an angle")
    sign, whole, unit, lone_minutes, minutes, seconds = parts.groups()
    fraction = _sixtieths(lone_minutes or minutes) + _sixtieths(seconds or "0") / SIXTY
    return _signed(sign, (int(whole) + fraction) * _scale(unit, in_hours=in_hours))


def write_sexagesimal(ra: float, dec: float) -> str:
    """Return "hh:mm:ss.ss ±dd:mm:ss.s" of right ascension and declination in degrees."""
    return f"{write_hours(ra, digits=2)} {write_degrees(dec, digits=1)}"


def write_hours(ra: float, *, digits: int) -> str:
    """Return "hh:mm:ss.ss" of a right ascension in degrees."""
    return _in_sixties(ra / DEGREES_PER_HOUR, digits=digits, full=24)


def write_degrees(dec: float, *, digits: int) -> str:
    """Return "±dd:mm:ss.s" of a declination in degrees."""
    return f"{'-' if dec < 0 else '+'}{_in_sixties(abs(dec), digits=digits)}"


def _in_sixties(value: float, *, digits: int, full: int = 360) -> str:
    """Return "dd:mm:ss.s"; rounding carries over, and a full circle is zero."""
    scale = 10**digits
    units = round(value * SIXTY * SIXTY * scale)
    whole, seconds = divmod(units, SIXTY * scale)
    whole, minutes = divmod(whole, SIXTY)
    width = digits + 3
    return f"{whole % full:02d}:{minutes:02d}:{seconds / scale:0{width}.{digits}f}"


def _scale(unit: str, *, in_hours: bool) -> float:
    if unit.startswith("r"):
        return math.degrees(1)
    hours = unit.startswith("h") or (in_hours and (unit == ":" or unit.isspace()))
    return DEGREES_PER_HOUR if hours else 1


def _signed(sign: str, value: float) -> float:
    return -value if sign == "-" else value


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("the number is too large")
    return value


def _sixtieths(text: str) -> float:
    value = float(text)
    if value >= SIXTY:
        raise ValueError("minutes and seconds are less than 60")
    return value / SIXTY

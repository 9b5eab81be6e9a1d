"""Times and parts of the spectrum, as people write them, in the units of services.

RegTAP 1.2 has times in MJD (section 8.17) and spectral coverage in Joule of particle energy
(section 8.18), both as intervals.
"""

import math
import re
from calendar import monthrange
from collections.abc import Callable
from datetime import datetime
from datetime import UTC

Interval = tuple[float, float]

MJD_OF_EPOCH = 40587.0  # 1970-01-01
SECONDS_PER_DAY = 86_400
PLANCK = 6.62607015e-34  # J s, exact (SI 2019)
LIGHT = 299_792_458.0  # m/s
ELECTRONVOLT = 1.602176634e-19  # J
NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
QUANTITY = re.compile(rf"({NUMBER})\s*([A-Za-zµμÅ]*)")
PREFIXES = {
    "f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "m": 1e-3, "c": 1e-2,
    "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "": 1.0,
}  # fmt: skip
LENGTHS = {"angstrom": 1e-10, "angstroms": 1e-10, "å": 1e-10, "a": 1e-10, "micron": 1e-6}
BETWEEN = re.compile(r"(?<=[\dA-Za-zµμÅ.])\s*(?:-|\u2013|/|,|\bto\b)\s*(?=[\d.])")
UNBOUNDED = re.compile(r"\s*([<>])=?\s*(.+)", re.DOTALL)
HAS_UNIT = re.compile(r"[A-Za-zµμÅ]\s*$")
YEAR = re.compile(r"(?:1[89]|20|21)\d\d")
DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?)?")


def read_times(text: str) -> Interval:
    """Return an instant or an interval in MJD; both ends are the same for an instant.

    Dates are ISO 8601 in UTC, plain numbers are MJD; two of them make an interval, with a
    space, a slash or "to" between them. Raises ValueError when it cannot be read.
    """
    dates = DATE.findall(text)
    rest = DATE.sub(" ", text)
    words = [word for word in re.split(r"[\s/,]+|\bto\b", rest) if word]
    if any(map(YEAR.fullmatch, words)):
        raise ValueError("a plain number is an MJD: write a year as 2010-01-01 2010-12-31")
    try:
        moments = [_mjd_of_date(one) for one in dates] + [_finite(word) for word in words]
    except ValueError as error:
        raise ValueError("give dates, such as 2019-07-01, or numbers in MJD") from error
    return _interval(moments, "give one time, or two for an interval")


def read_spectrum(text: str) -> Interval:
    """Return a point or an interval of the spectrum in Joule, ascending.

    Wavelengths, frequencies and energies with a unit: "21 cm", "400-700 nm", "1.2 to 1.6
    GHz", "0.5 10 keV". A number without a unit takes that of the next one. Raises ValueError.
    """
    spaced = BETWEEN.sub(" ", _protect(text))
    found = QUANTITY.findall(spaced.replace("~", "-"))
    if not found or QUANTITY.sub("", spaced.replace("~", "-")).strip():
        raise ValueError("give a value with its unit, such as 21 cm, 1.4 GHz or 0.5 to 10 keV")
    unit = ""
    energies = []
    for number, named in reversed(found):
        unit = named or unit
        energies.append(_joule(float(number), unit))
    return _interval(energies, "give one value, or two for a range")


def read_band(text: str, unit: str = "") -> Interval:
    """Return a part of the spectrum as wavelengths in metres, ascending.

    `unit` is that of numbers without one, which need one otherwise. "< 400 nm" and "> 10 keV"
    are open on the side that they say of wavelength, frequency or energy. Raises ValueError.
    """
    match = UNBOUNDED.fullmatch(text)
    if match is None:
        return _wavelengths(read_spectrum(_with_unit(text, unit)))
    sign, rest = match.groups()
    written = _with_unit(rest, unit)
    shortest, longest = _wavelengths(read_spectrum(written))
    is_length = re.search(r"(?:m|micron|å|angstroms?)\s*$", written, re.IGNORECASE) is not None
    return (0.0, longest) if (sign == "<") == is_length else (shortest, math.inf)


def read_time(text: str) -> Interval:
    """Return an instant or an interval in MJD, as `read_times` does; raises ValueError.

    A day and a month last until their end, by themselves and as the end of an interval.
    """
    match = UNBOUNDED.fullmatch(text)
    if match:
        low, high = read_times(match[2])
        return (-math.inf, high) if match[1] == "<" else (low, math.inf)
    low, high = read_times(text)
    ends = [_end_of_date(one) for one in DATE.findall(text) if _mjd_of_date(one) == high]
    return low, max([high, *ends])


def format_joule(energy: float) -> str:
    """Return an energy as a wavelength, a frequency or an energy, whichever people use there."""
    if energy <= 0 or not math.isfinite(energy):
        return "nothing"
    if energy > 100 * ELECTRONVOLT:
        return _scaled(energy / ELECTRONVOLT, "eV")
    if energy < PLANCK * 1e12:
        return _scaled(energy / PLANCK, "Hz")
    return _scaled(PLANCK * LIGHT / energy, "m")


def format_mjd(mjd: float) -> str:
    """Return a time in MJD as a date; the number itself outside of what calendars hold."""
    seconds = (mjd - MJD_OF_EPOCH) * SECONDS_PER_DAY
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (OverflowError, OSError, ValueError):
        return f"MJD {mjd:g}"


def _with_unit(text: str, unit: str) -> str:
    return text if HAS_UNIT.search(text) else f"{text} {unit}"


def _wavelengths(energies: Interval) -> Interval:
    """Return metres for Joule: the higher energy is the shorter wavelength."""
    low, high = energies
    return PLANCK * LIGHT / high, PLANCK * LIGHT / low


def _protect(text: str) -> str:
    """Mark the minus of an exponent, which is no dash of an interval."""
    return re.sub(r"(?<=\d[eE])-(?=\d)", "~", text)


def _interval(values: list[float], complaint: str) -> Interval:
    if len(values) not in (1, 2):
        raise ValueError(complaint)
    return min(values), max(values)


def _mjd_of_date(text: str) -> float:
    whole = text.removesuffix("Z")
    moment = datetime.fromisoformat(whole if len(whole) > len("2019-07") else f"{whole}-01")
    return moment.replace(tzinfo=UTC).timestamp() / SECONDS_PER_DAY + MJD_OF_EPOCH


def _end_of_date(text: str) -> float:
    """Return when a day or a month is over; what has a time is an instant."""
    begin = _mjd_of_date(text)
    if len(text) > len("2019-07-01"):
        return begin
    if len(text) == len("2019-07-01"):
        return begin + 1
    year, month = map(int, text.split("-"))
    return begin + monthrange(year, month)[1]


def _finite(word: str) -> float:
    value = float(word)
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


def _joule(value: float, unit: str) -> float:
    factor, kind = _unit(unit)
    si = value * factor
    convert: Callable[[float], float] = {
        "m": lambda length: PLANCK * LIGHT / length,
        "Hz": lambda frequency: PLANCK * frequency,
        "eV": lambda energy: energy * ELECTRONVOLT,
        "J": lambda energy: energy,
    }[kind]
    if not (si > 0 and math.isfinite(si) and math.isfinite(convert(si))):
        raise ValueError("a wavelength, frequency or energy is more than nothing")
    return convert(si)


def _unit(unit: str) -> tuple[float, str]:
    if unit.casefold() in LENGTHS:
        return LENGTHS[unit.casefold()], "m"
    for kind in ("eV", "Hz", "m", "J"):
        if unit.casefold().endswith(kind.casefold()):
            prefix = unit[: -len(kind)]
            if prefix in PREFIXES:
                return PREFIXES[prefix], kind
    raise ValueError(
        f"{unit or 'no unit'}: give a unit such as nm, cm, MHz, GHz, eV or keV"
        if unit
        else "give the unit as well, such as nm, cm, GHz or keV"
    )


def _scaled(value: float, unit: str) -> str:
    steps = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
    small = ((1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p"))
    for factor, prefix in (*steps, *small):
        if value >= factor:
            return f"{value / factor:.3g} {prefix}{unit}"
    return f"{value:.3g} {unit}"

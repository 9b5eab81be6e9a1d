"""Shapes and intervals as SODA takes them: DALI 1.1, section 3.3, with units written out."""

import math
import re

LIGHT = 299_792_458.0  # m/s
PLANCK = 4.135_667_696e-15  # eV s
ANGLES = {"deg": 1.0, "d": 1.0, "arcmin": 1 / 60, "'": 1 / 60, "arcsec": 1 / 3600, '"': 1 / 3600}
LENGTHS = {"m": 1.0, "cm": 1e-2, "mm": 1e-3, "um": 1e-6, "nm": 1e-9, "angstrom": 1e-10, "a": 1e-10}
FREQUENCIES = {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9, "thz": 1e12}
ENERGIES = {"ev": 1.0, "kev": 1e3, "mev": 1e6, "gev": 1e9}
STATES = ("I", "Q", "U", "V", "RR", "LL", "RL", "LR", "XX", "YY", "XY", "YX", "POLI", "POLA")
UNIT = re.compile(r"""^(.*?)\s*([A-Za-z'"]+)$""", re.DOTALL)
CIRCLE, RANGE, CORNERS = 3, 4, 3
FULL_TURN, POLE = 360, 90


def check_circle(text: str) -> str:
    """Return "ra dec radius" in degrees; the radius may have its unit. Raises ValueError."""
    words, factor = _with_unit(text, ANGLES)
    numbers = _numbers(words)
    if len(numbers) != CIRCLE:
        raise ValueError("a circle is a right ascension, a declination and a radius, in degrees")
    ra, dec, radius = numbers
    _check_place(ra, dec)
    if not 0 < radius * factor <= FULL_TURN / 2:
        raise ValueError("the radius of a circle is larger than 0 and at most 180 degrees")
    return _written([ra, dec, radius * factor])


def check_polygon(text: str) -> str:
    """Return the corners in degrees: at least three pairs. Raises ValueError."""
    numbers = _numbers(_with_unit(text, {"deg": 1.0})[0])
    if len(numbers) % 2 or len(numbers) < 2 * CORNERS:
        raise ValueError("a polygon has at least three corners: ra dec ra dec ra dec, in degrees")
    for ra, dec in zip(numbers[::2], numbers[1::2], strict=True):
        _check_place(ra, dec)
    return _written(numbers)


def check_pos(text: str) -> str:
    """Return "CIRCLE ...", "RANGE ..." or "POLYGON ..." (SODA 1.0, 3.3.1). Raises ValueError."""
    shape, _, rest = text.strip().partition(" ")
    match shape.upper():
        case "CIRCLE":
            return f"CIRCLE {check_circle(rest)}"
        case "POLYGON":
            return f"POLYGON {check_polygon(rest)}"
        case "RANGE":
            numbers = _numbers(rest)
            if len(numbers) != RANGE or numbers[0] > numbers[1] or numbers[2] > numbers[3]:
                raise ValueError("a range is ra1 ra2 dec1 dec2, the smaller of each pair first")
            return f"RANGE {_written(numbers)}"
    raise ValueError("begin with CIRCLE, RANGE or POLYGON, such as CIRCLE 180.0 40.0 0.1")


def check_band(text: str) -> str:
    """Return an interval of wavelengths in metres, the shorter first. Raises ValueError.

    One or two numbers; they may have a unit of length, frequency or energy.
    """
    words, unit = _split_unit(text)
    numbers = _numbers(words)
    if not 1 <= len(numbers) <= 2:  # noqa: PLR2004 - one or both ends
        raise ValueError("a band is one wavelength or two, in metres unless a unit follows")
    if any(one <= 0 for one in numbers if one != -math.inf):
        raise ValueError("wavelengths, frequencies and energies are larger than 0")
    waves = sorted(_wavelength(one, unit.casefold()) for one in numbers)
    return _written(waves)


def check_time(text: str) -> str:
    """Return an instant or an interval as MJD (UTC), the earlier first. Raises ValueError."""
    numbers = _numbers(_with_unit(text, {"d": 1.0, "mjd": 1.0})[0])
    if not 1 <= len(numbers) <= 2 or numbers != sorted(numbers):  # noqa: PLR2004
        raise ValueError("a time is one or two days as MJD, the earlier first")
    return _written(numbers)


def check_pol(text: str) -> list[str]:
    """Return polarization states. Raises ValueError."""
    states = [one.upper() for one in re.split(r"[\s,/]+", text) if one]
    unknown = [one for one in states if one not in STATES]
    if unknown or not states:
        raise ValueError(f"polarization states are {', '.join(STATES)}")
    return states


def _wavelength(value: float, unit: str) -> float:
    if unit in ("", *LENGTHS):
        return value * LENGTHS.get(unit, 1.0)
    if unit in FREQUENCIES:
        return _over(LIGHT, value * FREQUENCIES[unit])
    if unit in ENERGIES:
        return _over(LIGHT * PLANCK, value * ENERGIES[unit])
    raise ValueError("a band has a unit such as m, nm, Angstrom, MHz, GHz or keV")


def _over(one: float, other: float) -> float:
    if other == -math.inf:  # no lower end of a frequency: no upper end of a wavelength
        return math.inf
    return one / other


def _with_unit(text: str, known: dict[str, float]) -> tuple[str, float]:
    words, unit = _split_unit(text)
    if not unit:
        return words, 1.0
    if unit.casefold() not in known:
        raise ValueError(f"the unit {unit} cannot be used here: take {', '.join(known)}")
    return words, known[unit.casefold()]


def _split_unit(text: str) -> tuple[str, str]:
    found = UNIT.match(text.strip())
    if found is None or found[2].casefold() in ("inf", "infinity", "nan", "e"):
        return text, ""
    return found[1], found[2]


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(one) for one in re.split(r"[\s,]+", text.strip()) if one]
    except ValueError:
        raise ValueError("write numbers with blanks between them") from None
    if any(math.isnan(one) for one in numbers):
        raise ValueError("write numbers with blanks between them")
    return numbers


def _check_place(ra: float, dec: float) -> None:
    if not (0 <= ra <= FULL_TURN and -POLE <= dec <= POLE):
        raise ValueError("right ascension is 0 to 360 and declination -90 to 90 degrees")


def _written(numbers: list[float]) -> str:
    words = {math.inf: "+Inf", -math.inf: "-Inf"}
    return " ".join(words.get(one) or f"{one:.12g}" for one in numbers)

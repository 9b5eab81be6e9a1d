# ruff: noqa: RUF001 - the signs that people type are what this is about
"""Positions on the sky, as people write them: coordinates in many notations, or a name."""

import re
import unicodedata
from dataclasses import dataclass

from portal.parameters.angles import parse_angle

FULL_CIRCLE = 360
POLE = 90
PAIR = 2
LONGEST = 200
EXAMPLE = "such as 187.70 12.39, 12:30:49 +12:23:28, or a name such as M 87"
MARKS = str.maketrans(
    dict.fromkeys("−‐‑‒–—﹣－", "-")
    | dict.fromkeys("′’ʹ‘", "'")
    | dict.fromkeys("″”“ʺ", '"')
    | {"º": "°", "˚": "°", "＋": "+", ",": " , ", ";": " , "}
)
FRAMES = {
    "icrs": "icrs",
    "fk5": "fk5",
    "j2000": "fk5",
    "j2000.0": "fk5",
    "fk4": "fk4",
    "b1950": "fk4",
    "b1950.0": "fk4",
    "galactic": "galactic",
    "gal": "galactic",
    "supergalactic": "supergalactic",
    "sgal": "supergalactic",
    "ecliptic": "barycentricmeanecliptic",
    "ecl": "barycentricmeanecliptic",
}
EQUATORIAL = frozenset({"icrs", "fk5", "fk4"})
FRAME_WORD = re.compile(
    r"^({0})\b[:,]?\s*|[\s,(]+({0})\)?$".format(
        "|".join(re.escape(word) for word in sorted(FRAMES, key=len, reverse=True))
    ),
    re.IGNORECASE,
)
LABEL = r"\s*[=:]?\s*(?=[+-]?\s*[\d.])"
LABELS = re.compile(
    rf"^(?P<first>r\.?a\.?|glon|lon|l|α){LABEL}(?P<lon>.+?)[\s,]+"
    rf"(?:dec\.?|de|decl\.?|glat|lat|b|δ){LABEL}(?P<lat>.+)$",
    re.IGNORECASE,
)
IAU_NAME = re.compile(r"[JB]?(\d\d)(\d\d)(\d\d(?:\.\d*)?)([+-]\d\d)(\d\d)(\d\d(?:\.\d*)?)")
ONLY_ANGLES = re.compile(
    r"""(?:[\s\d.,:+\-°'"hdmse()]|deg(?:rees)?|rad(?:ians)?|hours|min(?:utes)?|sec(?:onds)?)*""",
    re.IGNORECASE,
)
UNIT_OF_BOTH = re.compile(r"(\S+\s+\S+)\s+deg(?:rees)?", re.IGNORECASE)
RADIANS = re.compile(r"([\d.](?:\S*[\d.])?)(\s+(?:,\s*)?[^\s,]+?)\s*rad(?:ians)?", re.IGNORECASE)
NUMBERS_IN_PAIRS = (2, 6)
NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f<>\\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coordinates:
    """A longitude and a latitude in degrees, in a frame of astropy's."""

    lon: float
    lat: float
    frame: str


def parse_position(text: str) -> tuple[float, float]:
    """Return ICRS right ascension and declination, in degrees, of coordinates in any notation.

    Plain numbers are degrees ("180.5 -3.2"), or radians ("3.15 -0.06 rad"); sexagesimal right
    ascension is in hours ("12:02:00 -03:12:00", "12h02m -3d12m"). "galactic", "ecliptic",
    "supergalactic", "fk5", "fk4" and "b1950" before or after the numbers name another frame.
    Raises ValueError when it cannot be read, or is the name of an object.
    """
    found = find_coordinates(text)
    if found is None:
        raise ValueError(f"give right ascension and declination, {EXAMPLE}")
    return found


def find_coordinates(text: str) -> tuple[float, float] | None:
    """Return what `parse_position` does, or None when the text looks like a name.

    Raises ValueError for coordinates that are wrong.
    """
    coordinates = _read(text)
    return None if coordinates is None else _to_icrs(coordinates)


def check_position(text: str) -> str:
    """Refuse what is neither coordinates nor could be a name; raises ValueError."""
    _read(text)
    return text


def normalised_name(text: str) -> str:
    """Return a name with plain signs, without space around it and single spaces in it."""
    return " ".join(unicodedata.normalize("NFKC", text.translate(MARKS)).split()).replace(" ,", ",")


def _read(text: str) -> _Coordinates | None:
    plain = " ".join(unicodedata.normalize("NFKC", text.translate(MARKS)).split())
    plain = plain.replace("''", '"')
    if match := IAU_NAME.fullmatch(plain):
        return _from_iau_name(plain, match)
    rest, frame = _take_frame(plain)
    labelled = LABELS.fullmatch(rest)
    if labelled:
        if labelled["first"].lower() in ("l", "glon"):
            frame = "galactic"
        pair: list[str] | None = [labelled["lon"], labelled["lat"].strip(" ,")]
    elif ONLY_ANGLES.fullmatch(rest) and not rest[:1].isalpha():
        pair = _halves(rest)
    elif rest == plain:
        _check_name(plain)
        return None
    else:
        pair = None
    if pair is None:
        raise ValueError(f"give right ascension and declination, {EXAMPLE}")
    return _coordinates(pair[0], pair[1], frame)


def _take_frame(text: str) -> tuple[str, str]:
    match = FRAME_WORD.search(text)
    if match is None or match.group(0) == text:
        return text, "icrs"
    rest = (text[: match.start()] + text[match.end() :]).strip(" ,:()")
    if not re.search(r"\d", rest) or not (ONLY_ANGLES.fullmatch(rest) or LABELS.fullmatch(rest)):
        return text, "icrs"  # "Gal 3" or "SDSS J2000" are names
    return rest, FRAMES[(match.group(1) or match.group(2)).lower()]


def _halves(text: str) -> list[str] | None:
    """Split a pair of angles at its comma, at the sign of the second one, or in the middle."""
    text = UNIT_OF_BOTH.sub(r"\1", text)
    if both := RADIANS.fullmatch(text):
        text = "{}rad{}rad".format(*both.groups())
    parts = [part.strip() for part in text.strip(" ,").split(",")]
    if len(parts) == 1:
        signed = re.fullmatch(r"(.*[^\s+\-e:])\s*([+-].*)", text)
        words = text.split()
        has_units = re.search(r"[hd°:]", text, re.IGNORECASE)
        if signed and not re.search(r"[+-]", signed[1][1:].replace("e+", "").replace("e-", "")):
            parts = [signed[1], signed[2]]
        elif len(words) in NUMBERS_IN_PAIRS or (len(words) % PAIR == 0 and has_units):
            middle = len(words) // PAIR
            parts = [" ".join(words[:middle]), " ".join(words[middle:])]
    return parts if len(parts) == PAIR and all(parts) else None


def _coordinates(lon: str, lat: str, frame: str) -> _Coordinates:
    try:
        found = _Coordinates(
            lon=parse_angle(lon, in_hours=frame in EQUATORIAL),
            lat=parse_angle(lat, in_hours=False),
            frame=frame,
        )
    except ValueError as error:
        raise ValueError(f"{error}: give two angles, {EXAMPLE}") from error
    return _in_range(found)


def _from_iau_name(text: str, match: re.Match[str]) -> _Coordinates:
    hours, minutes, seconds, degrees, arcminutes, arcseconds = match.groups()
    return _coordinates(
        f"{hours}:{minutes}:{seconds}",
        f"{degrees}:{arcminutes}:{arcseconds}",
        "fk4" if text.startswith("B") else "icrs",
    )


def _in_range(found: _Coordinates) -> _Coordinates:
    is_equatorial = found.frame in EQUATORIAL
    lowest = 0 if is_equatorial else -FULL_CIRCLE / 2
    if not lowest <= found.lon <= FULL_CIRCLE:
        name = "right ascension" if is_equatorial else "longitude"
        raise ValueError(f"{name} runs from 0 to 360 degrees")
    if not -POLE <= found.lat <= POLE:
        name = "declination" if is_equatorial else "latitude"
        raise ValueError(f"{name} runs from -90 to 90 degrees")
    return found


def _to_icrs(found: _Coordinates) -> tuple[float, float]:
    if found.frame == "icrs":
        return found.lon, found.lat
    from astropy import units
    from astropy.coordinates import SkyCoord

    sky = SkyCoord(found.lon * units.deg, found.lat * units.deg, frame=found.frame).icrs
    return float(sky.ra.deg), float(sky.dec.deg)


def _check_name(text: str) -> None:
    if not any(character.isalpha() for character in text) or len(text) > LONGEST:
        raise ValueError(f"give coordinates or a name, {EXAMPLE}")
    if NOT_IN_NAMES.search(text):
        raise ValueError("a name has no control characters, < or > in it")

"""The functions of ADQL 2.1 with their arguments (sections 2.3, 4.2 to 4.8, Annex A)."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "text", "geometry", "any"]


@dataclass(frozen=True, slots=True)
class Signature:
    """How a function is called: `most` None is any number of arguments."""

    least: int
    most: int | None
    takes: Kind
    gives: Kind
    written: str  # as a message shows it


def _numbers(name: str, least: int, most: int, arguments: str) -> Signature:
    return Signature(least, most, "number", "number", f"{name}({arguments})")


_OF_ONE_NUMBER = (
    "ABS ACOS ASIN ATAN CEILING COS COT DEGREES EXP FLOOR LOG LOG10 RADIANS SIN SQRT TAN"
)
SIGNATURES: dict[str, Signature] = {
    **{name: _numbers(name, 1, 1, "x") for name in _OF_ONE_NUMBER.split()},
    "ATAN2": _numbers("ATAN2", 2, 2, "y, x"),
    "MOD": _numbers("MOD", 2, 2, "x, y"),
    "PI": _numbers("PI", 0, 0, ""),
    "POWER": _numbers("POWER", 2, 2, "x, y"),
    "RAND": _numbers("RAND", 0, 1, "seed"),
    "ROUND": _numbers("ROUND", 1, 2, "x, decimals"),
    "TRUNCATE": _numbers("TRUNCATE", 1, 2, "x, decimals"),
    "AVG": Signature(1, 1, "any", "number", "AVG(x)"),
    "COUNT": Signature(1, 1, "any", "number", "COUNT(x) or COUNT(*)"),
    "MAX": Signature(1, 1, "any", "any", "MAX(x)"),
    "MIN": Signature(1, 1, "any", "any", "MIN(x)"),
    "SUM": Signature(1, 1, "any", "number", "SUM(x)"),
    "COALESCE": Signature(1, None, "any", "any", "COALESCE(x, y, ...)"),
    "LOWER": Signature(1, 1, "text", "text", "LOWER(text)"),
    "UPPER": Signature(1, 1, "text", "text", "UPPER(text)"),
    "IN_UNIT": Signature(2, 2, "any", "number", "IN_UNIT(x, 'unit')"),
    "AREA": Signature(1, 1, "geometry", "number", "AREA(region)"),
    "BOX": Signature(3, 5, "any", "geometry", "BOX(ra, dec, width, height)"),
    "CENTROID": Signature(1, 1, "geometry", "geometry", "CENTROID(region)"),
    "CIRCLE": Signature(2, 4, "any", "geometry", "CIRCLE(ra, dec, radius)"),
    "CONTAINS": Signature(2, 2, "geometry", "number", "CONTAINS(point, region)"),
    "COORD1": Signature(1, 1, "geometry", "number", "COORD1(point)"),
    "COORD2": Signature(1, 1, "geometry", "number", "COORD2(point)"),
    "COORDSYS": Signature(1, 1, "geometry", "text", "COORDSYS(geometry)"),
    "DISTANCE": Signature(
        2, 4, "any", "number", "DISTANCE(point, point) or DISTANCE(ra1, dec1, ra2, dec2)"
    ),
    "INTERSECTS": Signature(2, 2, "geometry", "number", "INTERSECTS(region, region)"),
    "POINT": Signature(2, 3, "any", "geometry", "POINT(ra, dec)"),
    "POLYGON": Signature(3, None, "any", "geometry", "POLYGON(ra1, dec1, ra2, dec2, ra3, dec3)"),
    "REGION": Signature(1, 1, "text", "geometry", "REGION('text')"),
}
REGIONS = frozenset({"BOX", "CIRCLE", "POLYGON", "REGION"})

# Functions that ADQL does not have and services offer, some without saying so.
_OFTEN_OFFERED = """
ACOSD ACOSH ARRAY_AGG ASIND ASINH ATAN2D ATAND ATANH BIT_AND BIT_NOT BIT_OR BIT_XOR BIT_LENGTH
CBRT CEIL CHAR_LENGTH CHARACTER_LENGTH CONCAT CORR COSD COSH COTD CURRENT_TIMESTAMP DATE
DATE_PART DATE_TRUNC DAY DIV EVERY EXTRACT GETDATE GREATEST HOUR IF IFNULL ISNULL LEAST LEFT LEN
LENGTH LN LOG2 LPAD LTRIM MEAN MEDIAN MINUTE MODE MONTH NOW NULLIF NVL OCTET_LENGTH OVERLAY
PERCENTILE POSITION POW QUANTILE RANDOM RANK REGEXP_LIKE REPLACE RIGHT ROW_NUMBER RPAD RTRIM
SECOND SIGN SIND SINH SQUARE STDDEV STDDEV_POP STDDEV_SAMP STDEV STRING_AGG STRPOS SUBSTR
SUBSTRING TAND TANH TO_CHAR TO_DATE TO_NUMBER TO_TIMESTAMP TRIM TRUNC VAR_POP VAR_SAMP VARIANCE
WIDTH_BUCKET YEAR
"""
OFTEN_OFFERED = frozenset(_OFTEN_OFFERED.split())
INSTEAD = {
    "CEIL": "CEILING",
    "LN": "LOG",
    "POW": "POWER",
    "TRUNC": "TRUNCATE",
    "RANDOM": "RAND",
    "LCASE": "LOWER",
    "UCASE": "UPPER",
    "NVL": "COALESCE",
    "IFNULL": "COALESCE",
    "ISNULL": "COALESCE",
}

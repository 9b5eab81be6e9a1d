"""Values of Python, numpy and astropy as JSON has them."""

import json
from collections.abc import Mapping
from datetime import datetime
from datetime import timezone
from typing import Any

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.time import Time
from astropy.units import Quantity


def as_json(values: Mapping[str, Any], units: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return values that JSON can write, quantities in the units of their parameters.

    `units` are by names in lower case. A position becomes its ICRS degrees. Raises TypeError
    for what has no plain meaning, ValueError for NaN.
    """
    bare = {name: _in_unit(name, value, units or {}) for name, value in values.items()}
    written: dict[str, Any] = json.loads(json.dumps(bare, default=_plain, allow_nan=False))
    return written


def as_form(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return values of JSON as a form has them: a list repeats its name, nothing is left out."""
    pairs = [
        (name, one)
        for name, value in values.items()
        for one in (value if isinstance(value, list) else [value])
        if one is not None
    ]
    return [(name, one if isinstance(one, str) else json.dumps(one)) for name, one in pairs]


def as_instant(time: datetime | Time | str) -> str:
    """Write a time in UTC; raises ValueError for one that does not know its zone."""
    if isinstance(time, str):
        return time
    if isinstance(time, Time):
        return f"{time.utc.isot}Z"
    if time.utcoffset() is None:
        raise ValueError("Say in which time zone this is: datetime(..., tzinfo=timezone.utc).")
    return time.astimezone(timezone.utc).replace(tzinfo=None).isoformat() + "Z"


def _in_unit(name: str, value: Any, units: Mapping[str, str]) -> Any:
    if not isinstance(value, Quantity):
        return value
    unit = units.get(name.casefold())
    if unit is None:
        raise TypeError(f"{name} has no unit, so {value} is no value of it.")
    return value.to_value(unit)


def _plain(value: Any) -> Any:
    if isinstance(value, SkyCoord) and value.isscalar:
        return f"{value.icrs.ra.deg:.10f} {value.icrs.dec.deg:+.10f}"
    if isinstance(value, Quantity):
        raise TypeError(f"Give {value} as one quantity, or as a number.")
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, datetime | Time):
        return as_instant(value)
    raise TypeError(f"{type(value).__name__} is no value of a parameter: {value!r}")

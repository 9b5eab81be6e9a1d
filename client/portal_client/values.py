"""Values of Python, numpy and astropy as JSON has them."""

import json
from collections.abc import Mapping
from datetime import datetime
from datetime import timezone
from typing import Any

import numpy as np
from astropy.time import Time
from astropy.units import Quantity


def as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values that JSON can write; raises TypeError for what has no plain meaning."""
    written: dict[str, Any] = json.loads(json.dumps(values, default=_plain, allow_nan=False))
    return written


def as_instant(time: datetime | Time | str) -> str:
    """Write a time in UTC; raises ValueError for one that does not know its zone."""
    if isinstance(time, str):
        return time
    if isinstance(time, Time):
        return f"{time.utc.isot}Z"
    if time.utcoffset() is None:
        raise ValueError("Say in which time zone this is: datetime(..., tzinfo=timezone.utc).")
    return time.astimezone(timezone.utc).replace(tzinfo=None).isoformat() + "Z"


def _plain(value: Any) -> Any:
    if isinstance(value, Quantity):
        raise TypeError(f"Give {value} as a number in the unit that the job type names.")
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, datetime | Time):
        return as_instant(value)
    raise TypeError(f"{type(value).__name__} is no value of a parameter: {value!r}")

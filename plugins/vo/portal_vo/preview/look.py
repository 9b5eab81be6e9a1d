"""How somebody wants to look at an image; light to import, unlike what draws it."""

from dataclasses import dataclass
from typing import Literal

Stretch = Literal["asinh", "linear", "log", "sqrt"]
Interval = Literal["zscale", "percentile", "minmax"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How an image is looked at: `hdu` by number or name, `plane` from 1; None: choose."""

    hdu: str | None = None
    plane: int | None = None
    stretch: Stretch = "asinh"
    interval: Interval = "zscale"

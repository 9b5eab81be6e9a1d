"""From pixel values to greys: which values are shown, and how they are spread."""

from dataclasses import dataclass

import numpy as np
from astropy.visualization import AsinhStretch
from astropy.visualization import LinearStretch
from astropy.visualization import LogStretch
from astropy.visualization import MinMaxInterval
from astropy.visualization import PercentileInterval
from astropy.visualization import SqrtStretch
from astropy.visualization import ZScaleInterval
from numpy.typing import NDArray

from portal_vo.preview.look import Interval
from portal_vo.preview.look import Stretch

PERCENT = 99.5
STRETCHES = {
    "asinh": AsinhStretch(a=0.1),
    "linear": LinearStretch(),
    "log": LogStretch(),
    "sqrt": SqrtStretch(),
}
INTERVALS = {
    "zscale": ZScaleInterval(),
    "minmax": MinMaxInterval(),
    "percentile": PercentileInterval(PERCENT),
}
WHITE, MIDDLE = 255, 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Greys:
    """A picture, and the values that are its black and its white.

    None where there is no value at all, or only one.
    """

    pixels: NDArray[np.uint8]
    limits: tuple[float, float] | None
    is_blank: bool = False


def to_greys(values: NDArray[np.float32], stretch: Stretch, interval: Interval) -> Greys:
    """Return the greys of an image; pixels without a value are black."""
    finite = np.isfinite(values)
    known = values[finite]
    if not known.size:
        return Greys(pixels=np.zeros(values.shape, np.uint8), limits=None, is_blank=True)
    low, high = map(float, INTERVALS[interval].get_limits(known))
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        low, high = float(known.min()), float(known.max())
    if low >= high:
        return Greys(pixels=np.where(finite, MIDDLE, 0).astype(np.uint8), limits=None)
    scaled = np.clip((known.astype(np.float64) - low) / (high - low), 0, 1)
    pixels = np.zeros(values.shape, np.uint8)
    pixels[finite] = np.round(STRETCHES[stretch](scaled, clip=True) * WHITE).astype(np.uint8)
    return Greys(pixels=pixels, limits=(low, high))

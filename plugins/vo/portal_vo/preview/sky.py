"""What a WCS says of an image in words: scale, size, and where north is (FITS 4.0, section 8)."""

import math
import warnings

import numpy as np
from astropy.io.fits import Header
from astropy.wcs import WCS
from astropy.wcs.utils import proj_plane_pixel_scales

from portal_vo.preview.reading import FITS_ERRORS

ARCSEC = 3600.0
ARCMIN = 60.0
NEARLY = 3.0  # degrees
HALF_TURN = 180
POLES = {"RA": "north", "GLON": "galactic north", "ELON": "ecliptic north"}


def describe_sky(header: Header, shape: tuple[int, ...]) -> str | None:
    """Return a note such as "4 arcsec a pixel, north is up"; None without a usable WCS."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return _describe(header, shape)
    except (*FITS_ERRORS, MemoryError):
        return None


def _describe(header: Header, shape: tuple[int, ...]) -> str | None:
    whole = WCS(header)
    if not whole.has_celestial:
        return None
    sky = whole.celestial
    scales = [abs(float(one)) for one in proj_plane_pixel_scales(sky)]
    height, width = shape[-2:]
    if not all(math.isfinite(one) and one > 0 for one in scales):
        return None
    across, up = width * scales[0], height * scales[1]
    notes = [f"{_angle(scales[1])} a pixel", f"{_angle(across)} by {_angle(up)}"]
    direction = _north(sky, width, height)
    pole = POLES.get(str(sky.wcs.ctype[0])[:4].rstrip("-"))
    if direction is not None and pole:
        notes.append(f"{pole} is {direction}")
    return ", ".join(notes)


def _north(sky: WCS, width: int, height: int) -> str | None:
    centre = (width - 1) / 2, (height - 1) / 2
    longitude, latitude = map(float, sky.pixel_to_world_values(*centre))
    step = 1e-3 if latitude < 89 else -1e-3  # noqa: PLR2004 - away from the pole
    x, y = map(float, sky.world_to_pixel_values(longitude, latitude + step))
    towards = math.copysign(1, step)
    angle = math.degrees(math.atan2((x - centre[0]) * towards, (y - centre[1]) * towards))
    if not math.isfinite(angle):
        return None
    turned = round(abs(angle))
    if turned <= NEARLY:
        return "up"
    if turned >= HALF_TURN - NEARLY:
        return "down"
    return f"{turned}° to the {'right' if angle > 0 else 'left'} of up"


def _angle(degrees: float) -> str:
    for size, unit in ((1.0, "deg"), (1 / ARCMIN, "arcmin")):
        if degrees >= size:
            return f"{degrees / size:.3g} {unit}"
    return f"{degrees * ARCSEC:.3g} arcsec"

"""Positions on the sky, as people write them."""

import math

FULL_CIRCLE = 360
POLE = 90


def parse_position(text: str) -> tuple[float, float]:
    """Return ICRS right ascension and declination, in degrees, of coordinates in any notation.

    Plain numbers are degrees ("180.5 -3.2"); sexagesimal right ascension is in hours
    ("12:02:00 -03:12:00", "12h02m -3d12m"). Raises ValueError when it cannot be read.
    """
    from astropy import units
    from astropy.coordinates import SkyCoord

    words = text.replace(",", " ").split()
    if len(words) == 2:  # noqa: PLR2004 - a pair of coordinates
        try:
            ra, dec = float(words[0]), float(words[1])
        except ValueError:
            pass
        else:
            if not (math.isfinite(ra) and 0 <= ra <= FULL_CIRCLE):
                raise ValueError("right ascension runs from 0 to 360 degrees")
            if not (math.isfinite(dec) and -POLE <= dec <= POLE):
                raise ValueError("declination runs from -90 to 90 degrees")
            return ra, dec
    try:
        position = SkyCoord(" ".join(words), unit=(units.hourangle, units.deg), frame="icrs")
    except ValueError as error:
        raise ValueError(
            "give right ascension and declination, such as 187.70 12.39 or 12:30:49 +12:23:28"
        ) from error
    return float(position.ra.deg), float(position.dec.deg)

"""Whether an archive has anything near a place, by the coverage that it declares."""

import atexit
import math
from functools import lru_cache
from typing import TYPE_CHECKING

from portal.plugins.cone import Cone

if TYPE_CHECKING:
    from mocpy import MOC

CELL_OF_ORDER_0 = 58.6  # degrees
COARSEST, FINEST = 6, 14
FINER = 2  # than the radius


def may_have(coverage: str | None, cone: Cone) -> bool:
    """Say whether a coverage (a MOC as text) touches a cone, or does not tell.

    Cells that the cone only just misses count as touched.
    """
    moc = read_coverage(coverage) if coverage else None
    return moc is None or not moc.intersection(_cells(cone.ra, cone.dec, cone.radius)).empty()


@lru_cache(maxsize=1_000)
def read_coverage(text: str) -> "MOC | None":
    """Return a MOC as text, read; None for what cannot be read, which excludes nothing."""
    from mocpy import MOC

    try:
        return MOC.from_string(text)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=16)
def _cells(ra: float, dec: float, radius: float) -> "MOC":
    from astropy import units
    from astropy.coordinates import Latitude
    from astropy.coordinates import Longitude
    from mocpy import MOC

    order = math.ceil(math.log2(CELL_OF_ORDER_0 / max(radius, 1e-6))) + FINER
    return MOC.from_cone(
        lon=Longitude(ra, units.deg),
        lat=Latitude(dec, units.deg),
        radius=radius * units.deg,
        max_depth=min(max(order, COARSEST), FINEST),
    )


# A MOC that outlives mocpy complains at exit.
atexit.register(read_coverage.cache_clear)
atexit.register(_cells.cache_clear)

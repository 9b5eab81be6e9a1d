"""The part of the sky where rows are, as a MOC (MOC 2.0), written in the formats it has."""

import io
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

from portal.problems import NotFoundError
from portal.results.sky.projection import Floats

if TYPE_CHECKING:
    from mocpy import MOC

LOWEST, HIGHEST, USUAL = 3, 12, 8
MEDIA_TYPES = {"fits": "application/fits", "json": "application/json", "txt": "text/plain"}


def cover(positions: Iterable[tuple[Floats, Floats]], order: int) -> "MOC":
    """Return the cells of an order, from LOWEST to HIGHEST, in which there is a position."""
    from astropy import units
    from mocpy import MOC

    whole = MOC.new_empty(order)
    for ra, dec in positions:
        if len(ra):
            whole = whole.union(
                MOC.from_lonlat(ra % 360 * units.deg, dec * units.deg, max_norder=order)
            )
    return whole


def write_coverage(coverage: "MOC", extension: str) -> bytes:
    """Return the MOC as a file: "fits", "json" or "txt"; NotFoundError for another extension."""
    if extension == "fits":
        content = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # astropy's, on keywords of the standard
            coverage.serialize("fits").writeto(content)
        return content.getvalue()
    if extension not in MEDIA_TYPES:
        raise NotFoundError("A coverage cannot be taken away in that format.")
    return str(coverage.to_string("json" if extension == "json" else "ascii")).encode()

"""A FITS file as a picture beside the rows of a job."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from portal.plugins import JobContext
from portal.plugins import write_png
from portal_vo.preview.headers import header_rows
from portal_vo.preview.headers import Row
from portal_vo.preview.look import Look
from portal_vo.preview.reading import find_image
from portal_vo.preview.reading import Image
from portal_vo.preview.reading import open_fits
from portal_vo.preview.reading import read_image
from portal_vo.preview.sky import describe_sky
from portal_vo.preview.stretching import Greys
from portal_vo.preview.stretching import to_greys

NAME = "preview"
LONGEST_UNIT = 40


def look_at(path: Path, look: Look, context: JobContext) -> tuple[str | None, list[Row]]:
    """Attach the picture of a FITS file; return what it shows, if anything, and all headers.

    Raises UsageError when the file is damaged, or has not what is asked for.
    """
    with open_fits(path) as hdus:
        return attach_picture(hdus, look, context), list(header_rows(hdus))


def attach_picture(hdus: Sequence[Any], look: Look, context: JobContext) -> str | None:
    """Draw the image of an open FITS file; return what it shows, None when there is none."""
    number = find_image(hdus, look.hdu)
    if number is None:
        return None
    image = read_image(hdus, number, look.plane, context.is_aborted)
    greys = to_greys(image.values, look.stretch, look.interval)
    title = _title(image, greys, look)
    path: Path = context.data_dir / "preview.png"
    path.write_bytes(write_png(greys.pixels[::-1]))  # FITS counts rows from below
    context.attach(NAME, path, media_type="image/png", title=title)
    return title


def _title(image: Image, greys: Greys, look: Look) -> str:
    name = f" ({image.name})" if image.name and image.name != "PRIMARY" else ""
    size = " by ".join(f"{length:,}" for length in reversed(image.shape[-2:]))
    plane = f", plane {image.plane} of {image.planes}" if image.plane else ""
    notes = [f"HDU {image.hdu}{name}: {size} pixels{plane}", _range(image, greys, look)]
    notes.append(describe_sky(image.header, image.shape) or "")
    return "; ".join(filter(None, notes))


def _range(image: Image, greys: Greys, look: Look) -> str:
    if greys.is_blank:
        return "no pixel has a value"
    if greys.limits is None:
        return "all pixels have the same value"
    unit = " ".join(str(image.header.get("BUNIT", "")).split())[:LONGEST_UNIT]
    low, high = greys.limits
    return f"{low:.4g} to {high:.4g} {unit}".rstrip() + f" ({look.interval}, {look.stretch})"

"""How densely positions lie in a figure, as a picture with transparency."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from portal.png import write_png
from portal.results.sky.projection import Floats
from portal.results.sky.projection import Projection

# From few to many; all of them can be told from light and from dark paper.
COLOURS = np.array([(43, 127, 184), (57, 150, 150), (128, 160, 80), (214, 150, 40), (232, 90, 40)])


def draw_density(
    positions: Iterable[tuple[Floats, Floats]], projection: Projection, *, zoom: int = 1
) -> bytes:
    """Return a PNG with a pixel for every place of the figure, coloured by how many are there.

    `zoom` is how many pixels of the picture there are for one of the figure, each way.
    """
    width, height = projection.width * zoom, projection.height * zoom
    counts = np.zeros(width * height, np.int64)
    for ra, dec in positions:
        x, y = projection.project(ra, dec)
        column, row = (x * zoom).astype(np.int64), (y * zoom).astype(np.int64)
        seen = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        counts += np.bincount(row[seen] * width + column[seen], minlength=len(counts))
    return write_png(_colours(counts.reshape(height, width)))


def _colours(counts: NDArray[np.int64]) -> NDArray[np.uint8]:
    most = max(int(counts.max()), 2)
    shade = np.log(np.maximum(counts, 1)) / np.log(most) * (len(COLOURS) - 1)
    pixels = np.empty((*counts.shape, 4), np.uint8)
    steps = np.arange(len(COLOURS))
    for part in range(3):
        pixels[..., part] = np.interp(shade, steps, COLOURS[:, part])
    pixels[..., 3] = np.where(counts > 0, 255, 0)
    return pixels

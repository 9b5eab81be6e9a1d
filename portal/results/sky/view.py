"""What the page of the sky shows, made from a result once and kept beside it."""

import json
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass

from portal.problems import NotFoundError
from portal.results.files import full_disk_as_transient
from portal.results.files import replacing
from portal.results.opened import OpenResult
from portal.results.sky import coverage
from portal.results.sky.figure import draw_field
from portal.results.sky.figure import draw_sky
from portal.results.sky.figure import Figure
from portal.results.sky.figure import find_field
from portal.results.sky.figure import MOST_DOTS
from portal.results.sky.figure import whole_sky
from portal.results.sky.picture import draw_density
from portal.results.sky.positions import Extent
from portal.results.sky.positions import extent
from portal.results.sky.positions import find_position_columns
from portal.results.sky.positions import PositionColumns
from portal.results.sky.positions import read_positions
from portal.results.sky.projection import Projection

MANY_ROWS = 500_000  # enough to fill smaller pixels
FEW_ROWS = 20_000  # for so many, to compute is as fast as to keep


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyView:
    """The figures of a result; `extent` is None when no row has a position."""

    extent: Extent | None
    figures: Sequence[Figure]


class Sky:
    """The sky of one whole result; raises NotFoundError for one without positions."""

    def __init__(self, opened: OpenResult) -> None:
        """Find the columns of the position; nothing is read yet."""
        columns = find_position_columns(opened.columns)
        if opened.stored is None:
            raise NotFoundError("Its rows are still arriving; the sky can be seen when all are.")
        if columns is None:
            raise NotFoundError("This result has no columns of positions in degrees.")
        self._opened = opened
        self._columns: PositionColumns = columns

    def view(self) -> SkyView:
        """Return the figures of the page."""
        found = self._extent()
        if found is None:
            return SkyView(extent=None, figures=())
        positions = read_positions(self._opened, self._columns)
        dots = list(positions) if found.count <= MOST_DOTS else None
        figures = [draw_sky(dots)]
        if field := find_field(found):
            figures.append(draw_field(field, dots))
        return SkyView(extent=found, figures=figures)

    def picture(self, name: str) -> bytes:
        """Return the PNG of a figure's density; NotFoundError for a figure there is not."""
        return self._kept(f"sky-{name}.png", lambda: self._draw(self._projection(name)))

    def coverage(self, order: int, extension: str) -> bytes:
        """Return the MOC of an order as a file."""
        if not coverage.LOWEST <= order <= coverage.HIGHEST:
            raise NotFoundError(
                f"The order of a coverage is from {coverage.LOWEST} to {coverage.HIGHEST}."
            )
        if extension not in coverage.MEDIA_TYPES:
            raise NotFoundError("A coverage cannot be taken away in that format.")
        return self._kept(
            f"coverage-{order}.{extension}",
            lambda: coverage.write_coverage(
                coverage.cover(read_positions(self._opened, self._columns), order), extension
            ),
        )

    def _extent(self) -> Extent | None:
        """Return what takes two passes over all positions, and is asked for by page and picture."""

        def measured() -> bytes:
            found = extent(self._opened, self._columns)
            return json.dumps(asdict(found) if found else None).encode()

        kept = json.loads(self._kept("extent.json", measured))
        return Extent(**kept) if kept else None

    def _projection(self, name: str) -> Projection:
        if name == "sky":
            return whole_sky()
        found = self._extent() if name == "field" else None
        field = find_field(found) if found else None
        if field is None:
            raise NotFoundError("There is no such figure.")
        return field

    def _draw(self, projection: Projection) -> bytes:
        zoom = 2 if self._opened.rows >= MANY_ROWS else 1
        return draw_density(read_positions(self._opened, self._columns), projection, zoom=zoom)

    def _kept(self, file_name: str, make: Callable[[], bytes]) -> bytes:
        """Return the content of a file beside the rows, made when it is not there yet."""
        if self._opened.rows <= FEW_ROWS:
            return make()
        path = self._opened.folder / file_name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            content = make()
            with full_disk_as_transient(), replacing(path) as temporary:
                temporary.write_bytes(content)
            return content

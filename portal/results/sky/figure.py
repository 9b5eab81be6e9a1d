"""Figures of the sky as a template draws them: outline, grid, labels and dots."""

import math
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from portal.results.sky.positions import Extent
from portal.results.sky.projection import Field
from portal.results.sky.projection import Floats
from portal.results.sky.projection import Projection
from portal.results.sky.projection import WholeSky

MOST_DOTS = 2_000
LARGEST_FIELD = 40.0  # degrees; a larger one is seen well enough on the whole sky
SMALLEST_FIELD = 1 / 3600
STEPS = (30, 20, 10, 5, 2, 1, 0.5, 1 / 3, 1 / 6, 1 / 12, 1 / 30, 1 / 60, 1 / 120, 1 / 360, 1 / 720,
         1 / 3600)  # fmt: skip
FEWEST_LINES = 3
ROOM = 20  # pixels for a text
POLE = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A text beside the grid."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What an SVG shows; paths are in its own language (SVG 1.1, section 8).

    `name` is in its address. Without `dots` the density of positions is shown instead.
    """

    name: str
    title: str
    width: int
    height: int
    outline: str
    grid: str
    labels: Sequence[Label]
    dots: str | None


def whole_sky() -> WholeSky:
    """Return the projection of the figure "sky"."""
    return WholeSky()


def find_field(extent: Extent) -> Field | None:
    """Return the projection of the figure "field"; None when the whole sky shows it well."""
    radius = max(extent.radius * 1.05, SMALLEST_FIELD)
    return None if radius > LARGEST_FIELD else Field(extent.ra, extent.dec, radius)


def draw_sky(positions: Iterable[tuple[Floats, Floats]] | None) -> Figure:
    """Return the whole sky, with a dot for each position, or without dots."""
    sky = whole_sky()
    round_it = np.linspace(-90, 90, 61)
    edges = [(np.full(61, 179.9999), round_it), (np.full(61, 180.0001), round_it[::-1])]
    lines = [(np.full(61, float(ra)), round_it) for ra in range(0, 360, 30) if ra != 180]  # noqa: PLR2004
    along = np.linspace(-179.999, 179.999, 121)
    lines += [(along, np.full(121, float(dec))) for dec in range(-60, 90, 30)]
    hours = [(ra, 0.0, f"{ra // 15}h") for ra in (300, 240, 0, 60, 120)]
    degrees = [(0.0, dec, f"{dec:+d}°") for dec in (-60, -30, 30, 60)]
    return Figure(
        name="sky",
        title="The whole sky",
        width=sky.width,
        height=sky.height,
        outline=_path(sky, edges, closed=True),
        grid=_path(sky, lines),
        labels=[_label(sky, float(ra), float(dec), text) for ra, dec, text in [*hours, *degrees]],
        dots=None if positions is None else _dots(sky, positions),
    )


def draw_field(field: Field, positions: Iterable[tuple[Floats, Floats]] | None) -> Figure:
    """Return a part of the sky, with a dot for each position, or without dots."""
    size = f"{2 * field.radius:.2g}°" if field.radius >= 1 else f"{120 * field.radius:.2g}'"
    lines, labels = _grid(field)
    return Figure(
        name="field",
        title=f"The field, {size} wide",
        width=field.width,
        height=field.height,
        outline=f"M0 0h{field.width}v{field.height}h{-field.width}z",
        grid=_path(field, lines),
        labels=labels,
        dots=None if positions is None else _dots(field, positions),
    )


def _grid(field: Field) -> tuple[list[tuple[Floats, Floats]], list[Label]]:
    """Return lines of equal right ascension and declination, at round values, with labels."""
    top = min(POLE, field.dec + 1.5 * field.radius)
    bottom = max(-POLE, field.dec - 1.5 * field.radius)
    narrowest = math.cos(math.radians(max(abs(top), abs(bottom))))
    around = 1.5 * field.radius / narrowest if narrowest > field.radius / 120 else 180.0
    has_pole = around >= 180  # noqa: PLR2004 - every meridian is in it
    widest = 180.0 if has_pole else around
    dec_step, ra_step = _step(field.radius), _step(widest * (1 if has_pole else 0.66))
    parallels = [
        (np.linspace(field.ra - widest, field.ra + widest, 181), np.full(181, dec), dec)
        for dec in _multiples(bottom, top, dec_step)
    ]
    meridians = [
        (np.full(181, ra), np.linspace(bottom, top, 181), ra)
        for ra in _multiples(field.ra - widest, field.ra + widest, ra_step)
    ]
    labels = [
        *(_beside(field, ra, dec, sexagesimal(at, sign=True)) for ra, dec, at in parallels),
        *(
            _below(field, ra, dec, sexagesimal(at % 360 / 15, hours=True))
            for ra, dec, at in meridians
        ),
    ]
    lines = [(ra, dec) for ra, dec, _ in (*parallels, *meridians)]
    return lines, [label for label in labels if label is not None]


def _beside(field: Field, ra: Floats, dec: Floats, text: str) -> Label | None:
    """Return a label where a line comes in from the left; None where it has no room."""
    x, y = field.project(ra, dec)
    seen = np.flatnonzero((x >= 0) & (x < field.width / 2) & (y > ROOM) & (y < field.height - ROOM))
    if not len(seen):
        return None
    at = seen[np.argmin(x[seen])]
    return Label(x=round(float(x[at]) + 4, 1), y=round(float(y[at]) - 3, 1), text=text)


def _below(field: Field, ra: Floats, dec: Floats, text: str) -> Label | None:
    """Return a label where a line goes out at the bottom; None where it has no room."""
    x, y = field.project(ra, dec)
    seen = np.flatnonzero((y <= field.height) & (x > 3 * ROOM) & (x < field.width - 2 * ROOM))
    if not len(seen) or y[seen].max() < field.height - ROOM:
        return None
    at = seen[np.argmax(y[seen])]
    return Label(x=round(float(x[at]) + 3, 1), y=field.height - 5, text=text)


def sexagesimal(value: float, *, sign: bool = False, hours: bool = False) -> str:
    """Return degrees as 12°30'00" or hours as 12h30m00s, without parts that are nought."""
    units = ("h", "m", "s") if hours else ("°", "'", '"')
    places = 1 if hours else 0
    seconds = round(abs(value) * 3600, places)
    whole, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    text = f"{int(whole)}{units[0]}"
    if minutes or rest:
        text += f"{int(minutes):02d}{units[1]}"
    if rest:
        text += f"{rest:0{3 + places if places else 2}.{places}f}".removesuffix(".0") + units[2]
    return (("-" if value < 0 else "+") if sign and seconds else "") + text


def _step(half_width: float) -> float:
    return next((step for step in STEPS if 2 * half_width / step >= FEWEST_LINES), STEPS[-1])


def _multiples(start: float, end: float, step: float) -> list[float]:
    first, last = math.ceil(start / step), math.floor(end / step)
    return [step * number for number in range(first, last + 1)]


def _path(
    projection: Projection, lines: Iterable[tuple[Floats, Floats]], *, closed: bool = False
) -> str:
    parts: list[str] = []
    for ra, dec in lines:
        x, y = projection.project(np.asarray(ra, float), np.asarray(dec, float))
        points = "L".join(f"{one:.1f} {other:.1f}" for one, other in zip(x, y, strict=True))
        parts.append(("L" if closed and parts else "M") + points)
    return "".join(parts) + ("z" if closed else "")


def _dots(projection: Projection, positions: Iterable[tuple[Floats, Floats]]) -> str:
    parts: list[str] = []
    for ra, dec in positions:
        x, y = projection.project(ra, dec)
        parts += [f"M{one:.1f} {other:.1f}h0" for one, other in zip(x, y, strict=True)]
    return "".join(parts)


def _label(sky: WholeSky, ra: float, dec: float, text: str) -> Label:
    x, y = sky.project(np.array([ra]), np.array([dec]))
    return Label(x=round(float(x[0]) + 3, 1), y=round(float(y[0]) - 3, 1), text=text)

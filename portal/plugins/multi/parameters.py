"""What a search of all archives is asked: one place or several, how wide, when, and of whom."""

import math
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator
from pydantic import Field

from portal.parameters import Interval
from portal.parameters import parameter
from portal.parameters import Position
from portal.parameters import QueryParameters
from portal.parameters import read_band
from portal.parameters import read_time
from portal.plugins.cone import Cone

WIDEST = 90
MOST_PLACES = 50
MOST_ARCHIVES = 100
MOST_ROWS = 1_000_000


def _checked(read: Callable[[str], Interval]) -> Callable[[str], str]:
    def check(text: str) -> str:
        read(text)
        return text

    return check


class MultiParameters(QueryParameters):
    """Where, how wide, when, and which archives."""

    position: Position = parameter(
        title="Position",
        description="Coordinates in any notation, or the name of an object",
        placeholder="187.70 12.39, 12:30:49 +12:23:28 or M 87",
        ucd="pos.eq",
    )
    name: str | None = parameter(
        None, title="Name", description="Of what is there", widget="hidden", max_length=200
    )
    positions: list[Position] = parameter(
        [],
        title="More positions",
        description="Each archive is asked about each of them",
        max_length=MOST_PLACES - 1,
    )
    names: list[Annotated[str, Field(max_length=200)]] = parameter(
        [],
        title="Names of more positions",
        description="What is there, in the order of the positions",
        widget="hidden",
        max_length=MOST_PLACES - 1,
    )
    radius: float = parameter(
        0.1, title="Radius", unit="deg", ucd="pos.angDistance", gt=0, le=WIDEST
    )
    band: Annotated[str, Field(max_length=200), AfterValidator(_checked(read_band))] | None = (
        parameter(
            None,
            title="Band",
            description="A wavelength, frequency or energy, or two for an interval",
            placeholder="21 cm, 400 700 nm or > 2 keV",
            ucd="em.wl",
        )
    )
    time: Annotated[str, Field(max_length=200), AfterValidator(_checked(read_time))] | None = (
        parameter(
            None,
            title="Time",
            description="A day, or an interval; ISO dates in UTC, or MJD",
            placeholder="2019-07-01 2019-12-31",
            ucd="time",
        )
    )
    archives: list[Annotated[str, Field(max_length=200)]] = parameter(
        [],
        title="Archives and data sets",
        description="Such as astron or astron/lotss-dr1; without any, all that can answer",
        max_length=MOST_ARCHIVES,
    )
    rows: int = parameter(1_000, title="Rows of each", description="At most", ge=1, le=MOST_ROWS)

    @property
    def places(self) -> list[str]:
        """Every position, each once."""
        return list(dict.fromkeys([self.position, *self.positions]))

    def called(self, place: str) -> str:
        """Return what a position is called."""
        if self.name and place == self.position:
            return self.name
        return dict(zip(self.positions, self.names, strict=False)).get(place, place)


def cone_of(parameters: MultiParameters, ra: float, dec: float) -> Cone:
    """Return what is asked for, around a place in ICRS degrees."""
    return Cone(
        ra=ra,
        dec=dec,
        radius=parameters.radius,
        band=_open(read_band(parameters.band), least=0.0) if parameters.band else None,
        time=_open(read_time(parameters.time), least=-math.inf) if parameters.time else None,
    )


def _open(interval: Interval, *, least: float) -> tuple[float | None, float | None]:
    low, high = interval
    return None if low == least else low, None if high == math.inf else high

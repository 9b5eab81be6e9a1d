"""The fields and rules that the forms of these protocols share."""

from typing import Annotated
from typing import Any
from typing import Self

from pydantic import AfterValidator
from pydantic import Field
from pydantic import model_validator

from portal.plugins import OfFieldError
from portal.plugins import parameter
from portal.plugins import QueryParameters
from portal.plugins import read_band
from portal.plugins import read_time
from portal_vo.positional.values import AngleUnit
from portal_vo.positional.values import BandUnit
from portal_vo.positional.values import checked
from portal_vo.positional.values import read_extra
from portal_vo.positional.values import read_interval
from portal_vo.positional.values import to_degrees

MOST_TEXT = 2_000
WHOLE_SKY = 180
TABLES = (
    "text/csv",
    "application/x-votable+xml",
    "text/plain",
    "text/tab-separated-values",
    ".csv",
    ".ecsv",
    ".txt",
    ".vot",
    ".xml",
)
Interval = Annotated[str, Field(max_length=200), AfterValidator(checked(read_interval))]
Time = Annotated[str, Field(max_length=200), AfterValidator(checked(read_time))]
Extra = Annotated[str, Field(max_length=MOST_TEXT), AfterValidator(checked(read_extra))]
Word = Annotated[str, Field(max_length=500)]


class PositionalParameters(QueryParameters):
    """Parameters with a position, or a file of them."""

    @model_validator(mode="after")
    def _has_one_way_to_say_where(self) -> Self:
        given = [name for name in ("position", "region", "positions") if getattr(self, name, None)]
        if len(given) > 1:
            raise ValueError(f"give {' or '.join(given)}, not both")
        return self


def access_url_field(protocol: str, example: str) -> Any:
    """Return the address of the service."""
    return parameter(
        title="Service",
        description=f"Address of a {protocol} service, as the registry gives it",
        placeholder=example,
    )


def position_field() -> Any:
    """Return the position, which may be left out where a file has positions."""
    return parameter(
        None,
        title="Position",
        description="Coordinates in any notation, or the name of an object",
        placeholder="187.70 12.39, 12:30:49 +12:23:28 or M 87",
        ucd="pos.eq",
    )


def positions_field() -> Any:
    """Return the file of positions."""
    return parameter(
        None,
        title="Or a file of positions",
        description=(
            "A VOTable, CSV or ECSV table with positions or names, or a line of text for each. "
            "The service is asked once for each, and a column says which row is of which."
        ),
        accept=TABLES,
    )


def radius_field() -> Any:
    """Return the radius around the position, in the unit beside it."""
    return parameter(
        0.1, title="Radius", description="Around the position", ucd="pos.angDistance", ge=0
    )


def check_radius(radius: float, unit: AngleUnit) -> None:
    """Refuse a radius that is more than the whole sky; raises ValueError."""
    if to_degrees(radius, unit) > WHOLE_SKY:
        raise OfFieldError("radius", "is at most 180 degrees")


def check_band(band: str, unit: BandUnit) -> None:
    """Refuse a band that is none in that unit; raises ValueError."""
    try:
        read_band(band, unit)
    except ValueError as error:
        raise OfFieldError("band", str(error)) from error


def band_field(placeholder: str) -> Any:
    """Return a place in the spectrum or an interval of it, with or without a unit."""
    return parameter(
        None,
        title="Band",
        description="A wavelength, frequency or energy, or two for an interval",
        placeholder=placeholder,
        ucd="em",
    )


def band_unit_field() -> Any:
    """Return the unit of a band that has none."""
    return parameter("m", title="Unit of the band, where it has none")


def unit_field(title: str) -> Any:
    """Return the unit of an angle."""
    return parameter("deg", title=title)


def interval_field(title: str, description: str, *, unit: str | None = None, ucd: str) -> Any:
    """Return a number or an interval of numbers."""
    return parameter(
        None, title=title, description=f"{description}: 10, 1 10, > 1 or < 10", unit=unit, ucd=ucd
    )


def time_field() -> Any:
    """Return a time or an interval of times."""
    return parameter(
        None,
        title="Time",
        description="A day, or an interval; ISO dates in UTC, or MJD",
        placeholder="2019-07-01 2019-12-31",
        ucd="time",
    )


def word_field(title: str, description: str = "", *, placeholder: str | None = None) -> Any:
    """Return a text that is passed on."""
    return parameter(None, title=title, description=description, placeholder=placeholder)


def extra_field() -> Any:
    """Return the parameters that only this service has."""
    return parameter(
        "",
        title="Further parameters",
        description="What only this service has: NAME=value, a line for each",
        widget="textarea",
    )

"""The fields for a place on the sky, in forms that are described."""

import math
from typing import Annotated
from typing import Self

from pydantic import AfterValidator
from pydantic import create_model
from pydantic import Field
from pydantic import model_validator

from portal.plugins import Cone
from portal.plugins import Described
from portal.plugins import OfFieldError
from portal.plugins import parameter
from portal.plugins import Position
from portal.plugins import QueryParameters
from portal.plugins import read_band
from portal.plugins import Upload
from portal_vo.positional.parameters import position_field
from portal_vo.positional.parameters import PositionalParameters
from portal_vo.positional.parameters import positions_field
from portal_vo.positional.parameters import radius_field
from portal_vo.positional.parameters import Time
from portal_vo.positional.parameters import time_field
from portal_vo.positional.parameters import unit_field
from portal_vo.positional.parameters import WHOLE_SKY
from portal_vo.positional.values import AngleUnit
from portal_vo.positional.values import checked
from portal_vo.positional.values import read_interval
from portal_vo.positional.values import to_degrees
from portal_vo.positional.values import write_number


def _read_finite(text: str) -> None:
    low, high = read_interval(text)
    if low == math.inf or high == -math.inf:
        raise ValueError("write finite numbers")


FiniteInterval = Annotated[str, Field(max_length=200), AfterValidator(checked(_read_finite))]
Band = Annotated[
    str, Field(max_length=200), AfterValidator(checked(lambda text: read_band(text, "m")))
]


class RadiusDescription(Described):
    """How far around a position people look, in degrees: to begin with, and at most."""

    radius: float = Field(0.1, ge=0, le=WHOLE_SKY)
    maximum: float = Field(WHOLE_SKY, gt=0, le=WHOLE_SKY)


class NearParameters(QueryParameters):
    """A position and a radius."""

    position: Position | None = position_field()
    radius: float = radius_field()
    radius_unit: AngleUnit = unit_field("Unit of the radius")


class NearOneOrMany(NearParameters, PositionalParameters):
    """A position, or a file of them, and a radius."""

    positions: Upload | None = positions_field()


class NearSomewhere(NearOneOrMany):
    """A position, or a file of them: the protocol has no other question."""

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if not (self.position or self.positions):
            raise OfFieldError("position", "give a position, or a file of positions")
        return self


class NearWithBand(NearOneOrMany):
    """A position, or a file of them, a radius, a band and a time."""

    band: Band | None = parameter(
        None,
        title="Band",
        description="A wavelength, frequency or energy with its unit, or two for an interval",
        placeholder="1.2 1.6 GHz",
        ucd="em",
    )
    time: Time | None = time_field()


class NearRequired(NearParameters):
    """A position, without which the service is not asked, and a radius."""

    position: Position = parameter(
        title="Position",
        description="Coordinates in any notation, or the name of an object",
        placeholder="187.70 12.39, 12:30:49 +12:23:28 or M 87",
        ucd="pos.eq",
    )


def near_model(base: type[NearParameters], described: RadiusDescription) -> type[QueryParameters]:
    """Return the fields of `base` with the radius that is described."""

    class Near(base):  # type: ignore[valid-type, misc]
        @model_validator(mode="after")
        def _is_not_too_wide(self) -> Self:
            if to_degrees(self.radius, self.radius_unit) > described.maximum:
                raise OfFieldError("radius", f"is at most {described.maximum:g} degrees")
            return self

    radius = parameter(
        described.radius,
        title="Radius",
        description="Around the position",
        ucd="pos.angDistance",
        ge=0,
    )
    return create_model("Near", __base__=Near, radius=(float, radius))


def cone_strings(cone: Cone) -> dict[str, str]:
    """Return a cone as these fields hold it."""
    return {
        "position": f"{cone.ra:.9f} {cone.dec:+.9f}",
        "radius": write_number(cone.radius),
        "radius_unit": "deg",
    }


def band_string(band: tuple[float | None, float | None]) -> str:
    """Return a band in metres as a field holds it; empty when it has no end."""
    text = _interval(band)
    return f"{text} m" if text else ""


def time_string(time: tuple[float | None, float | None]) -> str:
    """Return a span of time in MJD as a field holds it; empty when it has no end."""
    return _interval(time)


def _interval(interval: tuple[float | None, float | None]) -> str:
    low, high = interval
    if low is None and high is None:
        return ""
    if low is None:
        return f"< {write_number(high)}" if high is not None else ""
    if high is None:
        return f"> {write_number(low)}"
    return f"{write_number(low)} {write_number(high)}"

"""Simple Image Access 1.0: images that cover, or lie in, a box on the sky."""

from typing import Literal
from typing import Self

from pydantic import model_validator

from portal.plugins import Choice
from portal.plugins import Example
from portal.plugins import OfFieldError
from portal.plugins import parameter
from portal.plugins import Position
from portal.plugins import ServiceUrl
from portal.plugins import Upload
from portal_vo.positional.addresses import Pairs
from portal_vo.positional.items import ImageItems
from portal_vo.positional.parameters import access_url_field
from portal_vo.positional.parameters import Extra
from portal_vo.positional.parameters import extra_field
from portal_vo.positional.parameters import position_field
from portal_vo.positional.parameters import PositionalParameters
from portal_vo.positional.parameters import positions_field
from portal_vo.positional.parameters import unit_field
from portal_vo.positional.parameters import Word
from portal_vo.positional.parameters import word_field
from portal_vo.positional.query import Where
from portal_vo.positional.values import AngleUnit
from portal_vo.positional.values import to_degrees
from portal_vo.positional.values import write_number

WIDEST = 360
TALLEST = 180
INTERSECT = (
    Choice(value="COVERS", title="The image covers the whole box"),
    Choice(value="ENCLOSED", title="The image lies in the box"),
    Choice(value="CENTER", title="The image covers the position"),
    Choice(value="OVERLAPS", title="The image overlaps the box"),
)


class Sia1Parameters(PositionalParameters):
    """A service and a box (SIA 1.0, section 4.1)."""

    access_url: ServiceUrl = access_url_field("SIA 1", "https://archive.example.org/sia?")
    position: Position | None = position_field()
    size: float = parameter(
        0.2, title="Width of the box", description="From side to side", ucd="pos.angDistance", ge=0
    )
    size_dec: float | None = parameter(
        None,
        title="Height of the box",
        description="When it is not a square",
        ucd="pos.angDistance",
        ge=0,
    )
    size_unit: AngleUnit = unit_field("Unit of the size")
    intersect: Literal["COVERS", "ENCLOSED", "CENTER", "OVERLAPS"] | None = parameter(
        None, title="Which images"
    )
    format: Word | None = word_field(
        "Format", "ALL, GRAPHIC, METADATA, or media types", placeholder="image/fits"
    )
    verbosity: Literal["0", "1", "2", "3"] | None = parameter(None, title="Columns")
    positions: Upload | None = positions_field()
    extra: Extra = extra_field()

    @model_validator(mode="after")
    def _is_a_box(self) -> Self:
        if not (self.position or self.positions or self.format == "METADATA"):
            raise OfFieldError("position", "give a position, or a file of positions")
        if to_degrees(self.size, self.size_unit) > WIDEST:
            raise OfFieldError("size", "is at most 360 degrees")
        if to_degrees(self.size_dec or 0, self.size_unit) > TALLEST:
            raise OfFieldError("size_dec", "is at most 180 degrees")
        return self


class Sia1Query(ImageItems):
    """Ask an image service of the first version."""

    id = "query.sia1"
    title = "Query images (SIA 1)"
    description = "Ask any Simple Image Access 1 service of the Virtual Observatory."
    documentation_url = "https://www.ivoa.net/documents/SIA/20091116/"
    Parameters = Sia1Parameters
    protocol = "SIA 1"
    examples = (
        Example(
            title="Images around M 101",
            parameters={"position": "M 101", "size": "10", "size_unit": "arcmin"},
        ),
    )

    def choices(self, field_name: str) -> tuple[Choice, ...]:
        """Return the ways to meet the box in words."""
        return INTERSECT if field_name == "intersect" else ()

    def maxrec(self, parameters: Sia1Parameters, limit: int) -> int | None:
        """Send what the user gave: SIA 1.0 has no MAXREC, and many services know it."""
        return parameters.maxrec

    def request(self, parameters: Sia1Parameters, where: Where | None) -> Pairs:
        """Return POS and SIZE in degrees, and what else was chosen."""
        unit = parameters.size_unit
        sizes = [parameters.size, *([parameters.size_dec] if parameters.size_dec else [])]
        size = ",".join(write_number(to_degrees(one, unit)) for one in sizes)
        pairs = [("POS", ",".join(where)), ("SIZE", size)] if where else []
        chosen = (
            ("INTERSECT", parameters.intersect),
            ("FORMAT", parameters.format),
            ("VERB", parameters.verbosity),
        )
        return [*pairs, *((name, value) for name, value in chosen if value)]

"""Simple Cone Search 1.03: the rows of a catalogue near a position."""

from typing import Literal
from typing import Self

from pydantic import model_validator

from portal.plugins import Choice
from portal.plugins import Example
from portal.plugins import JobContext
from portal.plugins import OfFieldError
from portal.plugins import parameter
from portal.plugins import Position
from portal.plugins import ResultTable
from portal.plugins import ServiceUrl
from portal.plugins import Upload
from portal_vo.positional.addresses import Pairs
from portal_vo.positional.parameters import access_url_field
from portal_vo.positional.parameters import check_radius
from portal_vo.positional.parameters import Extra
from portal_vo.positional.parameters import extra_field
from portal_vo.positional.parameters import position_field
from portal_vo.positional.parameters import PositionalParameters
from portal_vo.positional.parameters import positions_field
from portal_vo.positional.parameters import unit_field
from portal_vo.positional.query import PositionalQuery
from portal_vo.positional.query import Where
from portal_vo.positional.values import AngleUnit
from portal_vo.positional.values import to_degrees
from portal_vo.positional.values import write_number

VERBOSITY = (
    Choice(value="1", title="Few columns"),
    Choice(value="2", title="The usual columns"),
    Choice(value="3", title="All columns"),
)


class ConeParameters(PositionalParameters):
    """A service, a position and a radius (SCS's RA, DEC, SR and VERB)."""

    access_url: ServiceUrl = access_url_field(
        "Cone Search", "https://vizier.cds.unistra.fr/viz-bin/conesearch/I/355/gaiadr3?"
    )
    position: Position | None = position_field()
    radius: float = parameter(
        0.1,
        title="Radius",
        description="0 asks for the columns only, 180 degrees for the whole sky",
        ucd="pos.angDistance",
        ge=0,
    )
    radius_unit: AngleUnit = unit_field("Unit of the radius")
    verbosity: Literal["1", "2", "3"] | None = parameter(None, title="Columns")
    positions: Upload | None = positions_field()
    extra: Extra = extra_field()

    @model_validator(mode="after")
    def _is_a_cone(self) -> Self:
        if not (self.position or self.positions):
            raise OfFieldError("position", "give a position, or a file of positions")
        check_radius(self.radius, self.radius_unit)
        return self


class ConeQuery(PositionalQuery):
    """Ask a Cone Search service."""

    id = "query.scs"
    aliases = ("query.conesearch",)
    title = "Query a catalogue by position"
    description = "Ask any Cone Search service of the Virtual Observatory for what is near a place."
    documentation_url = "https://www.ivoa.net/documents/ConeSearch/"
    Parameters = ConeParameters
    protocol = "Cone Search"
    examples = (
        Example(
            title="Gaia DR3 around the Pleiades",
            parameters={
                "access_url": "https://vizier.cds.unistra.fr/viz-bin/conesearch/I/355/gaiadr3?",
                "position": "M 45",
                "radius": "5",
                "radius_unit": "arcmin",
            },
        ),
    )

    def choices(self, field_name: str) -> tuple[Choice, ...]:
        """Return the verbosity in words."""
        return VERBOSITY if field_name == "verbosity" else ()

    def maxrec(self, parameters: ConeParameters, limit: int) -> int | None:
        """Send what the user gave: SCS 1.03 has no MAXREC, and many services know it."""
        return parameters.maxrec

    def request(self, parameters: ConeParameters, where: Where | None) -> Pairs:
        """Return RA, DEC and SR, and VERB if it was chosen (SCS 1.03, section 2.1)."""
        ra, dec = where or ("", "")
        radius = to_degrees(parameters.radius, parameters.radius_unit)
        pairs = [("RA", ra), ("DEC", dec), ("SR", write_number(radius))]
        return [*pairs, ("VERB", parameters.verbosity)] if parameters.verbosity else pairs

    def run(self, parameters: ConeParameters, context: JobContext) -> ResultTable:
        """Ask; a radius of nothing is a question for the columns (SCS 1.03, section 2.1)."""
        if parameters.radius == 0:
            context.log("With a radius of 0 a service tells its columns, and no rows")
        return super().run(parameters, context)

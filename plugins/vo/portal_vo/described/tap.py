"""Described queries to a table of a TAP service: a form that becomes ADQL."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from requests import Session

from portal.plugins import Cone
from portal.plugins import DescribedPath
from portal.plugins import DescribedQuery
from portal.plugins import Faults
from portal.plugins import find_coordinates
from portal.plugins import form_model
from portal.plugins import JobContext
from portal.plugins import Protocol
from portal.plugins import Query
from portal.plugins import QueryLink
from portal.plugins import QueryParameters
from portal.plugins import quote_literal
from portal.plugins import ResultTable
from portal.plugins import Snippet
from portal_vo.availability import availability_link
from portal_vo.connector import TapService
from portal_vo.described.adql import build_adql
from portal_vo.described.adql import circle_condition
from portal_vo.described.named import missing_names
from portal_vo.described.near import Band
from portal_vo.described.near import band_string
from portal_vo.described.near import cone_strings
from portal_vo.described.near import FiniteInterval
from portal_vo.described.near import near_model
from portal_vo.described.near import NearParameters
from portal_vo.described.near import NearRequired
from portal_vo.described.near import time_string
from portal_vo.described.tap_description import TapDescription
from portal_vo.positional.parameters import Time
from portal_vo.positional.values import to_degrees
from portal_vo.tap import TapParameters
from portal_vo.tap import TapQuery

TYPES = {"interval": FiniteInterval, "time": Time, "band": Band}
UNKNOWN = ("{ra}", "{dec}")


class TapProtocol(Protocol):
    """Tables of TAP services (TAP 1.1)."""

    id = "tap"
    Description = TapDescription

    def query(self, query_id: str, description: TapDescription) -> Query:
        """Return the query; raises DescriptionError."""
        faults = Faults()
        for index, field in enumerate(description.fields):
            for key, message in field.faults():
                faults.add("fields", index, key, message=message)
        base: type[QueryParameters] = QueryParameters
        if description.cone is not None:
            kind = NearRequired if description.cone.required else NearParameters
            base = near_model(kind, description.cone)
        model = form_model(description.fields, types=TYPES, base=base, faults=faults)
        return DescribedTap(query_id, description, model)

    def health(self, description: TapDescription) -> QueryLink:
        """Return the query for the service's availability."""
        return availability_link(description.access_url, "tap")


class DescribedTap(DescribedQuery):
    """Asks one table of a TAP service."""

    described: TapDescription

    def text(self, parameters: Any) -> str:
        """Return the ADQL, with {ra} and {dec} for the position of a name."""
        known = self._adql(parameters)
        if known is not None:
            return known
        circle = self._circle(parameters, *UNKNOWN)
        adql = build_adql(self.described, self.given(parameters), circle)
        return f"-- {{ra}}, {{dec}}: the position of {parameters.position}\n{adql}"

    def service(self, parameters: Any) -> str:
        """Return what was described."""
        return self.described.access_url

    def place(self, parameters: Any) -> str:
        """Return the position, where the form has one."""
        position = self._position(parameters)
        return f"around {position}" if position else ""

    def _position(self, parameters: Any) -> str | None:
        """Return the position; without a cone, a field of that name is one like any other."""
        position: str | None = parameters.position if self.described.cone else None
        return position

    def in_adql(self, parameters: Any) -> QueryLink | None:
        """Return the same query in the editor, where no name is to be looked up."""
        adql = self._adql(parameters)
        if adql is None:
            return None
        values: dict[str, str | list[str]] = {
            "access_url": self.described.access_url,
            "query": adql,
            "mode": self.described.mode,
        }
        if parameters.maxrec is not None:
            values["maxrec"] = str(parameters.maxrec)
        return QueryLink(query_id=TapQuery.id, parameters=values)

    def code(self, parameters: Any, *, maxrec: int) -> Sequence[Snippet]:
        """Return the same query for pyvo, curl and STILTS."""
        adql = self._adql(parameters)
        if adql is None:
            return ()
        return TapQuery().code(self._tap(adql), maxrec=maxrec)

    def from_cone(self, cone: Cone) -> Mapping[str, str | list[str]] | None:
        """Return the form for what is in the cone, by fields of the types band and time."""
        widest = self.widest()
        described = self.described.cone
        if widest is None or described is None or cone.radius > described.maximum:
            return None
        asked: dict[str, str | list[str]] = {**widest, **cone_strings(cone)}
        for kind, wanted in (("band", cone.band), ("time", cone.time)):
            if wanted is None or wanted == (None, None):
                continue
            field = next((one for one in self.described.fields if one.type == kind), None)
            if field is None:
                return None
            asked[field.name] = band_string(wanted) if kind == "band" else time_string(wanted)
        return asked

    def run(self, parameters: Any, context: JobContext) -> ResultTable:
        """Ask the service, as any query in ADQL."""
        adql = self._adql(parameters)
        if adql is None:
            found = context.resolve(parameters.position)
            adql = self._adql(parameters, (found.ra, found.dec))
        return self.with_meanings(TapQuery().run(self._tap(adql or ""), context))

    def missing_at_service(self, http: Session) -> Iterable[tuple[DescribedPath, str]]:
        """Go through the tables and columns that TAP_SCHEMA has not."""
        return missing_names(self.described, TapService(http, self.described.access_url))

    def _tap(self, adql: str) -> TapParameters:
        return TapParameters.model_construct(
            access_url=self.described.access_url, query=adql, mode=self.described.mode
        )

    def _adql(self, parameters: Any, found: tuple[float, float] | None = None) -> str | None:
        """Return the query; None while it has a name whose position was not found."""
        position = self._position(parameters)
        if not position:
            return build_adql(self.described, self.given(parameters), None)
        where = found or find_coordinates(position)
        if where is None:
            return None
        circle = self._circle(parameters, *map(quote_literal, where))
        return build_adql(self.described, self.given(parameters), circle)

    def _circle(self, parameters: Any, ra: str, dec: str) -> str | None:
        if self.described.cone is None:
            return None
        radius = to_degrees(parameters.radius, parameters.radius_unit)
        return circle_condition(self.described.cone, ra, dec, radius)

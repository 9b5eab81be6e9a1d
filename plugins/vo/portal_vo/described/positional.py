"""Described queries to services that are asked by position: SCS, SIA 1 and 2, SSA."""

import re
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Annotated
from typing import Any

from pydantic import AfterValidator
from pydantic import Field

from portal.plugins import Column
from portal.plugins import Cone
from portal.plugins import DataItem
from portal.plugins import DescribedQuery
from portal.plugins import Faults
from portal.plugins import FieldDescription
from portal.plugins import form_model
from portal.plugins import JobContext
from portal.plugins import Line
from portal.plugins import Protocol
from portal.plugins import Query
from portal.plugins import QueryDescription
from portal.plugins import QueryLink
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import Scalar
from portal.plugins import Snippet
from portal_vo.availability import availability_link
from portal_vo.described.near import band_string
from portal_vo.described.near import cone_strings
from portal_vo.described.near import near_model
from portal_vo.described.near import NearOneOrMany
from portal_vo.described.near import NearSomewhere
from portal_vo.described.near import NearWithBand
from portal_vo.described.near import RadiusDescription
from portal_vo.described.near import time_string
from portal_vo.positional.addresses import request_url
from portal_vo.positional.query import PositionalQuery
from portal_vo.positional.scs import ConeQuery
from portal_vo.positional.sia1 import Sia1Query
from portal_vo.positional.sia2 import Sia2Query
from portal_vo.positional.ssa import SsaQuery
from portal_vo.positional.values import write_number

PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")
OURS = frozenset(
    {"ra", "dec", "sr", "pos", "size", "band", "time", "request", "maxrec", "responseformat"}
)
WITH_BAND = (Sia2Query, SsaQuery)
WITHOUT_LISTS = (SsaQuery,)


def _parameter(name: str) -> str:
    if not PARAMETER.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a parameter")
    if name.casefold() in OURS:
        raise ValueError(f"the portal itself sends {name.upper()}")
    return name


ParameterName = Annotated[Line, AfterValidator(_parameter)]


class SentField(FieldDescription):
    """A field, and the parameter of the service that its value is sent as."""

    parameter: ParameterName
    ticked: Line = "true"


class PositionalDescription(QueryDescription):
    """A query to a service that is asked by position."""

    fields: Sequence[SentField] = Field([], max_length=100)
    parameters: dict[ParameterName, Scalar] = Field({})
    cone: RadiusDescription = RadiusDescription()


class PositionalProtocol(Protocol):
    """One of the protocols by position; `kind` is the query to any service of it."""

    Description = PositionalDescription

    def __init__(self, protocol_id: str, kind: PositionalQuery) -> None:
        """Take the id that descriptions use."""
        self.id = protocol_id
        self._kind = kind

    def query(self, query_id: str, description: PositionalDescription) -> Query:
        """Return the query; raises DescriptionError."""
        faults = Faults()
        for index, field in enumerate(description.fields):
            if field.type == "choices" and isinstance(self._kind, WITHOUT_LISTS):
                message = f"a parameter of {self._kind.protocol} has one value"
                faults.add("fields", index, "type", message=message)
        base = near_model(self._base(), description.cone)
        model = form_model(description.fields, types={}, base=base, faults=faults)
        return DescribedPositional(query_id, description, model, self._kind)

    def health(self, description: PositionalDescription) -> QueryLink:
        """Return the least question that the service must answer."""
        return availability_link(description.access_url, self.id)

    def _base(self) -> type[NearOneOrMany]:
        return NearWithBand if isinstance(self._kind, WITH_BAND) else NearSomewhere


class DescribedPositional(DescribedQuery):
    """Asks one service with the query to any service of its protocol."""

    described: PositionalDescription

    def __init__(
        self,
        query_id: str,
        description: PositionalDescription,
        parameters: type[QueryParameters],
        kind: PositionalQuery,
    ) -> None:
        """Take over what was described, and how its protocol is spoken."""
        super().__init__(query_id, description, parameters)
        self._kind = kind

    def text(self, parameters: Any) -> str:
        """Return the URL, with {ra} and {dec} for what is looked up or read later."""
        return self._kind.text(self._asked(parameters))

    def service(self, parameters: Any) -> str:
        """Return what was described."""
        return self.described.access_url

    def place(self, parameters: Any) -> str:
        """Return the position, or that there is a file of them."""
        if parameters.positions:
            return "for a file of positions"
        return f"around {parameters.position}" if parameters.position else ""

    def code(self, parameters: Any, *, maxrec: int) -> Sequence[Snippet]:
        """Return how to ask the same, where all of it is known before the job runs."""
        return self._kind.code(self._asked(parameters), maxrec=maxrec)

    def from_cone(self, cone: Cone) -> Mapping[str, str | list[str]] | None:
        """Return the form for what is in the cone."""
        widest = self.widest()
        if widest is None or cone.radius > self.described.cone.maximum:
            return None
        band = band_string(cone.band) if cone.band else ""
        time = time_string(cone.time) if cone.time else ""
        if (band or time) and not isinstance(self._kind, WITH_BAND):
            return None
        more = {name: text for name, text in (("band", band), ("time", time)) if text}
        return {**widest, **cone_strings(cone), **more}

    def run(self, parameters: Any, context: JobContext) -> ResultTable:
        """Ask once, or once for each position of the file."""
        return self.with_meanings(self._kind.run(self._asked(parameters), context))

    def known_items(
        self, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]
    ) -> list[DataItem]:
        """Return items as for any service of this protocol."""
        return self._kind.to_items(columns, rows)

    def _asked(self, parameters: Any) -> Any:
        """Return the parameters of the query to any service; ours are part of its address."""
        pairs = [*self._fixed(parameters), *self._sent(parameters)]
        names = ("position", "positions", "maxrec")
        own: dict[str, Any] = {name: getattr(parameters, name) for name in names}
        if isinstance(self._kind, Sia1Query):
            own |= {"size": 2 * parameters.radius, "size_unit": parameters.radius_unit}
        else:
            own |= {"radius": parameters.radius, "radius_unit": parameters.radius_unit}
        if isinstance(self._kind, WITH_BAND):
            own |= {"band": parameters.band, "time": parameters.time}
        # What was valid in this form is valid there; only the address may be longer.
        own["access_url"] = request_url(self.described.access_url, pairs)
        return self._kind.Parameters.model_construct(**own)

    def _fixed(self, parameters: Any) -> Iterable[tuple[str, str]]:
        """Go through what is always sent, unless a field says otherwise."""
        said = {name.casefold() for name, _ in self._sent(parameters)}
        for name, value in self.described.parameters.items():
            if name.casefold() not in said:
                yield name, _written(value)

    def _sent(self, parameters: Any) -> Iterable[tuple[str, str]]:
        for field, value in self.given(parameters):
            for one in value if isinstance(value, list) else [value]:
                yield field.parameter, field.ticked if one is True else _written(one)


def _written(value: Any) -> str:
    return write_number(value) if isinstance(value, float) else str(value)


def positional_protocols(most_positions: int) -> list[Protocol]:
    """Return the protocols by position, each under the name that descriptions use."""
    return [
        PositionalProtocol("scs", ConeQuery(most_positions=most_positions)),
        PositionalProtocol("sia1", Sia1Query(most_positions=most_positions)),
        PositionalProtocol("sia2", Sia2Query(most_positions=most_positions)),
        PositionalProtocol("ssa", SsaQuery(most_positions=most_positions)),
    ]

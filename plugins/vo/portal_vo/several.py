"""The same question to several services at once: one job for each, and their rows in one table."""

from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any
from typing import Self

from pydantic import model_validator

from portal.plugins import Adql
from portal.plugins import Column
from portal.plugins import EndedQuery
from portal.plugins import JobContext
from portal.plugins import merge_parts
from portal.plugins import parameter
from portal.plugins import PartOrigin
from portal.plugins import Position
from portal.plugins import Query
from portal.plugins import QueryLink
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceUrl
from portal_vo.words import peer_of

MOST_SERVICES = 20  # of one job; each is asked by a job of its own
WIDEST = 90
COLUMNS = (
    Column(
        name="service", arraysize="*", ucd="meta.ref.url;meta.curation",
        description="The service that the row is from",
    ),
    Column(
        name="protocol", arraysize="*", ucd="meta.note", description="How the service was asked"
    ),
)  # fmt: skip
PROTOCOLS = {
    "query.tap": "TAP",
    "query.scs": "Cone Search",
    "query.sia1": "SIA 1",
    "query.sia2": "SIA 2",
    "query.ssa": "SSA",
}


class SeveralTapParameters(QueryParameters):
    """Which services, and one query for all of them."""

    access_url: list[ServiceUrl] = parameter(
        title="Services",
        description="Addresses of TAP services; each gets a job of its own.",
        min_length=1,
        max_length=MOST_SERVICES,
    )
    query: Adql = parameter(
        title="Query",
        description="In ADQL; every one of the services needs its tables.",
        placeholder="SELECT TOP 100 * FROM ivoa.obscore",
    )


class SeveralConesParameters(QueryParameters):
    """Which services of each type, and where to look."""

    position: Position = parameter(
        title="Position", description="Coordinates in any notation, or the name of an object"
    )
    radius: float = parameter(0.1, title="Radius", unit="deg", gt=0, le=WIDEST)
    scs: list[ServiceUrl] = parameter(
        [], title="Catalogues (Cone Search)", max_length=MOST_SERVICES
    )
    sia1: list[ServiceUrl] = parameter([], title="Images (SIA 1)", max_length=MOST_SERVICES)
    sia2: list[ServiceUrl] = parameter([], title="Images (SIA 2)", max_length=MOST_SERVICES)
    ssa: list[ServiceUrl] = parameter([], title="Spectra (SSA)", max_length=MOST_SERVICES)

    @model_validator(mode="after")
    def _asks_some(self) -> Self:
        count = len(self.scs) + len(self.sia1) + len(self.sia2) + len(self.ssa)
        if not 1 <= count <= MOST_SERVICES:
            raise ValueError(f"give 1 to {MOST_SERVICES} services")
        return self


class _Several(Query):
    """What both have in common: one table of the rows of all services."""

    local = True

    def job_title(self, parameters: Any) -> str:
        """Return how many services are asked."""
        return f"{self.title}: {len(self.parts(parameters))}"

    def text(self, parameters: Any) -> str:
        """Return what each service is asked."""
        return "\n".join(
            " ".join([part.query_id, *(f"{key}={one}" for key, one in part.parameters.items())])
            for part in self.parts(parameters)
        )

    def run(self, parameters: Any, context: JobContext) -> ResultTable:
        """Return the rows of all services; how each of them ended is a file beside them."""
        return merge_parts(context, leading=COLUMNS, origin_of=_origin)


class SeveralTapQuery(_Several):
    """Ask several TAP services the same."""

    id = "query.several-tap"
    title = "Query several TAP services"
    description = "One query in ADQL for several services, each by a job of its own."
    Parameters = SeveralTapParameters

    def parts(self, parameters: SeveralTapParameters) -> Sequence[QueryLink]:
        """Return one query for each service."""
        return [
            QueryLink(
                query_id="query.tap",
                parameters={"access_url": url, "query": parameters.query, **_limit(parameters)},
            )
            for url in dict.fromkeys(parameters.access_url)
        ]


class SeveralConesQuery(_Several):
    """Ask several services what they have around a position."""

    id = "query.several-positions"
    title = "Query several services by position"
    description = "Catalogues, images and spectra around a position, each by a job of its own."
    Parameters = SeveralConesParameters

    def parts(self, parameters: SeveralConesParameters) -> Sequence[QueryLink]:
        """Return one query for each service."""
        return list(_cones(parameters))


def _cones(parameters: SeveralConesParameters) -> Iterator[QueryLink]:
    for name in ("scs", "sia1", "sia2", "ssa"):
        # SIA 1 has boxes, which are as wide as the circle.
        size = {"size": repr(2 * parameters.radius)} if name == "sia1" else {}
        radius = {} if size else {"radius": repr(parameters.radius)}
        for url in dict.fromkeys(getattr(parameters, name)):
            place = {"access_url": url, "position": parameters.position}
            asked = {**place, **size, **radius, **_limit(parameters)}
            yield QueryLink(query_id=f"query.{name}", parameters=asked)


def _origin(part: EndedQuery) -> PartOrigin:
    url = str(part.asked.parameters["access_url"])
    protocol = PROTOCOLS.get(part.asked.query_id, part.asked.query_id)
    return PartOrigin(mark=peer_of(url), leading=(url, protocol))


def _limit(parameters: QueryParameters) -> dict[str, str]:
    return {} if parameters.maxrec is None else {"maxrec": str(parameters.maxrec)}

"""Archives that are asked by position over HTTP, each at a server of a test, good or bad."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from portal.plugins import Archive
from portal.plugins import Cone
from portal.plugins import Dataset
from portal.plugins import find_coordinates
from portal.plugins import hookimpl
from portal.plugins import open_body
from portal.plugins import parameter
from portal.plugins import Position
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from tests.support.loopback import Exchange
from tests.support.positional import FIELDS
from tests.support.positional import votable

FIELDS_OF_IMAGES = (
    *FIELDS,
    '<FIELD name="obs_publisher_did" datatype="char" arraysize="*"/>',
    '<FIELD name="access_url" datatype="char" arraysize="*"/>',
    '<FIELD name="t_min" datatype="double" unit="d"/>',
)


WIDEST = 20


class SkyParameters(QueryParameters):
    """Where to look, and in which collection."""

    position: Position = parameter(title="Position")
    radius: float = parameter(0.1, title="Radius", unit="deg", gt=0, le=5)
    collection: str = parameter("", title="Collection")


class SkyQuery(Query):
    """Asks the server of an archive."""

    title = "Images"
    Parameters = SkyParameters

    def __init__(self, name: str, url: str, *, knows_bands: bool) -> None:
        self.id = f"query.{name}"
        self._url = url
        self._knows_bands = knows_bands

    def text(self, parameters):
        return f"{parameters.collection} {parameters.position} {parameters.radius}".strip()

    def from_cone(self, cone: Cone):
        if cone.time or (cone.band and not self._knows_bands) or cone.radius > WIDEST:
            return None
        return {"position": cone.position, "radius": str(cone.radius), "collection": ""}

    def run(self, parameters, context):
        ra, dec = find_coordinates(parameters.position)
        asked = {"RA": ra, "DEC": dec, "SR": parameters.radius, "COLL": parameters.collection}
        response = context.http.get(self._url, params=asked, stream=True)
        if not response.ok:
            raise ServiceError(f"It answered with status {response.status_code}")
        return ResultTable.from_votable(open_body(response))


@dataclass(frozen=True, kw_only=True)
class Sky:
    """One archive of a test."""

    name: str
    url: str
    coverage: str | None = None
    knows_bands: bool = False
    collections: Sequence[str] = ()


def archive_of(sky: Sky) -> Archive:
    query = SkyQuery(sky.name, sky.url, knows_bands=sky.knows_bands)
    datasets = tuple(
        Dataset(id=one, title=f"The {one}", query_id=query.id, parameters={"collection": one})
        for one in sky.collections
    )
    return Archive(
        id=sky.name,
        title=f"Sky of {sky.name}",
        description="Made up.",
        queries=(query,),
        datasets=datasets,
        coverage=sky.coverage,
    )


def skies_plugin(skies: Sequence[Sky]) -> ModuleType:
    """Return a plugin with these archives."""
    module = ModuleType("skies")

    @hookimpl
    def portal_register_archives():
        return [archive_of(sky) for sky in skies]

    module.portal_register_archives = portal_register_archives
    return module


def images(*rows):
    """Return a route that answers rows of (name, ra, dec, did, url, t_min)."""

    def answer(exchange: Exchange) -> None:
        exchange.answer(votable(rows, FIELDS_OF_IMAGES))

    return answer

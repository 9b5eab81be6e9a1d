"""The search for data products of Apertif."""

import shlex
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Literal
from typing import Self
from urllib.parse import urlencode

import pyarrow as pa
from pydantic import model_validator

from portal.plugins import arrow_schema
from portal.plugins import Choice
from portal.plugins import Cone
from portal.plugins import Example
from portal.plugins import find_coordinates
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Position
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import Snippet
from portal.plugins import TableEnd
from portal_astron.apertif.connector import Alta
from portal_astron.apertif.products import COLUMNS
from portal_astron.apertif.products import Product
from portal_astron.apertif.products import SUBTYPES
from portal_astron.settings import AstronSettings

ALL = "all"
PAGE_SIZE = 500
WIDEST = 180
NAMES = {
    "collection": {ALL: "All", "imaging": "Imaging", "timedomain": "Time domain"},
    "level": {ALL: "All", "raw": "Raw", "processed": "Processed"},
    "dataproduct_type": {
        ALL: "All", "visibility": "Visibilities", "image": "Images", "cube": "Cubes"
    },
    "release": {
        ALL: "All",
        "APERTIF_DR1_Imaging": "Apertif imaging data release 1",
        "SVC_2019_Imaging": "Science verification campaign 2019, imaging",
        "SVC_2019_TimeDomain": "Science verification campaign 2019, time domain",
        "Commissioning2018": "Commissioning 2018",
    },
}  # fmt: skip


class ProductsParameters(QueryParameters):
    """Which data products."""

    target: str = parameter(
        "",
        title="Target",
        description="Part of the name that the archive gives to a field",
        max_length=200,
    )
    position: Position | None = parameter(
        None,
        title="Position",
        description="Coordinates in any notation, or the name of an object",
        placeholder="187.70 12.39, 12:30:49 +12:23:28 or M 87",
        ucd="pos.eq",
    )
    radius: float = parameter(
        1.0,
        title="Radius",
        description="Around the position",
        unit="deg",
        ucd="pos.angDistance",
        ge=0,
        le=WIDEST,
    )
    collection: Literal["all", "imaging", "timedomain"] = parameter("imaging", title="Collection")
    level: Literal["all", "raw", "processed"] = parameter("processed", title="Level")
    dataproduct_type: Literal["all", "visibility", "image", "cube"] = parameter(
        "all", title="Kind of data", visible_if={"collection": ["all", "imaging"]}
    )
    release: Literal[
        "all", "APERTIF_DR1_Imaging", "SVC_2019_Imaging", "SVC_2019_TimeDomain",
        "Commissioning2018",
    ] = parameter("APERTIF_DR1_Imaging", title="Data release")  # fmt: skip

    @model_validator(mode="after")
    def _is_a_question(self) -> Self:
        narrowed = (self.collection, self.level, self.dataproduct_type, self.release)
        if not (self.target or self.position) and all(one == ALL for one in narrowed):
            raise ValueError("give a position, a target or something else to choose by")
        return self


class ProductsQuery(Query):
    """Search Apertif's data products."""

    id = "query.apertif"
    title = "Search data products"
    description = "Visibilities, images, cubes and time series by position, release and kind."
    Parameters = ProductsParameters
    examples = (
        Example(title="Images around 3C 343.1", parameters={"position": "16:38:28.2 +62:34:44"}),
        Example(
            title="Raw visibilities of the imaging surveys around M 101",
            parameters={"position": "M 101", "level": "raw", "release": "all"},
        ),
    )

    def __init__(self, settings: AstronSettings) -> None:
        self._settings = settings

    def text(self, parameters: ProductsParameters) -> str:
        """Return the address of the first page, with {ra} and {dec} for what is looked up."""
        if not parameters.position:
            return self._address(parameters, None)
        known = find_coordinates(parameters.position)
        if known:
            return self._address(parameters, _written(known))
        return f"{self._address(parameters, ('{ra}', '{dec}'))}\n{parameters.position}"

    def service(self, parameters: ProductsParameters) -> str:
        """Return where ALTA answers."""
        return self._settings.alta_url

    def job_title(self, parameters: ProductsParameters) -> str:
        """Return what is looked for."""
        around = f"around {parameters.position}" if parameters.position else ""
        chosen = [
            names[getattr(parameters, name)]
            for name, names in NAMES.items()
            if getattr(parameters, name) != ALL
        ]
        return f"{self.title}: {', '.join(filter(None, [around, parameters.target, *chosen]))}"

    def choices(self, field_name: str) -> Sequence[Choice]:
        """Return the choices in words."""
        offered = NAMES.get(field_name, {})
        return [Choice(value=value, title=title) for value, title in offered.items()]

    def code(self, parameters: ProductsParameters, *, maxrec: int) -> Sequence[Snippet]:
        """Return how the first page is asked for, where the position is known."""
        known = find_coordinates(parameters.position) if parameters.position else None
        if parameters.position and known is None:
            return ()
        address = self._address(parameters, known and _written(known), maxrec)
        python = (
            "import requests\n\n"
            f"page = requests.get({address!r}, timeout=60).json()\n"
            'table = page["results"]  # more of them with &page=2, up to page["pages"]\n'
        )
        curl = f"curl -sSf -o products.json \\\n  {shlex.quote(address)}\n"
        return (
            Snippet(tool="requests", title="Python with requests", text=python, language="python"),
            Snippet(tool="curl", title="curl", text=curl),
        )

    def from_cone(self, cone: Cone) -> Mapping[str, str | list[str]] | None:
        """Return the form for everything near there; the archive knows neither band nor time."""
        if _is_limited(cone.band) or _is_limited(cone.time):
            return None
        everything = dict.fromkeys(NAMES, ALL)
        position = f"{cone.ra:.9f} {cone.dec:+.9f}"
        return {**everything, "position": position, "radius": f"{cone.radius:.9g}"}

    def run(self, parameters: ProductsParameters, context: JobContext) -> ResultTable:
        """Read the list page by page, each as it arrives."""
        where = None
        if parameters.position:
            found = context.resolve(parameters.position)
            where = _written((found.ra, found.dec))
        pages = Alta(context.http).pages(self._address(parameters, where, context.maxrec))
        return ResultTable(columns=COLUMNS, batches=self._batches(parameters, pages, context))

    def _batches(
        self,
        parameters: ProductsParameters,
        pages: Iterator[tuple[list[Product], int, int]],
        context: JobContext,
    ) -> Iterator[pa.RecordBatch | TableEnd]:
        schema = arrow_schema(COLUMNS)
        left, ignored = context.maxrec, 0
        for products, number, last in pages:
            context.report(number / last, f"{number} of {last} pages have arrived")
            wanted = [one for one in products if _is_wanted(one, parameters)]
            ignored += len(products) - len(wanted)
            rows = [
                one.row(api_url=self._settings.alta_url, webdav_url=self._settings.webdav_url)
                for one in wanted[: max(left, 0)]
            ]
            yield pa.RecordBatch.from_pylist(rows, schema=schema)
            left -= len(wanted)
            if left < 0:
                break
        if ignored:
            context.log(f"The archive sent {ignored} data products that were not asked for")
        yield TableEnd(overflow=left < 0)

    def _address(
        self,
        parameters: ProductsParameters,
        where: tuple[str, str] | None,
        maxrec: int | None = None,
    ) -> str:
        """Return the address of the list, with pages of what is wanted and one more at most."""
        most = parameters.maxrec if maxrec is None else maxrec
        query = {
            "view_ra": where[0] if where else None,
            "view_dec": where[1] if where else None,
            "view_fov": f"{parameters.radius:.9g}" if where else None,
            "target__icontains": parameters.target,
            "dataProductType": _unless_all(parameters.dataproduct_type),
            "dataProductSubType__in": ",".join(_subtypes(parameters)),
            "release__release_id": _unless_all(parameters.release),
            "page_size": str(PAGE_SIZE if most is None else min(PAGE_SIZE, most + 1)),
        }
        given = {name: value for name, value in query.items() if value}
        return f"{self._settings.alta_url.rstrip('/')}/dataproducts?{urlencode(given, safe=',{}')}"


def _subtypes(parameters: ProductsParameters) -> tuple[str, ...]:
    return SUBTYPES.get((parameters.collection, parameters.level), ())


def _is_wanted(product: Product, parameters: ProductsParameters) -> bool:
    """Say whether a product is what was asked for: the API ignores a filter it does not know."""
    subtypes = _subtypes(parameters)
    return (
        (not subtypes or product.subtype in subtypes)
        and parameters.dataproduct_type in (ALL, product.type)
        and parameters.release in (ALL, product.release)
    )


def _unless_all(value: str) -> str | None:
    return None if value == ALL else value


def _is_limited(interval: tuple[float | None, float | None] | None) -> bool:
    return interval is not None and interval != (None, None)


def _written(place: tuple[float, float]) -> tuple[str, str]:
    ra, dec = (f"{one:.12g}" for one in place)
    return ra, dec

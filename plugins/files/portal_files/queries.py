"""What the archive can be asked: everything near a position, and ADQL."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from portal.plugins import Adql
from portal.plugins import Choice
from portal.plugins import Column
from portal.plugins import Cone
from portal.plugins import DataItem
from portal.plugins import Example
from portal.plugins import find_coordinates
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Position
from portal.plugins import Query
from portal.plugins import QueryLink
from portal.plugins import QueryParameters
from portal.plugins import quote_identifier
from portal.plugins import quote_literal
from portal.plugins import ResultTable
from portal.plugins import ServiceMetadata
from portal.plugins import unique_names
from portal.plugins import UsageError
from portal_files.catalogue import SCHEMA
from portal_files.connector import Connector
from portal_files.metadata import describe_folder
from portal_files.positions import find_position

SEPARATION = Column(
    name="separation",
    datatype="double",
    unit="deg",
    ucd="pos.angDistance",
    description="Angular distance from the position that was asked for",
)


class FilesQuery(Query):
    """What both queries have in common: one folder, and rows that are objects in the sky."""

    def __init__(self, connector: Connector, examples: Sequence[Example]) -> None:
        """Keep where to ask, and what to propose."""
        self._connector = connector
        self.examples = tuple(examples)

    def to_items(
        self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]
    ) -> list[DataItem]:
        """Give each row that has a name or a place an identifier that stays the same."""
        return [_identified(item) for item in super().to_items(columns, rows)]


class ConeParameters(QueryParameters):
    """A table, a position and a radius (SCS's SR)."""

    table: str = parameter(title="Table", widget="select")
    position: Position = parameter(
        title="Position",
        description="Coordinates (ICRS unless they say otherwise) in any notation, or a name",
        placeholder="10.6847 41.2688, 00:42:44.3 +41:16:08 or M 31",
        ucd="pos.eq",
    )
    sr: float = parameter(
        0.5,
        title="Radius",
        description="Everything within this distance of the position",
        unit="deg",
        ucd="pos.angDistance",
        ge=0,
        le=180,
        allow_inf_nan=False,
    )


class ConeQuery(FilesQuery):
    """Everything near a position, the nearest first."""

    id = "query.files-cone"
    title = "Cone search"
    description = "Finds the objects of one table that are near a position, the nearest first."
    Parameters = ConeParameters

    def text(self, parameters: ConeParameters) -> str:
        """Say in words what is looked for; the ADQL of the answer names the columns as well."""
        found = find_coordinates(parameters.position)
        place = parameters.position if found is None else "{:.6f} {:+.6f} ICRS".format(*found)
        return f"{SCHEMA}.{parameters.table} within {parameters.sr} deg of {place}"

    def job_title(self, parameters: ConeParameters) -> str:
        """Return a short line for lists of jobs."""
        return f"{parameters.table} around {parameters.position}, {parameters.sr} deg"

    def in_adql(self, parameters: ConeParameters) -> QueryLink | None:
        """Return the same in ADQL, for coordinates and a table that has positions."""
        centre = find_coordinates(parameters.position)
        if centre is None:
            return None
        table = self._connector.catalogue.get(parameters.table)
        position = find_position(table.text.columns)
        if position is None:
            return None
        separation = _separation(table.text.columns).name
        adql = _cone(table.name, position, centre, parameters.sr, separation=separation)
        return QueryLink(query_id=AdqlQuery.id, parameters={"query": adql})

    def choices(self, field_name: str) -> Sequence[Choice]:
        """Offer the tables of the folder."""
        return self._connector.catalogue.choices() if field_name == "table" else ()

    def from_cone(self, cone: Cone) -> Mapping[str, str | list[str]] | None:
        """Return where to look, for a data set that says in which table."""
        if cone.band or cone.time:
            return None
        return {"position": cone.position, "sr": f"{cone.radius:.9f}"}

    def run(self, parameters: ConeParameters, context: JobContext) -> ResultTable:
        """Search the table; UsageError when it has no positions, or nobody knows the name."""
        table = self._connector.catalogue.get(parameters.table)
        position = find_position(table.text.columns)
        if position is None:
            raise UsageError(f"The table {table.name} has no positions in degrees to search by.")
        centre = context.resolve(parameters.position)
        separation = _separation(table.text.columns)
        adql = _cone(
            table.name,
            position,
            (centre.ra, centre.dec),
            parameters.sr,
            separation=separation.name,
        )
        return self._connector.run(adql, context, known={separation.name: separation})


class AdqlParameters(QueryParameters):
    """A query in ADQL."""

    query: Adql = parameter(
        title="ADQL",
        description="One SELECT on the tables of the folder; TAP_SCHEMA says which there are",
    )


class AdqlQuery(FilesQuery):
    """Whatever ADQL can ask of the tables."""

    id = "query.files-adql"
    title = "ADQL"
    description = (
        "Asks the tables in ADQL 2.1. Dividing whole numbers gives a fraction; POLYGON, BOX, "
        "REGION and IN_UNIT are not supported."
    )
    Parameters = AdqlParameters

    def metadata(self, values: Mapping[str, str]) -> ServiceMetadata:
        """Return the tables that are in the folder now, whatever the form says."""
        return describe_folder(self._connector.catalogue)

    def text(self, parameters: AdqlParameters) -> str:
        """Return the query as it was written."""
        return parameters.query

    def run(self, parameters: AdqlParameters, context: JobContext) -> ResultTable:
        """Run the query; raises UsageError with the place of what is wrong in it."""
        return self._connector.run(parameters.query, context)


def _separation(columns: Sequence[Column]) -> Column:
    """Return the column of distances under a name that the table does not have."""
    return unique_names([*columns, SEPARATION])[-1]


def _cone(
    table: str,
    position: tuple[Column, Column],
    centre: tuple[float, float],
    radius: float,
    *,
    separation: str,
) -> str:
    here = ", ".join(quote_identifier(one.name) for one in position)
    there = ", ".join(quote_literal(one) for one in centre)
    return (
        f"SELECT t.*, DISTANCE(POINT({here}), POINT({there})) AS {separation}\n"
        f"FROM {SCHEMA}.{quote_identifier(table)} AS t\n"
        f"WHERE 1 = CONTAINS(POINT({here}), CIRCLE({there}, {quote_literal(radius)}))\n"
        f"ORDER BY {separation}"
    )


def _identified(item: DataItem) -> DataItem:
    """Name an object by its name and place: rows of other tables may have the same name."""
    if item.publisher_did is not None or item.s_ra is None or item.s_dec is None:
        return item
    place = f"{item.s_ra:.5f}{item.s_dec:+.5f}"
    return replace(item, publisher_did=f"{SCHEMA}:{quote(item.title, safe='')}@{place}")

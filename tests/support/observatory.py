"""A plugin written only for the tests: an archive that is asked in ADQL, and knows its tables."""

from collections.abc import Mapping

from portal.adql import MemoryTables
from portal.plugins import Adql
from portal.plugins import Archive
from portal.plugins import Column
from portal.plugins import ColumnInfo
from portal.plugins import Example
from portal.plugins import FunctionInfo
from portal.plugins import hookimpl
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceMetadata
from portal.plugins import TableInfo
from portal.plugins import Upload

OBJECTS = TableInfo(
    name="sky.objects", schema="sky", nrows=120, description="Objects of the northern sky."
)
PLATES = TableInfo(name='"sky/plates"', description="Photographic plates.")
TABLES = MemoryTables(
    {
        OBJECTS: (
            ColumnInfo(name="main_id", datatype="VARCHAR", ucd="meta.id;meta.main"),
            ColumnInfo(
                name="ra",
                datatype="DOUBLE",
                unit="deg",
                ucd="pos.eq.ra;meta.main",
                description="Right ascension, ICRS.",
            ),
            ColumnInfo(name="dec", datatype="DOUBLE", unit="deg", ucd="pos.eq.dec;meta.main"),
            ColumnInfo(name="redshift", datatype="REAL", ucd="src.redshift"),
            ColumnInfo(name="B-V", datatype="REAL", unit="mag"),
        ),
        PLATES: (ColumnInfo(name="ra", unit="deg"), ColumnInfo(name="exposure", unit="s")),
    },
    functions=[
        FunctionInfo(
            name="ivo_healpix_index",
            signature="ivo_healpix_index(order INTEGER, ra DOUBLE, dec DOUBLE) -> BIGINT",
            description="The number of the pixel that has a position in it.",
        )
    ],
)


class ObservatoryParameters(QueryParameters):
    """What the observatory is asked; `service` says how it behaves."""

    service: str = parameter("good", title="Service")
    query: Adql = parameter(title="ADQL", description="One SELECT statement.")
    table: Upload | None = parameter(None, title="Table to upload", accept=["text/csv"])
    verbose: bool = parameter(False, title="All columns")


class Observatory(Query):
    """Answers everything with one row."""

    id = "query.observatory"
    title = "Objects in ADQL"
    description = "The objects of the northern sky."
    Parameters = ObservatoryParameters
    examples = (
        Example(
            title="Ten objects",
            parameters={"query": "SELECT TOP 10 main_id, ra, dec FROM sky.objects"},
        ),
    )

    def text(self, parameters: ObservatoryParameters) -> str:
        return parameters.query

    def metadata(self, values: Mapping[str, str]) -> ServiceMetadata | None:
        match values.get("service"):
            case "unknown":
                return None
            case "unread":
                return ServiceMetadata(tables=None)
            case "broken":
                raise RuntimeError("no metadata")
        return ServiceMetadata(tables=TABLES)

    def run(self, parameters: ObservatoryParameters, context: JobContext) -> ResultTable:
        return ResultTable.from_rows([Column(name="n", datatype="int")], [(1,)])


@hookimpl
def portal_register_archives() -> list[Archive]:
    return [
        Archive(
            id="observatory",
            title="The observatory",
            description="An archive for tests of the editor.",
            queries=(Observatory(),),
        )
    ]

"""The job that reads what a TAP service has and can do."""

from portal.plugins import Column
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.plugins import ServiceUrl
from portal.plugins import UsageError
from portal_vo.addresses import base_url
from portal_vo.connector import TapService
from portal_vo.metadata.lazily import read_columns_of
from portal_vo.metadata.reading import ServiceReader
from portal_vo.metadata.store import MetadataStore

QUERY_ID = "vo.tap-metadata"
TABLE = "table"
COLUMNS = (
    Column(name="schema_name", arraysize="*", description="Schema"),
    Column(name="table_name", arraysize="*", description="Name, as it stands in a query"),
    Column(name="table_type", arraysize="*", description="table or view"),
    Column(name="description", arraysize="*", description="What is in the table"),
    Column(name="column_count", datatype="int", description="Number of columns that are known"),
    Column(name="nrows", datatype="long", description="Number of rows, where the service tells"),
)


class MetadataParameters(QueryParameters):
    """Which service to read."""

    access_url: ServiceUrl = parameter(title="Service", description="Address of a TAP service.")
    table: str | None = parameter(
        None,
        title="Table",
        description="Read only the columns of this table, of a service that was read before.",
        max_length=1_000,
    )


class MetadataQuery(Query):
    """Reads the tables, columns, functions, limits and examples of a TAP service.

    What it finds is for everybody, so that nobody's login is used.
    """

    id = QUERY_ID
    title = "Read the tables of a TAP service"
    description = "Reads which tables and columns a service has, and what it can do."
    Parameters = MetadataParameters
    hidden = True
    local = True

    def __init__(self, store: MetadataStore) -> None:
        """Keep where to put what is read."""
        self._store = store

    def text(self, parameters: MetadataParameters) -> str:
        """Return the address, and the table if it is about one."""
        table = f" {parameters.table}" if parameters.table else ""
        return f"{base_url(parameters.access_url)}/tables{table}"

    def run(self, parameters: MetadataParameters, context: JobContext) -> ResultTable:
        """Read the service, and return its tables; or one table's columns into its file."""
        service = TapService(context.http, parameters.access_url)
        if parameters.table:
            self._read_table(service, parameters.table, context)
        else:
            with self._store.replacing(service.url) as writer:
                ServiceReader(service, writer, context).read()
        tables = self._store.find(service.url)
        if tables is None:
            raise ServiceError("what was read is gone already: read it again")
        return ResultTable.from_rows(COLUMNS, tables.listing())

    def _read_table(self, service: TapService, name: str, context: JobContext) -> None:
        tables = self._store.find(service.url)
        table = tables.find_table(name) if tables else None
        if tables is None or table is None:
            raise UsageError(f"{service.url} is not known to have a table {name}: read it first")
        context.report(None, f"reading the columns of {table.name}")
        columns = read_columns_of(service, tables.written(table), table.schema, context)
        self._store.set_columns(service.url, table, columns)

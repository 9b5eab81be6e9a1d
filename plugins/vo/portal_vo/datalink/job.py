"""What belongs to a dataset: the links that its archive knows (DataLink 1.1)."""

from urllib.parse import urlsplit

from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceUrl
from portal_vo.datalink.document import as_rows
from portal_vo.datalink.document import COLUMNS
from portal_vo.datalink.document import read_links
from portal_vo.files import get


class DatalinkParameters(QueryParameters):
    """Of what, and who knows."""

    access_url: ServiceUrl = parameter(
        title="Links",
        description="Address of a document of links, or of the service that makes them.",
        placeholder="https://archive.example.org/datalink?ID=ivo://example/obs1",
    )
    id: list[str] = parameter(
        [],
        title="Identifiers",
        description="Of datasets, for a service; none when the address names the dataset.",
        max_length=100,
    )


class DatalinkQuery(Query):
    """Ask what belongs to a dataset."""

    id = "query.datalink"
    title = "What belongs to a dataset"
    description = (
        "List the files, previews, cut-outs and documents that belong to a dataset (DataLink)."
    )
    Parameters = DatalinkParameters

    def text(self, parameters: DatalinkParameters) -> str:
        """Return the address, and the datasets."""
        return "\n".join([parameters.access_url, *(f"ID={one}" for one in parameters.id)])

    def job_title(self, parameters: DatalinkParameters) -> str:
        """Return the dataset."""
        parts = urlsplit(parameters.access_url)
        of = ", ".join(parameters.id) or parts.query.removeprefix("ID=") or parameters.access_url
        return f"What belongs to {' '.join(of.split())}"

    def run(self, parameters: DatalinkParameters, context: JobContext) -> ResultTable:
        """Ask for the document, and make a row of every link."""
        context.report(None, "asking what belongs to it")
        asked = [("ID", one) for one in parameters.id]
        links, overflow = read_links(get(context, parameters.access_url, asked))
        return ResultTable.from_rows(COLUMNS, as_rows(links), overflow=overflow)

"""Open a table that lies somewhere as a result: VOTable, FITS, ECSV or CSV."""

from pathlib import Path
from typing import Literal

from portal.plugins import Choice
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceUrl
from portal.plugins import UsageError
from portal_vo.files import beginning
from portal_vo.files import FITS
from portal_vo.files import get
from portal_vo.files import PAGE
from portal_vo.files import save
from portal_vo.files import sniff
from portal_vo.files import TEXT
from portal_vo.files import unpack
from portal_vo.files import VOTABLE
from portal_vo.words import plain_text

FORMATS = (
    Choice(value="automatic", title="Automatic: whatever is in the file"),
    Choice(value="votable", title="VOTable"),
    Choice(value="fits", title="FITS"),
    Choice(value="csv", title="CSV or ECSV"),
)
KINDS = {"votable": VOTABLE, "fits": FITS, "csv": TEXT}


class OpenTableParameters(QueryParameters):
    """Which table."""

    access_url: ServiceUrl = parameter(
        title="Table",
        description="Address of a table: VOTable, FITS, ECSV or CSV, packed with gzip or not.",
        placeholder="https://archive.example.org/table.vot",
    )
    format: Literal["automatic", "votable", "fits", "csv"] = parameter("automatic", title="Format")


class OpenTableQuery(Query):
    """Open a table from elsewhere."""

    id = "query.open-table"
    title = "Open a table"
    description = "Fetch a table from any address, and open it as a result."
    Parameters = OpenTableParameters

    def __init__(self, max_bytes: int) -> None:
        """Fetch no file that is larger than that, packed or unpacked."""
        self._max_bytes = max_bytes

    def text(self, parameters: OpenTableParameters) -> str:
        """Return the address."""
        return parameters.access_url

    def choices(self, field_name: str) -> tuple[Choice, ...]:
        """Return the formats in words."""
        return FORMATS if field_name == "format" else ()

    def run(self, parameters: OpenTableParameters, context: JobContext) -> ResultTable:
        """Fetch the file, and read the table that is in it."""
        fetched = context.data_dir / "fetched"
        response = get(context, parameters.access_url)
        save(response, fetched, context, max_bytes=self._max_bytes)
        path = unpack(fetched, context, max_bytes=self._max_bytes)
        context.report(None, "reading the table")
        found = sniff(path)
        wanted = KINDS.get(parameters.format, found)
        if found == PAGE or (wanted != found and PAGE not in (wanted, found)):
            raise UsageError(_unexpected(found, path))
        if wanted not in KINDS.values():
            raise UsageError(_unexpected(wanted, path))
        from portal_vo.datalink.tables import read_table  # astropy takes long to import

        return read_table(path, wanted)


def _unexpected(kind: str, path: Path) -> str:
    if kind in (PAGE, TEXT):
        what = "a web page" if kind == PAGE else "a text"
        return f"this is no such table but {what}; it says: {plain_text(beginning(path))}"
    if kind in (VOTABLE, FITS):
        return f"this is a {kind} file: choose that as the format"
    return "this is no table in a format that can be opened here"

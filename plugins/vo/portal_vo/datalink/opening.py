"""Open a table that lies somewhere as a result: VOTable, FITS, ECSV or CSV."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.csv as pa_csv
from astropy.io.ascii import InconsistentTableError
from astropy.io.fits import BinTableHDU
from astropy.io.fits import TableHDU
from astropy.table import Table

from portal.plugins import arrow_schema
from portal.plugins import Choice
from portal.plugins import column_of_type
from portal.plugins import converted
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.plugins import ServiceUrl
from portal.plugins import TableEnd
from portal.plugins import unique_names
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
from portal_vo.preview.reading import FITS_ERRORS
from portal_vo.preview.reading import open_fits
from portal_vo.words import blame
from portal_vo.words import plain_text

ECSV = "# %ECSV"
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
        return _read(path, wanted)


def _read(path: Path, kind: str) -> ResultTable:
    if kind == VOTABLE:
        return _read_votable(path)
    if kind == FITS:
        return _read_fits(path)
    if kind == TEXT:
        return _read_ecsv(path) if beginning(path).startswith(ECSV) else _read_csv(path)
    raise UsageError(_unexpected(kind, path))


def _read_votable(path: Path) -> ResultTable:
    file = path.open("rb")
    try:
        table = ResultTable.from_votable(file)
    except ServiceError as error:
        file.close()
        raise blame(error.message) from error

    def batches() -> Iterator[pa.RecordBatch | TableEnd]:
        with file:
            yield from table.batches

    return ResultTable(columns=table.columns, batches=batches(), header=table.header)


def _read_fits(path: Path) -> ResultTable:
    with open_fits(path) as hdus:
        numbers = [n for n, one in enumerate(hdus) if isinstance(one, BinTableHDU | TableHDU)]
    if not numbers:
        raise UsageError("this FITS file has no table: look at it as an image instead")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ResultTable.from_astropy(Table.read(path, format="fits", hdu=numbers[0]))
        except FITS_ERRORS as error:
            raise UsageError(f"the table in this FITS file is damaged: {error}") from error


def _read_ecsv(path: Path) -> ResultTable:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ResultTable.from_astropy(Table.read(path, format="ascii.ecsv"))
        except (ValueError, TypeError, LookupError, InconsistentTableError) as error:
            raise UsageError(f"this ECSV file cannot be read: {error}") from error


def _read_csv(path: Path) -> ResultTable:
    try:
        table = pa_csv.read_csv(path)
        columns = unique_names(column_of_type(one.name, one.type) for one in table.schema)
        cells = [
            converted(column, chunked.combine_chunks())
            for column, chunked in zip(columns, table.columns, strict=True)
        ]
        batch = pa.RecordBatch.from_arrays(cells, schema=arrow_schema(columns))
    except (pa.ArrowException, ValueError) as error:
        raise UsageError(f"this is no table in CSV: {error}") from error
    return ResultTable(columns=columns, batches=iter([batch, TableEnd()]))


def _unexpected(kind: str, path: Path) -> str:
    if kind in (PAGE, TEXT):
        what = "a web page" if kind == PAGE else "a text"
        return f"this is no such table but {what}; it says: {plain_text(beginning(path))}"
    if kind in (VOTABLE, FITS):
        return f"this is a {kind} file: choose that as the format"
    return "this is no table in a format that can be opened here"

"""The plugin `samp`: a table that a program on the user's machine sent becomes a result.

It is a part of the portal; its archive is not listed. The browser brings the table as a file.
"""

import warnings
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa

from portal.parameters import parameter
from portal.parameters import QueryParameters
from portal.parameters import Upload
from portal.plugins.hookspecs import hookimpl
from portal.plugins.types import Archive
from portal.plugins.types import JobContext
from portal.plugins.types import Query
from portal.problems import ServiceError
from portal.problems import UsageError
from portal.tables import ResultTable
from portal.tables.result import TableEnd

NAME = "samp"
LONGEST_NAME = 200
FITS = b"SIMPLE"
# What a reader of FITS raises for bytes that are none, or only look like it.
FITS_ERRORS = (ArithmeticError, LookupError, OSError, TypeError, ValueError)


class TableParameters(QueryParameters):
    """The file, and what the program said of it."""

    table: Upload = parameter(title="Table", description="A VOTable, or FITS with a table in it.")
    name: str = parameter("Table", title="Name", max_length=LONGEST_NAME)
    sender: str | None = parameter(None, title="Sent by", max_length=LONGEST_NAME)


class ReceivedTable(Query):
    """Reads the table."""

    id = "samp.table"
    title = "Table received"
    description = "A table from a program on your own machine, kept as a result."
    Parameters = TableParameters
    hidden = True

    def text(self, parameters: TableParameters) -> str:
        """Say what came from where."""
        sender = f", sent by {parameters.sender}" if parameters.sender else ""
        return f"{parameters.name}{sender}"

    def run(self, parameters: TableParameters, context: JobContext) -> ResultTable:
        """Read the file; rows are read while they are stored."""
        path = context.upload("table")
        with path.open("rb") as file:
            start = file.read(len(FITS))
        if start == FITS:
            return _read_fits(path)
        return _read_votable(path)


@hookimpl
def portal_register_archives() -> list[Archive]:
    """Offer the job type, without a card of its own."""
    return [
        Archive(
            id=NAME,
            title="Programs of yours",
            description="Tables that programs on your own machine sent.",
            queries=(ReceivedTable(),),
            visible=False,
        )
    ]


def _read_votable(path: Path) -> ResultTable:
    with ExitStack() as files:
        file = files.enter_context(path.open("rb"))
        try:
            table = ResultTable.from_votable(file)
        except ServiceError as error:
            raise _refused(error) from error
        rows = _rows(table.batches, files.pop_all())
        return ResultTable(columns=table.columns, batches=rows, header=table.header)


def _rows(
    batches: Iterable[pa.RecordBatch | TableEnd], files: ExitStack
) -> Iterator[pa.RecordBatch | TableEnd]:
    """Go through the rows; what is wrong with them is the sender's fault, and no service's."""
    with files:
        try:
            yield from batches
        except ServiceError as error:
            raise _refused(error) from error


def _refused(error: ServiceError) -> UsageError:
    words = error.message.replace("The service's answer", "The table").replace("The service", "It")
    return UsageError(f"{words} Send it as a VOTable or as FITS.")


def _read_fits(path: Path) -> ResultTable:
    from astropy.io import fits  # takes its time, and few jobs need it
    from astropy.table import Table
    from astropy.utils.exceptions import AstropyWarning

    try:
        with warnings.catch_warnings(), fits.open(path, memmap=False) as units:
            warnings.simplefilter("ignore", AstropyWarning)
            tables = [one for one in units if isinstance(one, fits.BinTableHDU | fits.TableHDU)]
            if not tables:
                raise UsageError("There is no table in this FITS file.")
            return ResultTable.from_astropy(Table.read(tables[0]))
    except FITS_ERRORS as error:
        raise UsageError("This FITS file cannot be read: it is damaged, or cut short.") from error

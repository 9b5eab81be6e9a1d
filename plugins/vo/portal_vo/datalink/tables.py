"""Tables in files: VOTable, FITS, ECSV and CSV; slow to import."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
from astropy.io.ascii import InconsistentTableError
from astropy.io.fits import BinTableHDU
from astropy.io.fits import TableHDU
from astropy.table import Table

from portal.plugins import arrow_schema
from portal.plugins import column_of_type
from portal.plugins import converted
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.plugins import TableEnd
from portal.plugins import unique_names
from portal.plugins import UsageError
from portal_vo.files import beginning
from portal_vo.files import FITS
from portal_vo.files import VOTABLE
from portal_vo.preview.reading import FITS_ERRORS
from portal_vo.preview.reading import open_fits
from portal_vo.words import blame

ECSV = "# %ECSV"


def read_table(path: Path, kind: str) -> ResultTable:
    """Return the table in a VOTable, FITS or text file.

    Raises UsageError, or ServiceError in the words of a VOTable, when there is none to read.
    """
    if kind == VOTABLE:
        return _read_votable(path)
    if kind == FITS:
        return _read_fits(path)
    return _read_ecsv(path) if beginning(path).startswith(ECSV) else _read_csv(path)


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

"""Headers of FITS files; astropy formats the cards."""

import unicodedata
from collections.abc import Sequence

from astropy.io.fits import Header

from portal.tables.writers.fitscolumn import FitsColumn


def primary_header() -> bytes:
    """Return the header of a primary unit without data."""
    header = Header()
    header["SIMPLE"] = (True, "conforms to the FITS standard")
    header["BITPIX"] = 8
    header["NAXIS"] = 0
    header["EXTEND"] = True
    return str(header.tostring()).encode("ascii")


def table_header(
    columns: Sequence[FitsColumn], *, row_bytes: int, rows: int, heap_bytes: int, overflow: bool
) -> bytes:
    """Return the header of a binary table extension (FITS standard 4.0, section 7.3.1)."""
    header = Header()
    header["XTENSION"] = ("BINTABLE", "binary table")
    header["BITPIX"] = 8
    header["NAXIS"] = 2
    header["NAXIS1"] = (row_bytes, "bytes in a row")
    header["NAXIS2"] = (rows, "rows")
    header["PCOUNT"] = (heap_bytes, "bytes in the heap")
    header["GCOUNT"] = 1
    header["TFIELDS"] = (len(columns), "columns")
    for number, column in enumerate(columns, 1):
        _describe(header, number, column)
    if overflow:
        header["OVERFLOW"] = (True, "the archive cut the table at its row limit")
    return str(header.tostring()).encode("ascii")


def _describe(header: Header, number: int, stored: FitsColumn) -> None:
    column = stored.column
    header[f"TTYPE{number}"] = _ascii(column.name)
    header[f"TFORM{number}"] = stored.tform
    optional = {
        "TUNIT": column.unit,
        "TNULL": stored.null,
        "TDIM": stored.tdim,
        "TUCD": column.ucd,
        "TCOMM": column.description,
    }
    for keyword, value in optional.items():
        if value is not None and value != "":
            header[f"{keyword}{number}"] = _ascii(value) if isinstance(value, str) else value


def _ascii(text: str) -> str:
    """Return text as the cards of a header can have it: printable ASCII."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "replace").decode()
    return "".join(c if c.isprintable() else " " for c in plain)

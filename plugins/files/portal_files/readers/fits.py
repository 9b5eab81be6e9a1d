"""FITS: the first table of the file."""

from pathlib import Path

from astropy.io import fits
from astropy.table import Table

from portal_files.problems import UnreadableFileError
from portal_files.readers.astropy_tables import convert
from portal_files.table import FileContent

# Keywords that TOPCAT and others write beside TTYPEn, and what they become.
COLUMN_KEYWORDS = {"TUCD": "ucd", "TUTYP": "utype"}


def read_fits(path: Path) -> FileContent:
    """Read the first table extension; UCDs, utypes and comments come from its header."""
    with fits.open(path) as units:
        unit = next(
            (one for one in units if isinstance(one, fits.BinTableHDU | fits.TableHDU)), None
        )
        if unit is None:
            raise UnreadableFileError("there is no table in the file")
        table = Table.read(unit)
        for number, name in enumerate(table.colnames, start=1):
            _add_texts(table, name, number, unit.header)
        table.meta["description"] = unit.header.get("EXTNAME", "")
        return convert(table)


def _add_texts(table: Table, name: str, number: int, header: fits.Header) -> None:
    column = table[name]
    comment = header.get(f"TCOMM{number}") or header.comments[f"TTYPE{number}"]
    column.description = "" if comment.startswith("label for field") else comment
    for keyword, text in COLUMN_KEYWORDS.items():
        if f"{keyword}{number}" in header:
            column.meta[text] = header[f"{keyword}{number}"]

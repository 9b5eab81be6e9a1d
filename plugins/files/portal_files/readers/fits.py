"""FITS: the first table of the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from astropy.io import fits
from astropy.table import Table

from portal.plugins import ResultTable
from portal_files.problems import UnreadableFileError
from portal_files.table import Reading

# Keywords that TOPCAT and others write beside TTYPEn, and what they become.
COLUMN_KEYWORDS = {"TUCD": "ucd", "TUTYP": "utype"}


@contextmanager
def open_fits(path: Path) -> Iterator[Reading]:
    """Open the first table extension; UCDs, utypes and comments come from its header."""
    with fits.open(path) as units:
        tables = [one for one in units if isinstance(one, fits.BinTableHDU | fits.TableHDU)]
        if not tables:
            raise UnreadableFileError("there is no table in the file")
        table = Table.read(tables[0])
        for number, name in enumerate(table.colnames, start=1):
            _add_words(table, name, number, tables[0].header)
        yield Reading(table=ResultTable.from_astropy(table), description=str(tables[0].name or ""))


def _add_words(table: Table, name: str, number: int, header: fits.Header) -> None:
    column = table[name]
    comment = header.get(f"TCOMM{number}") or header.comments[f"TTYPE{number}"]
    column.description = "" if comment.startswith("label for field") else comment
    for keyword, word in COLUMN_KEYWORDS.items():
        if f"{keyword}{number}" in header:
            column.meta[word] = header[f"{keyword}{number}"]

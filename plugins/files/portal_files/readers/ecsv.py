"""ECSV: text with a header that says what the columns are."""

from pathlib import Path

from astropy.table import Table

from portal_files.readers.astropy_tables import convert
from portal_files.table import FileContent


def read_ecsv(path: Path) -> FileContent:
    """Read a table with the units, descriptions and UCDs that its header has."""
    table = Table.read(path, format="ascii.ecsv")
    return convert(table, origin=table.meta.items())

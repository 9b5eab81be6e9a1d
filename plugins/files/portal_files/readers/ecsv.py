"""ECSV: text with a header that says what the columns are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from astropy.table import Table

from portal.plugins import ResultTable
from portal_files.table import ORIGIN_NAMES
from portal_files.table import Reading


@contextmanager
def open_ecsv(path: Path) -> Iterator[Reading]:
    """Open a table with the units, descriptions and UCDs that its header has."""
    table = Table.read(path, format="ascii.ecsv")
    words = {name: text for name, text in table.meta.items() if isinstance(text, str)}
    yield Reading(
        table=ResultTable.from_astropy(table),
        description=words.get("description", ""),
        origin=tuple((name, words[name]) for name in ORIGIN_NAMES if name in words),
    )

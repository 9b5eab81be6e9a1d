"""Parquet, with what a VOTable in its metadata says about the columns (VOParquet 1.0)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.plugins import ResultTable
from portal_files.table import Reading
from portal_files.votable_header import read_description


@contextmanager
def open_parquet(path: Path) -> Iterator[Reading]:
    """Open the table of the file; columns that are no table's become JSON text."""
    table = ResultTable.from_parquet(path)
    yield Reading(table=table, description=read_description(table.header))

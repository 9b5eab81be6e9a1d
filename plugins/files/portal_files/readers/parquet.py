"""Parquet, with what a VOTable in its metadata says about the columns (VOParquet 1.0)."""

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from portal.plugins import Column
from portal_files.readers.arrow_tables import convert_array
from portal_files.readers.voparquet import CONTENT_KEY
from portal_files.readers.voparquet import read_header
from portal_files.table import FileContent
from portal_files.table import TableText


def read_parquet(path: Path) -> FileContent:
    """Read all rows; columns that are no table's (maps, structures) become JSON text."""
    with pq.ParquetFile(path) as file:
        table = file.read(use_threads=False)
    header = (table.schema.metadata or {}).get(CONTENT_KEY)
    said = read_header(header) if header else TableText(columns=())
    known = {column.name: column for column in said.columns}
    pairs = [
        convert_array(name, values)
        for name, values in zip(table.column_names, table.columns, strict=True)
    ]
    return FileContent.make(
        [_with_texts(column, known.get(column.name)) for column, _ in pairs],
        [values for _, values in pairs],
        description=said.description,
        origin=said.origin,
    )


def _with_texts(column: Column, said: Column | None) -> Column:
    """Take the words of the header; the types are those of the data."""
    if said is None:
        return column
    return replace(
        column,
        unit=said.unit,
        ucd=said.ucd,
        utype=said.utype,
        xtype=said.xtype or column.xtype,
        description=said.description,
    )

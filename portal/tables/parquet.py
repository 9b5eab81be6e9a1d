"""Read Parquet files, with the VOTable header that VOParquet puts into them."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from portal.problems import ServiceError
from portal.tables.arrowtypes import column_of_type
from portal.tables.arrowtypes import converted
from portal.tables.columns import arrow_schema
from portal.tables.columns import arrow_type
from portal.tables.columns import Column
from portal.tables.columns import unique_names
from portal.tables.result import ROWS_PER_BATCH
from portal.tables.result import TableEnd
from portal.tables.votable.reader import read
from portal.tables.writers.parquet import CONTENT_KEY

NO_PARQUET = "The file cannot be read as Parquet"
Batches = Iterator[pa.RecordBatch | TableEnd]


def read_parquet(path: Path) -> tuple[tuple[Column, ...], Batches, str | None]:
    """Return the columns, the batches, and the VOTable header of a Parquet file, if any.

    Raises ServiceError when the file is no Parquet, or damaged. A header that does not fit
    the file's columns or cannot be read describes nothing.
    """
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise ServiceError(f"{NO_PARQUET}: {error}") from error
    described, end, header = _description(file)
    by_name = {column.name: column for column in described}
    columns = unique_names(_column(field, by_name.get(field.name)) for field in file.schema_arrow)
    return columns, _batches(file, columns, end), header


def _description(file: pq.ParquetFile) -> tuple[tuple[Column, ...], TableEnd, str | None]:
    """Return what the VOTable header of a file says, as far as it can be read."""
    content = (file.schema_arrow.metadata or {}).get(CONTENT_KEY, b"")
    try:
        columns, batches, header = read(io.BytesIO(content))
        end = [item for item in batches if isinstance(item, TableEnd)]
    except ServiceError:
        return (), TableEnd(), None
    return columns, end[0], header


def _column(field: pa.Field, described: Column | None) -> Column:
    stored = column_of_type(field.name, field.type)
    if described is None:
        return stored
    if arrow_type(described) in (field.type, arrow_type(stored)):
        return described
    return replace(described, datatype=stored.datatype, arraysize=stored.arraysize)


def _batches(file: pq.ParquetFile, columns: tuple[Column, ...], end: TableEnd) -> Batches:
    schema = arrow_schema(columns)
    try:
        for batch in file.iter_batches(batch_size=ROWS_PER_BATCH):
            arrays = [converted(*pair) for pair in zip(columns, batch.columns, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)
    except (pa.ArrowException, OSError) as error:
        raise ServiceError(f"{NO_PARQUET}: {error}") from error
    file.close()
    yield end

"""`rows.parquet`: the file of a result that lasts, and that users take away."""

from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from portal.tables import Batches
from portal.tables import Column
from portal.tables import FORMATS


def write_parquet(
    path: Path, columns: Sequence[Column], batches: Batches, *, overflow: bool
) -> None:
    """Write a table to a Parquet file with its VOTable header, a row group at a time."""
    with path.open("wb") as file:
        for piece in FORMATS["parquet"].write(columns, batches, overflow=overflow):
            file.write(piece)


def read_parquet(path: Path, batch_rows: Sequence[int]) -> Iterator[pa.RecordBatch]:
    """Read a Parquet file as batches of exactly these numbers of rows."""
    with pq.ParquetFile(path) as file:
        batches = file.iter_batches(batch_size=max(batch_rows, default=1))
        held = pa.table(file.schema_arrow.empty_table())
        for rows in batch_rows:
            while held.num_rows < rows:
                held = pa.concat_tables([held, pa.Table.from_batches([next(batches)])])
            yield held.slice(0, rows).combine_chunks().to_batches()[0]
            held = held.slice(rows)

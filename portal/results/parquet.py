"""`rows.parquet`: the file of a result that lasts."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from portal.tables import arrow_schema
from portal.tables import Column

ROW_GROUP_BYTES = 32_000_000


def write_parquet(path: Path, columns: Sequence[Column], batches: Iterable[pa.RecordBatch]) -> None:
    """Write batches of these columns to a Parquet file, a row group at a time."""
    schema = arrow_schema(columns)
    with pq.ParquetWriter(
        path, schema, compression="zstd", compression_level=1, use_dictionary=False
    ) as writer:
        for table in _row_groups(schema, batches):
            writer.write_table(table)


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


def _row_groups(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(piece.nbytes for piece in held) >= ROW_GROUP_BYTES:
            yield pa.Table.from_batches(held, schema)
            held = []
    yield pa.Table.from_batches(held, schema)

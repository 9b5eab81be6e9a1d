"""Parquet files that carry their VOTable header (IVOA Note Parquet in the VO 1.0)."""

import io
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from portal.tables.columns import arrow_schema
from portal.tables.columns import Column
from portal.tables.writers.format import Batches
from portal.tables.writers.header import header_document

VERSION_KEY, VERSION = b"IVOA.VOTable-Parquet.version", b"1.0"
CONTENT_KEY = b"IVOA.VOTable-Parquet.content"
ROW_GROUP_BYTES = 8 * 1024**2
DISTINCT_PER_ROW = 0.02


def write_parquet(
    columns: Sequence[Column], batches: Batches, *, overflow: bool = False
) -> Iterator[bytes]:
    """Yield a Parquet file: zstd, floats split by byte, dictionaries where text repeats."""
    sink, schema = _Sink(), parquet_schema(columns, overflow=overflow)
    groups = _row_groups(schema, batches())
    first = next(groups)
    with pq.ParquetWriter(
        pa.PythonFile(sink, mode="w"),
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=_repetitive(first),
        use_byte_stream_split=[f.name for f in schema if pa.types.is_floating(f.type)],
    ) as writer:
        for group in chain([first], groups):
            writer.write_table(group, row_group_size=max(1, group.num_rows))
            yield sink.taken()
    yield sink.taken()


def parquet_schema(columns: Sequence[Column], *, overflow: bool = False) -> pa.Schema:
    """Return the Arrow schema of these columns with their VOTable header in its metadata."""
    content = header_document(columns, overflow=overflow).encode()
    return arrow_schema(columns).with_metadata({VERSION_KEY: VERSION, CONTENT_KEY: content})


def _row_groups(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch.cast(schema))
        if sum(piece.nbytes for piece in held) >= ROW_GROUP_BYTES:
            yield pa.Table.from_batches(held, schema)
            held = []
    yield pa.Table.from_batches(held, schema)


def _repetitive(rows: pa.Table) -> list[str]:
    """Return the text columns with few different values, judged by the first rows."""
    return [
        field.name
        for field, cells in zip(rows.schema, rows.columns, strict=True)
        if pa.types.is_string(field.type)
        and pc.count_distinct(cells).as_py() <= DISTINCT_PER_ROW * rows.num_rows
    ]


class _Sink(io.RawIOBase):
    """A file that hands out what was written to it since the last time."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: Any) -> int:
        """Keep bytes until they are taken."""
        self._parts.append(bytes(data))
        self._size += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        """Return how many bytes were ever written."""
        return self._size

    def taken(self) -> bytes:
        """Return the bytes since the last call."""
        parts, self._parts = self._parts, []
        return b"".join(parts)

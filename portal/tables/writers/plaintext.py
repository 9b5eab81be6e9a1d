"""Rows as comma-separated text, by Arrow's CSV writer."""

import io
import json
import math
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pyarrow import csv

from portal.tables.columns import Column
from portal.tables.writers.flat import is_complex

Cells = Callable[[Column, pa.Array], pa.Array]


def csv_lines(
    columns: Sequence[Column],
    names: Sequence[str],
    batches: Iterable[pa.RecordBatch],
    cells: Cells,
    *,
    eol: str = "\n",
) -> Iterator[bytes]:
    """Yield a line of names and then the rows; text is quoted, null is empty.

    `cells` returns the cells of a column as strings or numbers.
    """
    nothing = pa.record_batch([pa.array([], pa.string()) for _ in names], list(names))
    yield _text(nothing, csv.WriteOptions(include_header=True, eol=eol))
    options = csv.WriteOptions(include_header=False, eol=eol)
    for batch in batches:
        arrays = [cells(*one) for one in zip(columns, batch.columns, strict=True)]
        if len(arrays) == 1 and arrays[0].null_count:
            # A line without a character is no row to most readers.
            arrays = [arrays[0].cast(pa.string()).fill_null("")]
        yield _text(pa.record_batch(arrays, list(names)), options)


def arrays_as_json(column: Column, cells: pa.Array) -> pa.Array:
    """Return arrays and complex numbers as JSON, nested as declared; other cells as they are."""
    if not column.is_array and not is_complex(column):
        return cells
    texts = [None if value is None else _json(column, value) for value in cells.to_pylist()]
    return pa.array(texts, pa.string())


def _text(batch: pa.RecordBatch, options: csv.WriteOptions) -> bytes:
    sink = io.BytesIO()
    csv.write_csv(batch, sink, options)
    return sink.getvalue()


def _json(column: Column, value: list[Any]) -> str:
    nested = [None if isinstance(v, float) and math.isnan(v) else v for v in value]
    sizes = (column.arraysize or "").split("x")
    for size in sizes[:-1]:
        step = int(size)
        nested = [nested[i : i + step] for i in range(0, len(nested), step)]
    return json.dumps(nested, separators=(",", ":"))

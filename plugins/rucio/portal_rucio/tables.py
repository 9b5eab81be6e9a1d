"""Rows as a table that is still arriving."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from portal.plugins import arrow_schema
from portal.plugins import Column
from portal.plugins import ResultTable
from portal.plugins import TableEnd

ROWS_PER_BATCH = 500

Row = dict[str, Any]


def streamed_table(columns: Sequence[Column], rows: Iterable[Row], *, maxrec: int) -> ResultTable:
    """Return a table whose rows are shown while others arrive, cut after `maxrec`."""
    return ResultTable(columns=tuple(columns), batches=_batches(columns, iter(rows), maxrec))


def _batches(
    columns: Sequence[Column], rows: Iterator[Row], maxrec: int
) -> Iterator[pa.RecordBatch | TableEnd]:
    schema = arrow_schema(columns)
    left = maxrec
    while batch := list(islice(rows, min(ROWS_PER_BATCH, left))):
        yield pa.RecordBatch.from_pylist(batch, schema=schema)
        left -= len(batch)
    yield TableEnd(overflow=left == 0 and next(rows, None) is not None)

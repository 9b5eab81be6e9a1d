"""FITS files with one binary table (FITS standard 4.0, section 7.3)."""

from collections.abc import Iterator
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from portal.problems import UsageError
from portal.tables.columns import Column
from portal.tables.writers.fitscolumn import fits_column
from portal.tables.writers.fitscolumn import FitsColumn
from portal.tables.writers.format import Batches
from portal.tables.writers.measure import measure

MOST_COLUMNS = 999
BLOCK = 2880


def write_fits(
    columns: Sequence[Column], batches: Batches, *, overflow: bool = False
) -> Iterator[bytes]:
    """Yield a FITS file whose first extension is the table.

    Integers have TNULL where there are nulls, floats NaN, and null text is empty. Text that
    is not ASCII is UTF-8. Arrays of varying length lie in the heap. All rows are read twice,
    and a third time for the heap. Raises UsageError when there are too many columns.
    """
    from portal.tables.writers.fitsheader import primary_header
    from portal.tables.writers.fitsheader import table_header

    if len(columns) > MOST_COLUMNS:
        raise UsageError(f"A FITS table has at most {MOST_COLUMNS} columns; choose fewer.")
    yield primary_header()
    measures = measure(columns, batches, needed=lambda _: True)
    table = _Table([fits_column(*pair) for pair in zip(columns, measures, strict=True)])
    row_count = measures[0].cells
    heap_bytes = sum(column.heap_bytes for column in table.columns)
    yield table_header(
        table.columns,
        row_bytes=table.row.itemsize,
        rows=row_count,
        heap_bytes=heap_bytes,
        overflow=overflow,
    )
    for batch in batches():
        yield table.rows(batch)
    if heap_bytes:
        for batch in batches():
            yield table.heap(batch)
    yield bytes(-(row_count * table.row.itemsize + heap_bytes) % BLOCK)


class _Table:
    """Rows and heap of a table, batch by batch in the same order."""

    def __init__(self, columns: Sequence[FitsColumn]) -> None:
        self.columns = columns
        self.row = np.dtype([(str(i), column.cell) for i, column in enumerate(columns)])
        self._heap_size = 0

    def rows(self, batch: pa.RecordBatch) -> bytes:
        """Return the rows of a batch, arrays in the heap as pointers to where they will be."""
        rows = np.zeros(batch.num_rows, self.row)
        for i, (column, cells) in enumerate(zip(self.columns, batch.columns, strict=True)):
            rows[str(i)] = self._pointers(column, cells) if column.in_heap else column.cells(cells)
        return rows.tobytes()

    def heap(self, batch: pa.RecordBatch) -> bytes:
        """Return what the rows of a batch have in the heap."""
        pairs = zip(self.columns, batch.columns, strict=True)
        return b"".join(
            column.heap(cells)[1].tobytes() for column, cells in pairs if column.in_heap
        )

    def _pointers(self, column: FitsColumn, cells: pa.Array) -> np.ndarray:
        lengths, elements = column.heap(cells)
        sizes = lengths * column.element_bytes
        places = self._heap_size + np.cumsum(sizes) - sizes
        self._heap_size += elements.nbytes
        return np.stack([lengths, places], axis=1)

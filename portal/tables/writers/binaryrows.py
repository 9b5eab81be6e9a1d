"""Rows as BINARY2 packs them (VOTable 1.4, sections 5.3 and 5.4)."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from portal.tables.columns import Column
from portal.tables.writers.flat import filled
from portal.tables.writers.flat import fixed_count
from portal.tables.writers.flat import Flat
from portal.tables.writers.flat import flatten
from portal.tables.writers.flat import is_complex

LENGTH = ">u4"
FOUR_BYTES_FROM = 0xF0
CONTINUES, CONTINUATION = 0xC0, 0x80


def binary_rows(
    columns: Sequence[Column], nulls: Sequence[int | None], batch: pa.RecordBatch
) -> bytes:
    """Return the rows of a batch as BINARY2, columns as they are declared in the header.

    `nulls` has the integer that stands for null inside an array of each column.
    """
    rows = _Rows(batch)
    for column, null, cells in zip(columns, nulls, batch.columns, strict=True):
        if column.is_text:
            rows.add_variable(*_text(column, cells))
        else:
            _add_numbers(rows, column, null, flatten(column, cells))
    return rows.joined()


class _Rows:
    """Rows as stretches of fixed length, side by side with what varies in length."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self._count = batch.num_rows
        self._pieces: list[pa.Array] = []
        self._stretch: list[tuple[str, np.ndarray]] = []
        null = [cells.is_null().to_numpy(zero_copy_only=False) for cells in batch.columns]
        flags = np.packbits(np.stack(null, axis=1), axis=1)
        self.add_fixed(f"({flags.shape[1]},)u1", flags)

    def add_fixed(self, dtype: str, values: np.ndarray) -> None:
        """Add a cell of the same length to each row."""
        self._stretch.append((dtype, values))

    def add_variable(self, counts: np.ndarray, cells: pa.Array) -> None:
        """Add a cell of any length to each row, preceded by its number of elements."""
        self.add_fixed(LENGTH, counts)
        self._end_stretch()
        self._pieces.append(cells)

    def joined(self) -> bytes:
        """Return all rows."""
        self._end_stretch()
        return bytes(contents(pc.binary_join_element_wise(*self._pieces, b""))[1])

    def _end_stretch(self) -> None:
        if not self._stretch:
            return
        names = [(str(i), dtype) for i, (dtype, _) in enumerate(self._stretch)]
        stretch = np.empty(self._count, dtype=np.dtype(names))
        for i, (_, values) in enumerate(self._stretch):
            stretch[str(i)] = values
        width = stretch.dtype.itemsize
        offsets = np.arange(self._count + 1, dtype=np.int32) * width
        self._pieces.append(binary_array(offsets, stretch))
        self._stretch = []


def binary_array(offsets: np.ndarray, data: np.ndarray | bytes) -> pa.Array:
    """Return an array of byte strings that lie one after the other in `data`."""
    buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.binary(), len(offsets) - 1, buffers)


def contents(cells: pa.Array) -> tuple[np.ndarray, memoryview]:
    """Return where each cell of an array of strings or bytes ends, and all their bytes."""
    edges = np.frombuffer(cells.buffers()[1], np.int32)[cells.offset :][: len(cells) + 1]
    return edges - edges[0], memoryview(cells.buffers()[2] or b"")[edges[0] : edges[-1]]


def _text(column: Column, cells: pa.Array) -> tuple[np.ndarray, pa.Array]:
    """Return the number of characters of each cell, as stored, and the cells; null is empty."""
    narrow = cells.fill_null("").cast(pa.binary())
    if column.datatype == "char":
        return pc.binary_length(narrow).to_numpy(), narrow
    edges, data = contents(narrow)
    utf8 = np.frombuffer(data, np.uint8)
    units = ((utf8 & CONTINUES) != CONTINUATION).astype(np.int64) + (utf8 >= FOUR_BYTES_FROM)
    ends = np.concatenate(([0], np.cumsum(units)))[edges]
    return np.diff(ends), binary_array(2 * ends, str(data, "utf-8").encode("utf-16-be"))


def _add_numbers(rows: _Rows, column: Column, null: int | None, flat: Flat) -> None:
    values = _stored(column, null, flat)
    numbers = 2 if is_complex(column) else 1
    if not column.is_array:
        rows.add_fixed(f"({numbers},){values.dtype.str}", values.reshape(-1, numbers))
        return
    count = fixed_count(column)
    if count is None:
        ends = np.concatenate(([0], np.cumsum(flat.lengths)))
        rows.add_variable(flat.lengths, binary_array(ends * numbers * values.itemsize, values))
        return
    cells = np.zeros((len(flat.lengths), count * numbers), values.dtype)
    cells[~flat.null_cells] = values.reshape(-1, count * numbers)
    rows.add_fixed(f"({count * numbers},){values.dtype.str}", cells)


def _stored(column: Column, null: int | None, flat: Flat) -> np.ndarray:
    """Return the elements in big-endian order, with what stands for null among them."""
    if column.datatype == "boolean":
        letters = np.where(flat.values, ord("T"), ord("F"))
        return np.where(flat.null, ord("?"), letters).astype(np.uint8)
    values = filled(column, flat, null)
    return values.astype(values.dtype.newbyteorder(">"))

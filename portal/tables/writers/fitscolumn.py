"""Columns as a FITS binary table declares and stores them (FITS standard 4.0, section 7.3)."""

from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from portal.tables.columns import Column
from portal.tables.writers.binaryrows import contents
from portal.tables.writers.flat import filled
from portal.tables.writers.flat import fixed_count
from portal.tables.writers.flat import Flat
from portal.tables.writers.flat import flatten
from portal.tables.writers.flat import is_complex
from portal.tables.writers.flat import nothing_of
from portal.tables.writers.flat import number_dtype
from portal.tables.writers.measure import INTEGERS
from portal.tables.writers.measure import Measure

LETTERS = {
    "boolean": "L",
    "bit": "L",
    "unsignedByte": "B",
    "short": "I",
    "int": "J",
    "long": "K",
    "float": "E",
    "double": "D",
    "floatComplex": "C",
    "doubleComplex": "M",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FitsColumn:
    """How a column is stored; `column` is what it is declared as, `null` its TNULL.

    `cell` is the numpy type of what a row holds: the cell itself, or for an array of any
    length the number of its elements and their place in the heap.
    """

    column: Column
    tform: str
    cell: np.dtype[Any]
    null: int | None = None
    in_heap: bool = False
    heap_bytes: int = 0

    @property
    def element_bytes(self) -> int:
        """The bytes of an element in the heap."""
        return _element_bytes(self.column)

    @property
    def tdim(self) -> str | None:
        """The shape of an array of several dimensions."""
        sizes = (self.column.arraysize or "").split("x")
        return None if self.in_heap or len(sizes) == 1 else f"({','.join(sizes)})"

    def cells(self, cells: pa.Array) -> np.ndarray:
        """Return what rows hold of a column that is not in the heap."""
        if self.column.is_text:
            padded = pc.ascii_rpad(cells.fill_null(""), self.cell.itemsize, "\0")
            return np.frombuffer(contents(padded)[1], self.cell)
        flat = flatten(self.column, cells)
        if not self.column.is_array:
            return self._stored(flat).reshape(len(cells), *self.cell.shape)
        nothing = nothing_of(self.column, self.null)
        rows = np.full((len(cells), *self.cell.shape), nothing, self.cell.base)
        rows[~flat.null_cells] = self._stored(flat).reshape(-1, *self.cell.shape)
        return rows

    def heap(self, cells: pa.Array) -> tuple[np.ndarray, np.ndarray]:
        """Return the number of elements of each cell, and all elements as the heap has them."""
        flat = flatten(self.column, cells)
        return flat.lengths, self._stored(flat)

    def _stored(self, flat: Flat) -> np.ndarray:
        if self.column.datatype in ("boolean", "bit"):
            letters = np.where(flat.values, ord("T"), ord("F"))
            return np.where(flat.null, 0, letters).astype(np.uint8)
        values = filled(self.column, flat, self.null)
        return values.astype(values.dtype.newbyteorder(">"))


def fits_column(column: Column, measured: Measure) -> FitsColumn:
    """Return how to store a column of which all cells were measured."""
    if column.is_text:
        width = max(1, measured.widest)
        return FitsColumn(column=column, tform=f"{width}A", cell=np.dtype(f"S{width}"))
    null = None
    if column.datatype in INTEGERS and (measured.nulls or measured.null_cells):
        datatype, null = measured.integer_null(column.datatype)
        column = replace(column, datatype=datatype)
    letter, element = LETTERS[column.datatype], _element(column)
    count = fixed_count(column) if column.is_array else 1
    if count is None or not measured.all_have(count):
        return _in_heap(column, measured)
    numbers = count * (2 if is_complex(column) else 1)
    cell = np.dtype((element, (numbers,))) if numbers > 1 else element
    return FitsColumn(column=column, tform=f"{count}{letter}", cell=cell, null=null)


def _in_heap(column: Column, measured: Measure) -> FitsColumn:
    if column.datatype in INTEGERS and measured.nulls:
        # astropy cannot read a heap column with TNULL.
        column = replace(column, datatype="double")
    return FitsColumn(
        column=replace(column, arraysize="*"),
        tform=f"1Q{LETTERS[column.datatype]}({measured.longest})",
        cell=np.dtype((">i8", (2,))),
        in_heap=True,
        heap_bytes=measured.elements * _element_bytes(column),
    )


def _element_bytes(column: Column) -> int:
    return _element(column).itemsize * (2 if is_complex(column) else 1)


def _element(column: Column) -> np.dtype[Any]:
    if column.datatype in ("boolean", "bit"):
        return np.dtype(np.uint8)
    return number_dtype(column).newbyteorder(">")

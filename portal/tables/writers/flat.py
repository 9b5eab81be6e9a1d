"""Cells of numbers as flat numpy arrays."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from portal.tables.columns import Column
from portal.tables.columns import SCALAR_TYPES


@dataclass(frozen=True, slots=True)
class Flat:
    """All elements of a column's cells, one after the other.

    `values` has one number per element, two for complex ones, and NaN, 0 or False where
    `null` is set. `lengths` counts the elements of each cell: 1 for scalars, 0 for nulls
    among arrays. `null_cells` are the cells that are null as a whole.
    """

    values: np.ndarray
    null: np.ndarray
    lengths: np.ndarray
    null_cells: np.ndarray


def is_complex(column: Column) -> bool:
    """Whether an element is a pair of numbers."""
    return column.datatype in ("floatComplex", "doubleComplex")


def number_dtype(column: Column) -> np.dtype[Any]:
    """Return the type of one number of an element."""
    scalar = SCALAR_TYPES[column.datatype]
    number = scalar.value_type if is_complex(column) else scalar
    dtype: np.dtype[Any] = np.dtype(number.to_pandas_dtype())
    return dtype


def fixed_count(column: Column) -> int | None:
    """Return how many elements each cell of an array column has, None if any number."""
    sizes = (column.arraysize or "1").split("x")
    return None if sizes[-1].endswith("*") else math.prod(int(size) for size in sizes)


def flatten(column: Column, cells: pa.Array) -> Flat:
    """Return the elements of a column of numbers or truth values."""
    null_cells = cells.is_null().to_numpy(zero_copy_only=False)
    if not column.is_array:
        lengths, elements = np.ones(len(cells), np.int64), cells
    else:
        lengths = pc.fill_null(pc.list_value_length(cells), 0).to_numpy().astype(np.int64)
        elements = cells.flatten()
    null = elements.is_null().to_numpy(zero_copy_only=False)
    values = _pairs(elements, null) if is_complex(column) else _numbers(elements)
    return Flat(values, null, lengths, null_cells)


def filled(column: Column, flat: Flat, null: int | None) -> np.ndarray:
    """Return the numbers in the column's own type, with what stands for null in place."""
    values = flat.values.astype(number_dtype(column))
    if flat.null.any() and not is_complex(column):
        values[flat.null] = nothing_of(column, null)
    return values


def nothing_of(column: Column, null: int | None) -> float:
    """Return the number that stands for null: this one, else NaN, else 0."""
    if null is not None:
        return null
    return math.nan if number_dtype(column).kind == "f" else 0


def _numbers(elements: pa.Array) -> np.ndarray:
    fill: Any = np.nan if pa.types.is_floating(elements.type) else 0
    if pa.types.is_boolean(elements.type):
        fill = False
    return np.asarray(elements.fill_null(fill).to_numpy(zero_copy_only=False))


def _pairs(elements: pa.FixedSizeListArray, null: np.ndarray) -> np.ndarray:
    begin = 2 * elements.offset
    values = _numbers(elements.values.slice(begin, 2 * len(elements)))
    if null.any():
        values = values.copy()
        values[np.repeat(null, 2)] = np.nan
    return values

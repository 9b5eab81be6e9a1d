"""Columns of numbers and truth values as NumPy sees them, copied only where they must be."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from portal.tables import arrow_type
from portal.tables import Column


def is_fixed_width(column: Column) -> bool:
    """Whether the cells are single numbers or truth values, which NumPy can compare."""
    return column.is_numeric or bool(pa.types.is_boolean(arrow_type(column)))


def values_of(array: pa.Array) -> NDArray[Any]:
    """Return the values of a fixed-width column; where it is null they mean nothing."""
    bits = array.buffers()[1]
    if pa.types.is_boolean(array.type):
        return _bits(bits, array)
    whole = pa.Array.from_buffers(array.type, len(array), [None, bits], offset=array.offset)
    values: NDArray[Any] = whole.to_numpy()
    return values


def valid_of(array: pa.Array) -> NDArray[np.bool_] | None:
    """Return where the array is not null, or None when it nowhere is."""
    if array.null_count == 0:
        return None
    return _bits(array.buffers()[0], array)


def present_values(array: pa.Array) -> NDArray[Any]:
    """Return the values that are neither null nor NaN, in their order."""
    values, valid = values_of(array), valid_of(array)
    if valid is not None:
        values = values[valid]
    if values.dtype.kind == "f" and np.isnan(values).any():
        values = values[~np.isnan(values)]
    return values


def _bits(buffer: pa.Buffer, array: pa.Array) -> NDArray[np.bool_]:
    end = array.offset + len(array)
    bits = np.unpackbits(np.frombuffer(buffer, np.uint8), count=end, bitorder="little")
    return bits[array.offset :].view(np.bool_)

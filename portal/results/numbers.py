"""Columns of numbers and truth values as NumPy sees them, copied only where they must be."""

from typing import Any
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from portal.tables import arrow_type
from portal.tables import Column


class Numbers(NamedTuple):
    """The values of one batch of a fixed-width column; truth values are 0 and 1.

    `valid` says where there is a value at all, None: everywhere. Elsewhere the value means
    nothing. NaN is a value here, and no comparison finds it.
    """

    values: NDArray[Any]
    valid: NDArray[np.bool_] | None

    def where(self, found: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Restrict the outcome of a comparison to rows that have a value."""
        return found if self.valid is None else found & self.valid

    def count(self, found: NDArray[np.bool_]) -> int:
        """Count the rows that a comparison found."""
        return int(np.count_nonzero(self.where(found)))

    def are_present(self) -> NDArray[np.bool_]:
        """Return where there is a value that is not NaN."""
        if self.values.dtype.kind == "f":
            return self.where(~np.isnan(self.values))
        return self.where(np.ones(len(self.values), np.bool_))

    def present(self) -> NDArray[Any]:
        """Return the values that are neither null nor NaN, in their order."""
        found = self.are_present()
        return self.values if found.all() else self.values[found]


def is_fixed_width(column: Column) -> bool:
    """Whether the cells are single numbers or truth values, which NumPy can compare."""
    return column.is_numeric or bool(pa.types.is_boolean(arrow_type(column)))


def numbers_of(array: pa.Array) -> Numbers:
    """Return the cells of a fixed-width column."""
    validity, bits = array.buffers()
    valid = _bits(validity, array).view(np.bool_) if array.null_count else None
    if pa.types.is_boolean(array.type):
        return Numbers(_bits(bits, array), valid)
    whole = pa.Array.from_buffers(array.type, len(array), [None, bits], offset=array.offset)
    return Numbers(whole.to_numpy(), valid)


def _bits(buffer: pa.Buffer, array: pa.Array) -> NDArray[np.uint8]:
    end = array.offset + len(array)
    bits = np.unpackbits(np.frombuffer(buffer, np.uint8), count=end, bitorder="little")
    return bits[array.offset :]


def is_missing(array: pa.Array) -> NDArray[np.bool_]:
    """Return where a column of any type is null or NaN."""
    missing = np.zeros(len(array), np.bool_)
    if array.null_count:
        missing |= ~_bits(array.buffers()[0], array).view(np.bool_)
    if pa.types.is_floating(array.type):
        missing |= np.isnan(numbers_of(array).values)
    return missing

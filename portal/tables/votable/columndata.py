"""The cells of one column of BINARY rows, all at once, as an Arrow array."""

import numpy as np
import pyarrow as pa

from portal.problems import ServiceError
from portal.tables.votable.gather import gather
from portal.tables.votable.gather import gather_fixed
from portal.tables.votable.gather import Gathered
from portal.tables.votable.rowlayout import Cell
from portal.tables.votable.strings import narrow_strings
from portal.tables.votable.strings import wide_strings

TRUE, FALSE, UNKNOWN, WRONG = 1, 0, 2, 3
BOOLEANS = np.full(256, WRONG, np.uint8)
BOOLEANS[list(b"Tt1")] = TRUE
BOOLEANS[list(b"Ff0")] = FALSE
BOOLEANS[list(b"\0 ?")] = UNKNOWN


def column_array(
    buffer: bytes, cell: Cell, starts: np.ndarray, counts: np.ndarray, flagged: np.ndarray | None
) -> pa.Array:
    """Return the column whose cells begin at `starts` and have `counts` elements.

    `flagged` are the rows that BINARY2 marks as null. Raises ServiceError on a byte that
    is no boolean.
    """
    if cell.count is None:
        found = gather(buffer, starts, (counts * cell.bits + 7) >> 3)
    else:
        found = gather_fixed(buffer, starts, cell.width)
    if cell.column.datatype == "char":
        return narrow_strings(found, flagged)
    if cell.column.datatype == "unicodeChar":
        return wide_strings(found, flagged)
    if not cell.column.is_array:
        return _elements(cell, found, counts, flagged)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    elements = _elements(cell, found, counts, None)
    mask = None if flagged is None else pa.array(flagged)
    return pa.ListArray.from_arrays(offsets, elements, mask=mask)


def _elements(
    cell: Cell, found: Gathered, counts: np.ndarray, flagged: np.ndarray | None
) -> pa.Array:
    """Return the elements of all cells in one flat array."""
    if cell.column.datatype == "bit":
        return pa.array(_bits(cell, found, counts), mask=flagged)
    if cell.column.datatype == "boolean":
        return _booleans(cell, found, flagged)
    values = found.data.view(cell.dtype).astype(cell.dtype.newbyteorder("="))
    if cell.is_complex:
        return _complex_numbers(values, flagged)
    hidden = flagged
    if values.dtype.kind == "f":
        hidden = _either(hidden, np.isnan(values))
    if cell.null is not None:
        hidden = _either(hidden, values == cell.null)
    return pa.array(values, mask=hidden)


def _bits(cell: Cell, found: Gathered, counts: np.ndarray) -> np.ndarray:
    """Return bits that are packed cell by cell, the most significant first."""
    if not cell.column.is_array:
        return found.data.astype(bool)
    ends = np.cumsum(counts)
    first_bits = found.offsets[:-1].astype(np.int64) * 8
    places = np.arange(ends[-1]) + np.repeat(first_bits - (ends - counts), counts)
    bits: np.ndarray = np.unpackbits(found.data)[places]
    return bits.astype(bool)


def _booleans(cell: Cell, found: Gathered, flagged: np.ndarray | None) -> pa.Array:
    codes = BOOLEANS[found.data]
    if (codes == WRONG).any():
        raise ServiceError(f"The service's column {cell.column.name} has a bad boolean value.")
    return pa.array(codes == TRUE, mask=_either(flagged, codes == UNKNOWN))


def _complex_numbers(values: np.ndarray, flagged: np.ndarray | None) -> pa.Array:
    hidden = _either(flagged, np.isnan(values).reshape(-1, 2).any(axis=1))
    mask = None if hidden is None else pa.array(hidden)
    return pa.FixedSizeListArray.from_arrays(pa.array(values), 2, mask=mask)


def _either(flagged: np.ndarray | None, hidden: np.ndarray) -> np.ndarray | None:
    if not hidden.any():
        return flagged
    return hidden if flagged is None else flagged | hidden

"""Text of BINARY rows: char is UTF-8, unicodeChar UTF-16."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pyarrow as pa

from portal.tables.votable.gather import gather
from portal.tables.votable.gather import Gathered

UNIT = 2  # bytes of a UTF-16 code unit
TWO_BYTES_FROM, THREE_BYTES_FROM = 0x80, 0x800
FIRST_SURROGATE, LAST_SURROGATE = 0xD800, 0xDFFF


def narrow_strings(cells: Gathered, flagged: np.ndarray | None) -> pa.Array:
    """Return cells of UTF-8 up to their first NUL; ISO 8859-1 where they are no UTF-8."""
    cells = _up_to_nul(cells, cells.data, 1)
    array = _string_array(cells.data, cells.offsets, flagged)
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return _one_by_one(cells, flagged, _utf8_or_latin1)
    return array


def wide_strings(cells: Gathered, flagged: np.ndarray | None) -> pa.Array:
    """Return cells of big-endian UTF-16 up to their first NUL; U+FFFD for what is none."""
    cells = _up_to_nul(cells, cells.data.view(">u2"), UNIT)
    units = cells.data.view(">u2")
    if ((units >= FIRST_SURROGATE) & (units <= LAST_SURROGATE)).any():
        return _one_by_one(cells, flagged, _utf16)
    utf8 = cells.data.tobytes().decode("utf-16-be").encode()
    sizes = 1 + (units >= TWO_BYTES_FROM) + (units >= THREE_BYTES_FROM)
    ends = np.concatenate(([0], np.cumsum(sizes)))
    return _string_array(utf8, ends[cells.offsets // UNIT], flagged)


def _up_to_nul(cells: Gathered, units: np.ndarray, unit: int) -> Gathered:
    nuls = np.flatnonzero(units == 0)
    if not nuls.size:
        return cells
    starts, ends = cells.offsets[:-1] // unit, cells.offsets[1:] // unit
    first_nul = np.append(nuls, len(units))[np.searchsorted(nuls, starts)]
    lengths = np.minimum(ends, first_nul) - starts
    return gather(cells.data, starts * unit, lengths * unit)


def _string_array(
    utf8: np.ndarray | bytes, offsets: np.ndarray, flagged: np.ndarray | None
) -> pa.Array:
    null = None if flagged is None else pa.py_buffer(np.packbits(~flagged, bitorder="little"))
    buffers = [null, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(utf8)]
    return pa.Array.from_buffers(pa.string(), len(offsets) - 1, buffers)


def _one_by_one(
    cells: Gathered, flagged: np.ndarray | None, decode: Callable[[bytes], str]
) -> pa.Array:
    data, edges = cells.data.tobytes(), cells.offsets.tolist()
    texts = [decode(data[i:j]) for i, j in pairwise(edges)]
    return pa.array(texts, pa.string(), mask=flagged)


def _utf8_or_latin1(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _utf16(text: bytes) -> str:
    return text.decode("utf-16-be", "replace")

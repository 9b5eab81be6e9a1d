"""Bring cells that lie scattered over rows side by side."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Gathered:
    """The bytes of all cells of a column, one after the other; cell i ends at offsets[i + 1]."""

    data: np.ndarray
    offsets: np.ndarray


def gather_fixed(buffer: bytes, starts: np.ndarray, width: int) -> Gathered:
    """Gather cells of `width` bytes that begin at `starts` in ascending order."""
    offsets = np.arange(len(starts) + 1, dtype=np.int64) * width
    if not len(starts) or not width:
        return Gathered(np.empty(0, np.uint8), offsets)
    everywhere = np.ndarray((len(buffer) - width + 1,), f"V{width}", buffer, strides=(1,))
    return Gathered(everywhere[starts].view(np.uint8), offsets)


def gather(buffer: bytes | np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> Gathered:
    """Gather cells of `lengths` bytes that begin at `starts` and do not overlap.

    The cells and what lies between them are an Arrow array over the buffer as it is, of
    which every other element is taken.
    """
    count = len(starts)
    if not count:
        return Gathered(np.empty(0, np.uint8), np.zeros(1, np.int64))
    edges = np.empty(2 * count, np.int32)
    edges[0::2], edges[1::2] = starts, starts + lengths
    buffers = [None, pa.py_buffer(edges), pa.py_buffer(buffer)]
    cells = pa.Array.from_buffers(pa.binary(), 2 * count - 1, buffers)
    taken = cells.take(pa.array(np.arange(0, 2 * count, 2)))
    offsets = np.frombuffer(taken.buffers()[1], np.int32, count + 1)
    data = taken.buffers()[2]
    return Gathered(
        np.frombuffer(data, np.uint8, offsets[-1]) if data else np.empty(0, np.uint8), offsets
    )

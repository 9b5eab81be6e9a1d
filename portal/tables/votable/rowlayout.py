"""Where the cells of BINARY and BINARY2 rows lie (VOTable 1.4, sections 5.3 and 5.4)."""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from astropy.io.votable.tree import Field

from portal.tables.columns import Column

LENGTH = struct.Struct(">I")
LAST_BYTE = 0xFF
# How one element is stored, and of how many such numbers it consists.
ELEMENTS = {
    "boolean": ("u1", 1),
    "bit": ("u1", 1),
    "char": ("u1", 1),
    "unicodeChar": (">u2", 1),
    "unsignedByte": ("u1", 1),
    "short": (">i2", 1),
    "int": (">i4", 1),
    "long": (">i8", 1),
    "float": (">f4", 1),
    "double": (">f8", 1),
    "floatComplex": (">f4", 2),
    "doubleComplex": (">f8", 2),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How the cells of a column are stored: `count` elements of `bits` bits, or any number.

    A variable-length cell (`count` is None) begins with its number of elements. `dtype` is
    that of one number, `null` the number that stands for none.
    """

    column: Column
    dtype: np.dtype[Any]
    bits: int
    count: int | None
    null: Any

    @property
    def is_complex(self) -> bool:
        """Whether an element is a pair of numbers."""
        return self.bits == 2 * 8 * self.dtype.itemsize

    @property
    def width(self) -> int:
        """The bytes of a cell of fixed length."""
        return ((self.count or 0) * self.bits + 7) // 8


def cell_of(column: Column, field: Field) -> Cell:
    """Return how the cells of a column are stored."""
    code, numbers = ELEMENTS[column.datatype]
    dtype = np.dtype(code)
    return Cell(
        column=column,
        dtype=dtype,
        bits=1 if column.datatype == "bit" else dtype.itemsize * 8 * numbers,
        count=_count(column.arraysize or "1"),
        null=None if numbers > 1 or column.is_text else field.values.null,
    )


def _count(arraysize: str) -> int | None:
    if arraysize.endswith("*"):
        return None
    return math.prod(int(size) for size in arraysize.split("x"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the complete rows of a buffer are: they fill its first `used` bytes.

    `starts[c]` is where column c's cells begin in each row, after the length word of a
    variable-length one, and `counts[c]` how many elements each of them has.
    """

    rows: int
    used: int
    row_starts: np.ndarray
    starts: list[np.ndarray]
    counts: list[np.ndarray]


class RowLayout:
    """Find rows in a buffer; `flag_bytes` of null flags begin each of them.

    The cells of a row fall into stretches of fixed length, each but the last one followed
    by a cell of variable length.
    """

    def __init__(self, cells: Sequence[Cell], flag_bytes: int) -> None:
        self._cells = cells
        self._stretches = [flag_bytes]
        self._fixed: list[tuple[int, int]] = []
        for cell in cells:
            self._fixed.append((len(self._stretches) - 1, self._stretches[-1]))
            if cell.count is None:
                self._stretches.append(0)
            else:
                self._stretches[-1] += cell.width
        self._bits = [cell.bits for cell in cells if cell.count is None]
        self._cells_are_short = all(bits % 8 == 0 for bits in self._bits)

    def find(self, buffer: bytes) -> Places:
        """Return the places of the rows that are complete in `buffer`."""
        positions, counts = self._length_words(buffer)
        ends = positions + LENGTH.size + ((counts * np.array(self._bits, np.int64) + 7) >> 3)
        rows = self._complete(buffer, ends)
        first, stretches = self._stretches[0], self._stretches
        if self._bits:
            row_starts = positions[:rows, 0] - first
            used = int(ends[rows - 1, -1]) + stretches[-1] if rows else 0
        else:
            row_starts = np.arange(rows) * first
            used = rows * first
        begins = [row_starts, *(ends[:rows, k] for k in range(len(self._bits)))]
        starts, lengths = [], []
        for cell, (stretch, offset) in zip(self._cells, self._fixed, strict=True):
            word = LENGTH.size if cell.count is None else 0
            starts.append(begins[stretch] + offset + word)
            lengths.append(
                counts[:rows, stretch] if cell.count is None else np.full(rows, cell.count)
            )
        return Places(rows=rows, used=used, row_starts=row_starts, starts=starts, counts=lengths)

    def _length_words(self, buffer: bytes) -> tuple[np.ndarray, np.ndarray]:
        """Return where the length words of each row are, and what they say, as (rows, cells).

        The last row may be incomplete. Walking from word to word by their last bytes alone
        is three times as fast, and right until a cell has more than 255 elements.
        """
        if not self._bits:
            return np.empty((0, 0), np.int64), np.empty((0, 0), np.int64)
        if self._cells_are_short:
            words = self._as_rows(buffer, _walk_last_bytes(buffer, *self._first_and_steps()))
            if not (words[1] > LAST_BYTE).any():
                return words
            self._cells_are_short = False
        return self._as_rows(buffer, _walk(buffer, *self._first_and_steps()))

    def _first_and_steps(self) -> tuple[int, list[tuple[int, int]]]:
        gaps = [*self._stretches[1:-1], self._stretches[-1] + self._stretches[0]]
        steps = [(bits, LENGTH.size + gap) for bits, gap in zip(self._bits, gaps, strict=True)]
        return self._stretches[0], steps

    def _as_rows(self, buffer: bytes, positions: list[int]) -> tuple[np.ndarray, np.ndarray]:
        rows = len(positions) // len(self._bits)
        places = np.array(positions[: rows * len(self._bits)], np.int64)
        places = places.reshape(rows, len(self._bits))
        return places, _words(buffer, places)

    def _complete(self, buffer: bytes, ends: np.ndarray) -> int:
        if not self._bits:
            return len(buffer) // self._stretches[0] if self._stretches[0] else 0
        row_ends = ends[:, -1] + self._stretches[-1]
        return int(np.searchsorted(row_ends, len(buffer), side="right"))


def _walk(buffer: bytes, position: int, steps: Sequence[tuple[int, int]]) -> list[int]:
    """Return the places of all length words: each one says where the next one is."""
    positions: list[int] = []
    append, unpack = positions.append, LENGTH.unpack_from
    try:
        while True:
            for bits, step in steps:
                append(position)
                position += (unpack(buffer, position)[0] * bits + 7 >> 3) + step
    except struct.error:  # past the end of the buffer
        positions.pop()
    return positions


def _walk_last_bytes(buffer: bytes, position: int, steps: Sequence[tuple[int, int]]) -> list[int]:
    """Return what `_walk` does, if no length word is greater than its last byte."""
    positions: list[int] = []
    append, last = positions.append, LENGTH.size - 1
    steps = [(bits // 8, step) for bits, step in steps]
    try:
        while True:
            for size, step in steps:
                append(position)
                position += buffer[position + last] * size + step
    except IndexError:  # past the end of the buffer
        positions.pop()
    return positions


def _words(buffer: bytes, positions: np.ndarray) -> np.ndarray:
    found = np.zeros(positions.shape, np.int64)
    if positions.size:
        everywhere = (len(buffer) - LENGTH.size + 1,)
        found[:] = np.ndarray(everywhere, ">u4", buffer, strides=(1,))[positions]
    return found

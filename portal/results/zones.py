"""The zones of a quantile window: rows whose places in the order follow one another."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.results.numbers import Numbers
from portal.results.selection import select

LOW_SIDE: tuple[np.ufunc, np.ufunc] = (np.greater, np.greater_equal)
HIGH_SIDE: tuple[np.ufunc, np.ufunc] = (np.less, np.less_equal)


class Ties:
    """The rows equal to a value, in natural order: counted, and looked up where needed.

    They may be most of the column.
    """

    def __init__(self, value: Any) -> None:
        self._value = value
        self._batches: list[tuple[Numbers, int]] = []
        self._counts: list[int] = []

    @property
    def size(self) -> int:
        """How many rows there are."""
        return sum(self._counts)

    def add(self, numbers: Numbers, first_row: int) -> None:
        """Take the next batch."""
        self._batches.append((numbers, first_row))
        self._counts.append(numbers.count(numbers.values == self._value))

    def rows(self, first: int, last: int) -> NDArray[np.int64]:
        """Return the rows at these places, looking only into the batches that hold them."""
        starts = np.cumsum([0, *self._counts])
        holding = range(
            int(np.searchsorted(starts, first, side="right")) - 1,
            int(np.searchsorted(starts, last, side="left")),
        )
        rows = np.concatenate([self._rows_of(*self._batches[place]) for place in holding])
        skipped = starts[holding.start]
        return rows[first - skipped : last - skipped]

    def _rows_of(self, numbers: Numbers, first_row: int) -> NDArray[np.int64]:
        return np.flatnonzero(numbers.where(numbers.values == self._value)) + first_row


class Edge:
    """One end of a window, and how many rows lie on the inner side of it.

    A tied edge, whose value many rows may have, excludes and counts these rows; any other
    edge includes them. None as the value lets every row through that has one.
    """

    def __init__(self, value: Any, *, is_low: bool, is_tied: bool) -> None:
        self._value = value
        excluding, including = LOW_SIDE if is_low else HIGH_SIDE
        self._compare = excluding if is_tied else including
        self.ties = Ties(value) if is_tied else None
        self.inner_rows = 0

    def add(self, numbers: Numbers, first_row: int) -> NDArray[np.bool_]:
        """Take the next batch; return which of its rows lie on the inner side."""
        if self._value is None:
            inner = numbers.are_present()
        else:
            inner = numbers.where(self._compare(numbers.values, self._value))
        self.inner_rows += int(np.count_nonzero(inner))
        if self.ties is not None:
            self.ties.add(numbers, first_row)
        return inner


class Between:
    """Rows of values that lie between others: collected, and ordered as they are asked for."""

    def __init__(self, *, ascending: bool) -> None:
        self._ascending = ascending
        self._rows: list[NDArray[np.int64]] = []
        self._values: list[NDArray[Any]] = []

    @property
    def size(self) -> int:
        """How many rows there are."""
        return sum(map(len, self._rows))

    def add(self, numbers: Numbers, first_row: int, found: NDArray[np.bool_]) -> None:
        """Take the rows of the next batch that a comparison found."""
        places = np.flatnonzero(found)
        self._rows.append(places + first_row)
        self._values.append(numbers.values[places])

    def rows(self, first: int, last: int) -> NDArray[np.int64]:
        """Return the rows at these places."""
        values = np.concatenate(self._values)
        places = select(values, first, last, ascending=self._ascending)
        rows: NDArray[np.int64] = np.concatenate(self._rows)[places]
        return rows

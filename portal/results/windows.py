"""The quantile window: a page of an ordered column in one pass over it, without an index.

A sorted random sample of the column (see `survey.py`) brackets the values that can stand on
the page. One pass counts what lies before the bracket and collects what lies inside; only
that is ordered. The counts prove whether the page is inside; if not, the bracket is widened,
in the end to everything.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.results.numbers import numbers_of
from portal.results.opened import OpenResult
from portal.results.zones import Between
from portal.results.zones import Edge

FIRST_SIGMAS = 4.0
WIDENING = 4.0


def rank_rows(
    result: OpenResult, index: int, first: int, last: int, *, ascending: bool
) -> NDArray[np.int64]:
    """Return the rows at places `first` to `last` - 1 of the order of a fixed-width column.

    Only rows with a value have a place; equal values stand in their natural order. The
    result must be whole, and the places must exist.
    """
    window = find_window(result, index, first, last, ascending=ascending)
    return window.rows(first - window.before, last - window.before)


def find_window(
    result: OpenResult, index: int, first: int, last: int, *, ascending: bool
) -> "Window":
    """Return a window that holds these places of the order, and not much more."""
    sample, present = result.sample(index), result.present(index)
    lowest, highest = (first, last) if ascending else (present - last, present - first)
    sigmas = FIRST_SIGMAS
    while True:
        low = _place(len(sample), lowest / present, -sigmas)
        high = _place(len(sample), highest / present, sigmas)
        window = Window(result, index, *_edges(sample, low, high), ascending=ascending)
        if window.before <= first and last <= window.before + window.size:
            return window
        sigmas *= WIDENING


class Window:
    """The rows of a column from one edge to another, in three zones.

    First the rows equal to the nearer edge, then those between, then those equal to the
    farther one. `before` counts the rows that stand before all of them, `collected` those
    between, which are the ones that cost memory and time.
    """

    def __init__(
        self, result: OpenResult, index: int, low: Edge, high: Edge, *, ascending: bool
    ) -> None:
        between = Between(ascending=ascending)
        for first_row, array in result.column(index):
            numbers = numbers_of(array)
            inner = low.add(numbers, first_row)
            inner &= high.add(numbers, first_row)
            between.add(numbers, first_row, inner)
        near, far = (low, high) if ascending else (high, low)
        self._zones = [zone for zone in (near.ties, between, far.ties) if zone is not None]
        self.collected = between.size
        ties = near.ties.size if near.ties is not None else 0
        self.before = result.present(index) - near.inner_rows - ties

    @property
    def size(self) -> int:
        """How many rows there are in the window."""
        return sum(zone.size for zone in self._zones)

    def rows(self, first: int, last: int) -> NDArray[np.int64]:
        """Return the rows at these places of the window."""
        parts, start = [], 0
        for zone in self._zones:
            here = max(first - start, 0), min(last - start, zone.size)
            if here[0] < here[1]:
                parts.append(zone.rows(*here))
            start += zone.size
        return np.concatenate(parts)


def _place(size: int, share: float, sigmas: float) -> int | None:
    """Return the place in a sorted sample so many standard deviations from a quantile.

    None when that is beyond the ends.
    """
    place = math.floor(share * size + sigmas * (math.sqrt(size * share * (1 - share)) + 1))
    return place if 0 <= place < size else None


def _edges(sample: NDArray[Any], low: int | None, high: int | None) -> tuple[Edge, Edge]:
    """Return the edges at two places of the sample; rows equal to both are ties of the first."""
    low_value = None if low is None else sample[low]
    high_value = None if high is None else sample[high]
    high_is_tied = low_value != high_value and _is_repeated(sample, high)
    return (
        Edge(low_value, is_low=True, is_tied=_is_repeated(sample, low)),
        Edge(high_value, is_low=False, is_tied=high_is_tied),
    )


def _is_repeated(sample: NDArray[Any], place: int | None) -> bool:
    """Say whether the value at this place was sampled more than once: many rows may have it."""
    if place is None:
        return False
    return bool(np.count_nonzero(sample[max(place - 1, 0) : place + 2] == sample[place]) > 1)

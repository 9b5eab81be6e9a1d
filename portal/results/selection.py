"""The rows at some places of the order of values, found without sorting all of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def select(values: NDArray[Any], first: int, last: int, *, ascending: bool) -> NDArray[np.int64]:
    """Return the positions of the values that stand at the places `first` to `last` - 1.

    Values are NumPy numbers without NaN; equal ones keep the order of their positions,
    whichever way the order runs.
    """
    size = len(values)
    lowest, highest = (first, last - 1) if ascending else (size - last, size - 1 - first)
    ordered = np.partition(values, (lowest, highest))
    low, high = ordered[lowest], ordered[highest]
    near = np.flatnonzero((values >= low) & (values <= high))
    before = np.count_nonzero(values < low if ascending else values > high)
    order = near[_stable_order(values[near], ascending=ascending)]
    return order[first - before : last - before]


def _stable_order(values: NDArray[Any], *, ascending: bool) -> NDArray[np.int64]:
    if ascending:
        return np.argsort(values, kind="stable")
    backwards: NDArray[np.int64] = np.argsort(values[::-1], kind="stable")[::-1]
    return len(values) - 1 - backwards

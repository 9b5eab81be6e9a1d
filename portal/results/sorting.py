"""Which rows stand where when a result is ordered by a column."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from portal.problems import UsageError
from portal.results.numbers import is_fixed_width
from portal.results.numbers import is_missing
from portal.results.opened import OpenResult
from portal.results.orders import build_order
from portal.results.orders import builder
from portal.results.orders import find_order
from portal.results.survey import UNSAMPLED_ROWS
from portal.results.windows import rank_rows

MOST_ROWS_ORDERED = 2_000_000


class Sort(NamedTuple):
    """Order by one column.

    Rows of equal value keep their natural order whichever way the column runs, and rows
    without a value (null or NaN) come last, in natural order. Text is ordered by code point.
    """

    column: str
    ascending: bool = True


def sorted_rows(result: OpenResult, sort: Sort, first: int, last: int) -> NDArray[np.int64]:
    """Return the rows that stand at places `first` to `last` - 1 of this order.

    The places must exist. UsageError when the column is unknown or has no order, or when
    rows are still arriving.
    """
    index = result.column_index(sort.column)
    column = result.columns[index]
    if result.stored is None:
        raise UsageError("These rows are still arriving. They can be sorted when all are there.")
    if not (column.is_text or is_fixed_width(column)):
        raise UsageError(f"Rows cannot be sorted by {column.name}: a cell holds several values.")
    present = result.present(index)
    parts = [np.empty(0, np.int64)]
    if first < min(last, present):
        parts.append(_ranked(result, index, first, min(last, present), ascending=sort.ascending))
    if max(first, present) < last:
        parts.append(_missing(result, index, max(first - present, 0), last - present))
    return np.concatenate(parts)


def _ranked(
    result: OpenResult, index: int, first: int, last: int, *, ascending: bool
) -> NDArray[np.int64]:
    """Return rows that have a value, from a kept order where there is one.

    Text has to wait for its order. Numbers come from a window meanwhile, or for ever: from a
    very large result that is fast enough, and to sort it is not.
    """
    order = find_order(result, index, ascending=ascending)
    if order is None and is_fixed_width(result.columns[index]):
        if UNSAMPLED_ROWS < result.rows <= MOST_ROWS_ORDERED:
            builder.ask(result, index, ascending=ascending)
        return rank_rows(result, index, first, last, ascending=ascending)
    if order is None:
        order = build_order(result, index, ascending=ascending)
    return order[first:last].astype(np.int64)


def _missing(result: OpenResult, index: int, first: int, last: int) -> NDArray[np.int64]:
    """Return the rows without a value from the `first` such row to before the `last`."""
    found, start = [np.empty(0, np.int64)], 0
    for first_row, array in result.column(index):
        rows = np.flatnonzero(is_missing(array)) + first_row
        found.append(rows[max(first - start, 0) : max(last - start, 0)])
        start += len(rows)
        if start >= last:
            break
    return np.concatenate(found)

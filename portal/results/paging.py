"""Pages of rows: any range of a stored result, in any order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from portal.problems import UsageError
from portal.results.gathering import gather
from portal.results.opened import OpenResult
from portal.results.sorting import Sort
from portal.results.sorting import sorted_rows
from portal.tables import Column

__all__ = ["RowPage", "Sort", "page", "take"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPage:
    """Some rows of a result.

    `row_numbers` are positions in natural order, from 0; `values` holds the cells of these
    rows, in the order of `columns`.
    """

    columns: tuple[Column, ...]
    row_numbers: NDArray[np.int64]
    values: pa.Table


def page(
    result: OpenResult,
    first_row: int,
    row_count: int,
    sort: Sort | None = None,
    columns: Sequence[str] | None = None,
) -> RowPage:
    """Return at most `row_count` rows from `first_row` on, counted in the order asked for.

    Beyond the end there are fewer rows, or none. UsageError when a column is unknown, cannot
    be sorted by, or rows to be sorted are still arriving.
    """
    first = min(max(first_row, 0), result.rows)
    last = min(first + max(row_count, 0), result.rows)
    if sort is None:
        return take(result, range(first, last), columns)
    return take(result, sorted_rows(result, sort, first, last), columns)


def take(
    result: OpenResult,
    row_numbers: Sequence[int] | NDArray[np.int64],
    columns: Sequence[str] | None = None,
) -> RowPage:
    """Return the rows of these numbers, in this order.

    A number that is not in the result, or an unknown column, raises UsageError.
    """
    try:
        numbers = np.asarray(row_numbers, dtype=np.int64)
    except OverflowError as error:
        raise UsageError("One of these rows is not in the result.") from error
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() < result.rows:
        raise UsageError("One of these rows is not in the result.")
    chosen = _choose(result, columns)
    return RowPage(
        columns=tuple(result.columns[index] for index in chosen),
        row_numbers=numbers,
        values=gather(result, numbers, chosen),
    )


def _choose(result: OpenResult, names: Sequence[str] | None) -> list[int]:
    if names is None:
        return list(range(len(result.columns)))
    return [result.column_index(name) for name in names]

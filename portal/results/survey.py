"""What is learnt about the columns of a result in one pass over its rows."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from portal.results.meta import ColumnStatistics
from portal.results.numbers import is_fixed_width
from portal.results.numbers import numbers_of
from portal.tables import Column

UNSAMPLED_ROWS = 65_536
SAMPLE_ROWS = 262_144
ROWS_PER_SAMPLED_ROW = 16


class ColumnSurvey:
    """Counts, extremes, and a random sample of one column, batch after batch.

    Results of at most `UNSAMPLED_ROWS` rows, and columns that NumPy cannot compare, get no
    sample. The sample is a sixteenth of the rows, and never more than `SAMPLE_ROWS`: it
    keeps the number of rows to sort for a page below 100,000 (see `windows.py`).
    """

    def __init__(self, column: Column, *, rows: int) -> None:
        self._is_fixed_width = is_fixed_width(column)
        self._is_numeric = column.is_numeric
        self._missing = 0
        self._extremes: list[float] = []
        self._sample: list[NDArray[Any]] = []
        is_sampled = self._is_fixed_width and rows > UNSAMPLED_ROWS
        self._share = min(1 / ROWS_PER_SAMPLED_ROW, SAMPLE_ROWS / rows) if is_sampled else 0.0
        self._random = np.random.default_rng(rows)

    def add(self, array: pa.Array) -> None:
        """Look at the next rows."""
        if not self._is_fixed_width:
            self._missing += array.null_count
            return
        values = numbers_of(array).present()
        self._missing += len(array) - len(values)
        if self._is_numeric:
            self._extremes = _extremes(values, self._extremes)
        if self._share and len(values):
            chosen = self._random.integers(0, len(values), round(len(values) * self._share))
            self._sample.append(values[chosen])

    @property
    def statistics(self) -> ColumnStatistics:
        """What is known after the last row."""
        minimum, maximum = self._extremes or (None, None)
        return ColumnStatistics(missing=self._missing, minimum=minimum, maximum=maximum)

    def sample(self) -> NDArray[Any] | None:
        """Return the sampled values in ascending order, or None where there is no sample."""
        return np.sort(np.concatenate(self._sample)) if self._sample else None


def _extremes(values: NDArray[Any], known: list[float]) -> list[float]:
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        values = values[np.isfinite(values)]
    if len(values) == 0:
        return known
    found = [values.min().item(), values.max().item(), *known]
    return [min(found), max(found)]

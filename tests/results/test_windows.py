import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from portal.results.meta import ColumnStatistics
from portal.results.opened import OpenResult
from portal.results.windows import find_window
from portal.results.windows import rank_rows
from portal.tables import arrow_type
from portal.tables import Column
from tests.support.examples import examples

NUMBERS = {
    "double": st.floats() | st.sampled_from([0.0, -0.0, math.inf, -math.inf, math.nan]),
    "float": st.floats(width=32),
    "long": st.integers(-(2**63), 2**63 - 1) | st.sampled_from([-(2**63), 2**63 - 1]),
    "short": st.integers(-3, 3),
    "unsignedByte": st.integers(0, 255),
    "boolean": st.booleans(),
}


class SampledResult(OpenResult):
    """A result in memory whose sample is not what a survey would have drawn."""

    def __init__(self, datatype, batches, sample=(), hidden=0):
        column = Column(name="x", datatype=datatype)
        arrays = [array_of(arrow_type(column), batch, hidden) for batch in batches]
        batches = [pa.record_batch([array], ["x"]) for array in arrays]
        missing = sum(pc.is_null(array, nan_is_null=True).true_count for array in arrays)
        super().__init__(
            Path(),
            (column,),
            [len(batch) for batch in batches],
            batches.__getitem__,
            statistics=(ColumnStatistics(missing=missing),),
        )
        dtype = np.uint8 if datatype == "boolean" else arrow_type(column).to_pandas_dtype()
        self._sample = np.sort(np.array(sample, dtype))

    def sample(self, index):
        return self._sample


def array_of(arrow, values, hidden):
    """Return an array whose nulls hide a value, as they may."""
    plain = np.array(
        [hidden if value is None else value for value in values], arrow.to_pandas_dtype()
    )
    return pa.array(plain, arrow, mask=np.array([value is None for value in values], bool))


def values_of(batches):
    return [value for batch in batches for value in batch.column(0).to_pylist()]


def is_missing(value):
    return value is None or value != value  # noqa: PLR0124 - NaN is not equal to itself


def reference(values, *, ascending):
    """Return the rows that have a value, sorted the simple way; Python's sort is stable."""
    rows = [row for row, value in enumerate(values) if not is_missing(value)]
    return sorted(rows, key=values.__getitem__, reverse=not ascending)


@st.composite
def columns(draw):
    datatype = draw(st.sampled_from(sorted(NUMBERS)))
    values = NUMBERS[datatype]
    if draw(st.booleans()):  # few distinct values: heavy ties
        values = st.sampled_from(draw(st.lists(values, min_size=1, max_size=3)))
    batches = draw(st.lists(st.lists(st.none() | values, max_size=20), min_size=1, max_size=6))
    return datatype, batches


@given(columns(), st.booleans(), st.data())
@settings(max_examples=examples(200), deadline=None)
def test_any_page_is_exact_whatever_was_sampled(column, ascending, data):
    datatype, batches = column
    values = [value for batch in batches for value in batch]
    expected = reference(values, ascending=ascending)
    first = data.draw(st.integers(0, max(0, len(expected) - 1)))
    last = data.draw(st.integers(first + 1, max(first + 1, len(expected))))
    present = [values[row] for row in expected]
    sample = data.draw(st.lists(st.sampled_from(present), max_size=40)) if present else []
    result = SampledResult(datatype, batches, sample, hidden=data.draw(st.integers(0, 1)))
    if present:
        rows = rank_rows(result, 0, first, last, ascending=ascending)
        assert rows.tolist() == expected[first:last]


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("kind", ["constant", "enum", "smooth", "half"])
def test_the_window_holds_little_more_than_the_page(kind, ascending):
    random = np.random.default_rng(1)
    values = {
        "constant": np.full(200_000, 7.0),
        "enum": random.integers(0, 3, 200_000).astype(float),
        "smooth": random.normal(size=200_000),
        "half": np.where(random.random(200_000) < 0.5, 0.0, random.normal(size=200_000)),
    }[kind]
    sample = random.choice(values, 12_500)
    result = SampledResult("double", np.split(values, 4), sample)
    rows = np.argsort(values if ascending else -values, kind="stable")
    for first in (0, 50_000, 66_600, 100_000, 199_900):
        window = find_window(result, 0, first, first + 100, ascending=ascending)
        assert window.collected < 10_000
        found = rank_rows(result, 0, first, first + 100, ascending=ascending)
        assert found.tolist() == rows[first : first + 100].tolist()

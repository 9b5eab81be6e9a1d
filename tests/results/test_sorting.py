import math
import tempfile
import uuid
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from portal.results.keys import ResultKey
from portal.results.paging import page
from portal.results.sorting import Sort
from portal.results.store import ResultStore
from portal.results.windows import rank_rows
from portal.tables import arrow_schema
from portal.tables import Column
from portal.tables import ResultTable
from portal.tables import TableEnd
from tests.support.examples import examples

PLENTY = {"maxrec": 10**9, "max_bytes": 10**12}
CELLS = {
    "text": st.none()
    | st.text(max_size=3)
    | st.sampled_from(["", "a", "A", "\U0001f52d", "\uffff"]),
    "float": st.none() | st.floats(width=32) | st.sampled_from([math.nan, 0.0, -0.0, math.inf]),
    "long": st.none() | st.integers(-(2**63), 2**63 - 1),
    "boolean": st.none() | st.booleans(),
}
COLUMNS = tuple(
    Column(name=kind, arraysize="*") if kind == "text" else Column(name=kind, datatype=kind)
    for kind in CELLS
)


@settings(max_examples=examples(60), deadline=None)
@given(
    rows=st.lists(st.tuples(*CELLS.values()), min_size=1, max_size=30),
    place=st.integers(0, len(CELLS) - 1),
    ascending=st.booleans(),
    size=st.integers(1, 7),
)
def test_all_pages_together_are_the_whole_order(rows, place, ascending, size):
    with tempfile.TemporaryDirectory() as folder:
        result = stored(folder, ResultTable.from_rows(COLUMNS, rows))
        pages = [
            page(result, first, size, Sort(COLUMNS[place].name, ascending)).row_numbers.tolist()
            for first in range(0, len(rows), size)
        ]
    assert list(chain(*pages)) == reference([cells[place] for cells in rows], ascending=ascending)


def reference(values, *, ascending):
    """Return the rows sorted the simple way: Python's sort is stable in both directions."""
    missing = [n for n, value in enumerate(values) if value is None or value != value]  # noqa: PLR0124
    present = sorted(set(range(len(values))).difference(missing))
    return sorted(present, key=values.__getitem__, reverse=not ascending) + missing


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A result of 300,000 rows, large enough to be sampled, and its columns."""
    random = np.random.default_rng(11)
    size = 300_000
    values = {
        "smooth": random.normal(size=size),
        "float": random.normal(size=size).astype("f4"),
        "long": random.integers(-(2**63), 2**63 - 1, size),
        "enum": random.integers(0, 3, size).astype("i2"),
        "constant": np.full(size, 4.0),
        "infinite": random.choice([-np.inf, 1.0, np.inf, np.nan], size),
        "rising": np.arange(size, dtype=float),
        "boolean": random.random(size) < 0.1,
    }
    types = {
        "float64": "double",
        "float32": "float",
        "int64": "long",
        "int16": "short",
        "bool": "boolean",
    }
    columns = tuple(
        Column(name=name, datatype=types[str(array.dtype)]) for name, array in values.items()
    )
    missing = random.random(size) < 0.03
    arrays = [
        pa.array(array, mask=missing if n % 2 else None) for n, array in enumerate(values.values())
    ]
    batch = pa.record_batch(arrays, arrow_schema(columns))
    table = ResultTable(columns=columns, batches=[batch, TableEnd()])
    return stored(tmp_path_factory.mktemp("large"), table)


@pytest.mark.slow
@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize(
    "name", ["smooth", "float", "long", "enum", "constant", "infinite", "rising", "boolean"]
)
def test_pages_of_a_sampled_result_are_exact(large, name, ascending):
    index = large.column_index(name)
    values = [value for _, array in large.column(index) for value in array.to_pylist()]
    expected = reference(values, ascending=ascending)
    for first in (0, 99_990, 150_000, 290_950, 291_000, 299_900):
        rows = page(large, first, 100, Sort(name, ascending))
        assert rows.row_numbers.tolist() == expected[first : first + 100]
        last = min(first + 100, large.present(index))
        if first < last:  # whether or not an order was built meanwhile
            ranked = rank_rows(large, index, first, last, ascending=ascending)
            assert ranked.tolist() == expected[first:last]


def stored(folder, table):
    store = ResultStore(Path(folder))
    key = ResultKey(uuid.uuid4().hex, uuid.uuid4().hex, "result")
    store.write(key, table, **PLENTY)
    return store.open(key)

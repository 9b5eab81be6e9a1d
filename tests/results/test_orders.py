import os
import time

import numpy as np
import pytest

from portal.results.orders import build_order
from portal.results.orders import find_order
from portal.results.orders import OrderBuilder
from portal.results.paging import page
from portal.results.paging import Sort
from portal.tables import Column
from portal.tables import ResultTable

COLUMNS = (Column(name="t", arraysize="*"), Column(name="x", datatype="double"))
ROWS = [("b", 2.0), (None, 3.0), ("a", float("nan")), ("b", None), ("c", 2.0)]
PLENTY = {"maxrec": 10**9, "max_bytes": 10**12}


@pytest.fixture
def result(store, key):
    store.write(key, ResultTable.from_rows(COLUMNS, ROWS), **PLENTY)
    return store.open(key)


@pytest.mark.parametrize(
    ("index", "ascending", "expected"),
    [
        (0, True, [2, 0, 3, 4]),
        (0, False, [4, 0, 3, 2]),
        (1, True, [0, 4, 1]),
        (1, False, [1, 0, 4]),
    ],
)
def test_an_order_holds_the_rows_that_have_a_value(result, index, ascending, expected):
    assert build_order(result, index, ascending=ascending).tolist() == expected
    assert find_order(result, index, ascending=ascending).tolist() == expected
    assert find_order(result, index, ascending=not ascending) is None


def test_the_order_of_a_text_column_is_built_once(result):
    page(result, 0, 1, Sort("t"))
    order = find_order(result, 0, ascending=True)
    assert order.dtype == np.uint32
    order_file = result.folder / "order-0-asc.npy"
    written = order_file.stat().st_mtime_ns
    assert page(result, 0, 9, Sort("t")).row_numbers.tolist() == [2, 0, 3, 4, 1]
    assert order_file.stat().st_mtime_ns == written


def test_an_order_of_numbers_is_used_where_there_is_one(result):
    build_order(result, 1, ascending=False)
    assert page(result, 0, 9, Sort("x", ascending=False)).row_numbers.tolist() == [1, 0, 4, 2, 3]


def test_an_order_that_is_being_built_is_not_built_twice(result):
    builder = OrderBuilder()
    first, second = (builder.ask(result, 1, ascending=True) for _ in range(2))
    assert first.result(30).tolist() == second.result(30).tolist() == [0, 4, 1]
    assert find_order(result, 1, ascending=True).tolist() == [0, 4, 1]


def test_pages_of_numbers_do_not_wait_for_the_order_but_use_it(store, key):
    random = np.random.default_rng(2)
    rows = [[value, value] for value in random.integers(0, 100, 70_000).tolist()]
    columns = (Column(name="n", datatype="int"), Column(name="m", datatype="int"))
    store.write(key, ResultTable.from_rows(columns, rows), **PLENTY)
    result = store.open(key)
    before = page(result, 40_000, 50, Sort("n", ascending=False)).row_numbers.tolist()
    deadline = time.monotonic() + 30
    while find_order(result, 0, ascending=False) is None and time.monotonic() < deadline:
        os.sched_yield()
    assert find_order(result, 0, ascending=False) is not None
    assert page(result, 40_000, 50, Sort("n", ascending=False)).row_numbers.tolist() == before


def test_an_order_that_cannot_be_kept_is_still_right(result, monkeypatch):
    for file in result.folder.iterdir():
        file.unlink()
    result.folder.rmdir()
    assert page(result, 0, 9, Sort("t")).row_numbers.tolist() == [2, 0, 3, 4, 1]

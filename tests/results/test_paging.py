import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st

from portal.problems import UsageError
from portal.results.paging import page
from portal.results.paging import Sort
from portal.results.paging import take
from portal.tables import Column
from portal.tables import ResultTable
from portal.tables import TableEnd

COLUMNS = (
    Column(name="n", datatype="long"),
    Column(name="x", datatype="double", unit="mag"),
    Column(name="t", arraysize="*"),
    Column(name="flux", datatype="float", arraysize="*"),
)
PLENTY = {"maxrec": 10**9, "max_bytes": 10**12}


def row(number):
    return number, None if number % 7 == 0 else number / 10, f"é{number}", [number, number + 0.5]


@pytest.fixture
def result(store, key):
    """A result of 1000 rows in many batches, as an archive that answers slowly leaves them."""
    rows = [row(number) for number in range(1000)]
    batches = [
        next(iter(ResultTable.from_rows(COLUMNS, rows[i : i + 90]).batches))
        for i in range(0, 1000, 90)
    ]
    store.write(key, ResultTable(columns=COLUMNS, batches=[*batches, TableEnd()]), **PLENTY)
    return store.open(key)


@pytest.mark.parametrize(
    ("first", "count", "expected"),
    [
        (0, 3, range(3)),
        (85, 10, range(85, 95)),
        (995, 10, range(995, 1000)),
        (1000, 10, []),
        (10**12, 5, []),
        (-5, 3, range(3)),
        (5, 0, []),
        (5, -1, []),
    ],
)
def test_pages_in_natural_order(result, first, count, expected):
    rows = page(result, first, count)
    assert rows.row_numbers.tolist() == list(expected)
    assert [tuple(cells.values()) for cells in rows.values.to_pylist()] == [
        row(n) for n in expected
    ]


def test_only_the_columns_asked_for_come(result):
    rows = page(result, 10, 2, columns=["t", "n"])
    assert rows.columns == (COLUMNS[2], COLUMNS[0])
    assert rows.values.to_pylist() == [{"t": "é10", "n": 10}, {"t": "é11", "n": 11}]


@pytest.mark.parametrize("arguments", [{"columns": ["N"]}, {"sort": Sort("nope")}])
def test_an_unknown_column_is_the_users_mistake(result, arguments):
    with pytest.raises(UsageError, match="has no column"):
        page(result, 0, 1, **arguments)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(numbers=st.lists(st.integers(0, 999), max_size=30))
def test_rows_come_in_the_order_they_are_asked_for(result, numbers):
    rows = take(result, numbers)
    assert rows.row_numbers.tolist() == numbers
    assert [tuple(cells.values()) for cells in rows.values.to_pylist()] == [row(n) for n in numbers]


@pytest.mark.parametrize("number", [-1, 1000, 10**30])
def test_a_row_that_is_not_there_is_refused(result, number):
    with pytest.raises(UsageError):
        take(result, [0, number])


def test_rows_are_numbered_as_they_stand_in_the_result(result):
    rows = page(result, 0, 3, Sort("x", ascending=False))
    assert rows.row_numbers.tolist() == [999, 998, 997]
    assert rows.values.column("n").to_pylist() == [999, 998, 997]


def test_a_page_may_lie_across_the_last_value(result):
    missing = [number for number in range(1000) if number % 7 == 0]
    rows = page(result, 1000 - len(missing) - 2, 5, Sort("x"))
    assert rows.row_numbers.tolist() == [998, 999, *missing[:3]]


def test_cells_that_hold_several_values_have_no_order(result):
    with pytest.raises(UsageError, match="several values"):
        page(result, 0, 1, Sort("flux"))


def test_rows_that_are_arriving_are_not_sorted(store, key):
    def look(rows):
        with pytest.raises(UsageError, match="still arriving"):
            page(store.open(key), 0, 1, Sort("n"))

    store.write(key, ResultTable.from_rows(COLUMNS, [row(1)]), **PLENTY, on_batch=look)


@pytest.mark.slow
def test_large_cells_are_not_copied_to_sort_them(store, key):
    cell = "x" * 3_000_000
    rows = [[number, cell] for number in range(60)]
    columns = (Column(name="n", datatype="long"), Column(name="t", arraysize="*"))
    store.write(key, ResultTable.from_rows(columns, rows), **PLENTY)
    result = store.open(key)
    page(result, 0, 1)
    before = pa.total_allocated_bytes()
    rows = page(result, 0, 60, Sort("n", ascending=False))
    assert pa.total_allocated_bytes() - before < len(cell)
    assert rows.values.column("n").to_pylist() == list(range(59, -1, -1))

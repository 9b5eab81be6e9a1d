import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.problems import UsageError
from portal.results.chosen import read_rows
from portal.results.chosen import write_rows


@given(st.sets(st.integers(0, 10**9), min_size=1, max_size=100))
def test_rows_come_back_from_their_text(numbers):
    assert read_rows(write_rows(numbers)) == sorted(numbers)


def test_runs_of_rows_are_short():
    assert write_rows([9, 1, 2, 0, 3, 4, 4]) == "0-4,9"


def test_too_many_single_rows_make_no_address():
    with pytest.raises(UsageError, match="too many"):
        write_rows(range(0, 10_000, 2))


@pytest.mark.parametrize(
    "text", ["", "a", "1-", "-1", "1,,2", "0-10000", "1-2-3", "١", "0" * 13, "1" * 2001]
)
def test_what_names_no_rows_is_refused(text):
    with pytest.raises(UsageError):
        read_rows(text)


def test_rows_of_many_runs_are_counted_together():
    with pytest.raises(UsageError, match="At most"):
        read_rows("0-9999,20000-29999,40000-49999")

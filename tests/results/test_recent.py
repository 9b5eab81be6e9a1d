import uuid

import pytest

from portal.problems import NotFoundError
from portal.results import recent
from portal.results.keys import ResultKey
from portal.results.store import ResultStore
from portal.tables import Column
from portal.tables import ResultTable

COLUMNS = (Column(name="n", datatype="long"),)
PLENTY = {"maxrec": 10**9, "max_bytes": 10**12}


@pytest.fixture
def stored(store):
    def write():
        key = ResultKey(uuid.uuid4().hex, uuid.uuid4().hex, "result")
        store.write(key, ResultTable.from_rows(COLUMNS, [[1]]), **PLENTY)
        return key

    return write


def test_a_result_that_is_open_is_not_opened_again(store, stored):
    key = stored()
    assert store.open(key) is store.open(key)


def test_a_result_that_another_process_removed_is_gone(store, stored):
    key = stored()
    store.open(key)
    ResultStore(store.root).delete(key.job_id)
    with pytest.raises(NotFoundError):
        store.open(key)


def test_only_the_last_results_stay_open(store, stored, monkeypatch):
    monkeypatch.setattr(recent, "MOST", 2)
    first, second, third = (stored() for _ in range(3))
    kept = store.open(first)
    store.open(second)
    assert store.open(first) is kept
    forgotten = store.open(second)
    store.open(first)
    store.open(third)
    assert store.open(first) is kept
    assert store.open(second) is not forgotten


def test_rows_that_are_still_arriving_are_looked_at_anew(store):
    key = ResultKey(uuid.uuid4().hex, uuid.uuid4().hex, "result")
    seen = []
    table = ResultTable.from_rows(COLUMNS, [[n] for n in range(100_000)])
    store.write(
        key, table, **PLENTY, on_batch=lambda rows: seen.append(store.open(key).rows == rows)
    )
    assert len(seen) > 1
    assert all(seen)

import resource
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pyarrow as pa
import pytest

from portal.problems import NotFoundError
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.results.keys import ResultKey
from portal.results.paging import page
from portal.results.store import ResultStore
from portal.results.store import SCRATCH
from portal.results.writing import WriteAbortedError
from portal.tables import arrow_schema
from portal.tables import Column
from portal.tables import ResultTable
from portal.tables import TableEnd

COLUMNS = (
    Column(
        name="ra", datatype="double", unit="deg", ucd="pos.eq.ra", description="Right ascension"
    ),
    Column(name="name", datatype="char", arraysize="*"),
)
PLENTY = {"maxrec": 10**6, "max_bytes": 10**9}


def batch(*rows):
    ras, names = zip(*rows, strict=True) if rows else ((), ())
    return pa.record_batch(
        [pa.array(ras, pa.float64()), pa.array(names, pa.string())], arrow_schema(COLUMNS)
    )


def table(*elements, **more):
    return ResultTable(columns=COLUMNS, batches=elements, **more)


def rows_of(result, first=0, count=1000):
    return [tuple(row.values()) for row in page(result, first, count).values.to_pylist()]


ONE, TWO, THREE = (1.5, "one"), (None, "a, comma"), (float("inf"), None)


def test_what_was_written_can_be_read_again(store, key):
    infos = (("QUERY_STATUS", "OK"),)
    end = TableEnd(overflow=True, infos=infos)
    stored = store.write(
        key, table(batch(ONE, TWO), batch(THREE), end, header="<VOTABLE/>"), **PLENTY
    )
    result = ResultStore(store.root).open(key)
    assert (stored.columns, stored.rows, stored.overflow, stored.infos) == (COLUMNS, 3, True, infos)
    assert stored.bytes > result.parquet.stat().st_size > 0
    assert result.stored == stored
    assert result.columns == COLUMNS
    assert rows_of(result) == [ONE, TWO, THREE]
    assert result.header() == "<VOTABLE/>"


def test_a_table_without_rows_is_a_result(store, key):
    stored = store.write(key, table(batch(), TableEnd()), **PLENTY)
    result = store.open(key)
    assert (stored.rows, stored.overflow) == (0, False)
    assert rows_of(result) == []
    assert result.header() is None


@pytest.mark.parametrize(
    ("maxrec", "rows", "overflow"),
    [(0, 0, True), (1, 1, True), (2, 2, True), (3, 3, False), (4, 3, False)],
)
@pytest.mark.parametrize(
    "batches", [[batch(ONE, TWO, THREE)], [batch(ONE), batch(TWO), batch(THREE)]]
)
def test_exactly_maxrec_rows_are_kept(store, key, batches, maxrec, rows, overflow):
    stored = store.write(key, table(*batches, TableEnd()), maxrec=maxrec, max_bytes=10**9)
    assert (stored.rows, stored.overflow) == (rows, overflow)
    assert rows_of(store.open(key)) == [ONE, TWO, THREE][:rows]


def test_empty_batches_after_the_last_row_are_no_overflow(store, key):
    stored = store.write(key, table(batch(ONE), batch(), TableEnd()), maxrec=1, max_bytes=10**9)
    assert not stored.overflow


def test_a_table_that_is_cut_at_maxrec_is_read_no_further(store, key):
    def endless():
        while True:
            yield batch(ONE)

    stored = store.write(
        key, ResultTable(columns=COLUMNS, batches=endless()), maxrec=5, max_bytes=10**9
    )
    assert (stored.rows, stored.overflow) == (5, True)


def test_an_archive_is_left_as_soon_as_enough_has_come(store, key):
    left = []

    def endless():
        try:
            while True:
                yield batch(ONE)
        finally:
            left.append(files_below(store.root))

    endless_table = ResultTable(columns=COLUMNS, batches=endless())
    store.write(key, endless_table, maxrec=5, max_bytes=10**9)
    assert [path.name for path in left[0]] == ["rows.arrow"]


def test_a_table_that_grows_too_large_is_cut_and_says_so(store, key):
    def endless():
        while True:
            yield batch((1.0, "x" * 1000))

    stored = store.write(
        key, ResultTable(columns=COLUMNS, batches=endless()), maxrec=10**9, max_bytes=100_000
    )
    assert 50 < stored.rows < 150
    assert stored.overflow
    assert stored.infos[0][0] == "size_limit"
    assert "100,000 bytes" in stored.infos[0][1]


def test_an_answer_that_broke_off_is_not_kept(store, key):
    with pytest.raises(ServiceError, match="broke off after 2 rows"):
        store.write(key, table(batch(ONE, TWO)), **PLENTY)
    with pytest.raises(NotFoundError):
        store.open(key)
    assert files_below(store.root) == []


def test_whatever_the_archive_raises_nothing_stays(store, key):
    def failing():
        yield batch(ONE)
        raise TransientError("the archive went away")

    with pytest.raises(TransientError, match="went away"):
        store.write(key, ResultTable(columns=COLUMNS, batches=failing()), **PLENTY)
    assert files_below(store.root) == []


def aborted_after(batches):
    """Return a table of many batches, and the answer to whether its job is aborted by now."""
    seen = []

    def arriving():
        for _ in range(9):
            seen.append(ONE)
            yield batch(ONE)

    return ResultTable(columns=COLUMNS, batches=arriving()), lambda: len(seen) > batches


def test_an_abort_before_the_first_row_leaves_nothing(store, key):
    arriving, is_aborted = aborted_after(0)
    with pytest.raises(WriteAbortedError):
        store.write(key, arriving, **PLENTY, is_aborted=is_aborted)
    assert files_below(store.root) == []


def test_what_had_come_before_an_abort_is_kept_and_marked(store, key):
    arriving, is_aborted = aborted_after(2)
    stored = store.write(key, arriving, **PLENTY, is_aborted=is_aborted)
    assert (stored.rows, stored.overflow) == (2, True)
    assert "aborted" in dict(stored.infos)
    result = ResultStore(store.root).open(key)
    assert rows_of(result) == [ONE, ONE]
    assert result.stored == stored


def test_a_connection_that_an_abort_breaks_is_no_failure(store, key):
    aborted = []

    def arriving():
        yield batch(ONE)
        aborted.append(True)
        raise OSError("closed")

    breaking = ResultTable(columns=COLUMNS, batches=arriving())
    stored = store.write(key, breaking, **PLENTY, is_aborted=lambda: bool(aborted))
    assert (stored.rows, stored.overflow) == (1, True)


def test_a_table_that_is_whole_when_its_job_is_aborted_is_not_marked(store, key):
    answers = iter([False])
    stored = store.write(
        key, table(batch(ONE), TableEnd()), **PLENTY, is_aborted=lambda: next(answers)
    )
    assert (stored.rows, stored.overflow) == (1, False)


def test_rows_are_paged_while_more_arrive(store, key):
    seen = []

    def look(rows):
        result = store.open(key)
        seen.append((rows, result.rows, result.stored, result.columns, rows_of(result)))

    store.write(key, table(batch(ONE), batch(TWO), TableEnd()), **PLENTY, on_batch=look)
    assert seen[0] == (1, 1, None, COLUMNS, [ONE])
    assert store.open(key).stored is not None


def test_before_the_first_row_there_is_no_result(store, key):
    def empty_handed():
        with pytest.raises(NotFoundError):
            store.open(key)
        yield TableEnd()

    store.write(key, ResultTable(columns=COLUMNS, batches=empty_handed()), **PLENTY)


def test_rows_that_were_dropped_come_back_from_parquet(store, key):
    store.write(key, table(batch(ONE), batch(TWO, THREE), TableEnd()), **PLENTY)
    rows = key.directory(store.root) / "rows.arrow"
    rows.unlink()
    result = ResultStore(store.root).open(key)
    assert rows_of(result) == [ONE, TWO, THREE]
    assert result.columns == COLUMNS
    assert rows.exists()


def test_a_full_disk_is_told_in_words_and_cleaned_up(store, key):
    size, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    large = [batch((float(number), "x" * 1000)) for number in range(3000)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        with pytest.raises(TransientError, match="no room left"):
            store.write(key, table(*large, TableEnd()), **PLENTY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    assert files_below(store.root) == []


def test_deleting_a_job_removes_its_results_only(store, key):
    other = ResultKey(uuid.uuid4().hex, key.token, key.name)
    for each in (key, other):
        store.write(each, table(batch(ONE), TableEnd()), **PLENTY)
    store.open(key)
    store.delete(key.job_id)
    store.delete(key.job_id)
    with pytest.raises(NotFoundError):
        store.open(key)
    assert rows_of(store.open(other)) == [ONE]
    assert not (store.root / key.job_id).exists()


def test_what_other_attempts_left_is_removed(store, key):
    lost = ResultKey(key.job_id, uuid.uuid4().hex, key.name)
    for each in (key, lost):
        store.write(each, table(batch(ONE), TableEnd()), **PLENTY)
    store.delete_attempts_except(key.job_id, key.token)
    assert rows_of(store.open(key)) == [ONE]
    with pytest.raises(NotFoundError):
        store.open(lost)


@pytest.mark.parametrize("path", ["..", "/etc", ""])
def test_nothing_outside_can_be_deleted(store, path):
    with pytest.raises(NotFoundError):
        store.delete(path)
    with pytest.raises(NotFoundError):
        store.delete_attempts_except(path, uuid.uuid4().hex)


def test_symbolic_links_are_not_followed(store, key, tmp_path):
    store.write(key, table(batch(ONE), TableEnd()), **PLENTY)
    linked = ResultKey(uuid.uuid4().hex, key.token, key.name)
    (store.root / linked.job_id).symlink_to(store.root / key.job_id)
    rows = key.directory(store.root) / "rows.arrow"
    rows.rename(tmp_path / "elsewhere")
    rows.symlink_to(tmp_path / "elsewhere")
    (key.directory(store.root) / "rows.parquet").unlink()
    with pytest.raises(NotFoundError):
        store.open(linked)
    with pytest.raises(NotFoundError):
        store.open(key)
    with pytest.raises(NotFoundError):
        store.write(ResultKey(linked.job_id, key.token, "new"), table(TableEnd()), **PLENTY)


def test_deleting_a_link_leaves_what_it_points_to(store, key):
    store.write(key, table(batch(ONE), TableEnd()), **PLENTY)
    linked = uuid.uuid4().hex
    (store.root / linked).symlink_to(store.root / key.job_id)
    store.delete(linked)
    assert not (store.root / linked).exists()
    assert rows_of(store.open(key)) == [ONE]


KILLED_WRITER = """
import os, signal, sys
from pathlib import Path
from portal.results.keys import ResultKey
from portal.results.store import ResultStore
from portal.tables import Column, ResultTable
table = ResultTable.from_rows([Column(name="n", datatype="long")], [[n] for n in range(100_000)])
ResultStore(Path(sys.argv[1])).write(
    ResultKey(*sys.argv[2:]), table, maxrec=10**9, max_bytes=10**9,
    on_batch=lambda rows: os.kill(os.getpid(), signal.SIGKILL) if rows > 50_000 else None,
)
"""


@pytest.mark.slow
def test_a_killed_writer_leaves_rows_that_do_not_look_whole(store, key):
    writer = subprocess.run(
        [sys.executable, "-c", KILLED_WRITER, store.root, key.job_id, key.token, key.name],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert writer.returncode == -signal.SIGKILL
    result = store.open(key)
    assert result.stored is None
    assert result.rows > 50_000
    assert page(result, result.rows - 1, 5).values.to_pylist() == [{"n": result.rows - 1}]
    store.delete(key.job_id)
    assert files_below(store.root) == []


def files_below(root):
    return [path for path in root.rglob("*") if path.is_file()]


def test_scratch_is_empty_private_and_goes_when_the_work_is_over(store, key):
    with store.scratch(key.job_id, key.token) as folder:
        assert list(folder.iterdir()) == []
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "half").write_text("written")
        store.write(key, table(batch(ONE), TableEnd()), **PLENTY)
    assert not folder.exists()
    assert rows_of(store.open(key)) == [ONE]


def test_scratch_that_a_killed_process_left_goes_with_its_attempt(store, key):
    left = store.root / key.job_id / key.token / SCRATCH
    left.mkdir(parents=True)
    store.delete_attempt(key.job_id, key.token)
    assert not left.exists()


def test_scratch_may_be_gone_before_its_work_is(store, key):
    with store.scratch(key.job_id, key.token) as folder:
        store.delete(key.job_id)
    assert not folder.exists()

"""Each file is converted once, whole, and again when it has changed."""

import multiprocessing
import os
import time

import pyarrow.parquet as pq
import pytest

from portal_files import conversion
from portal_files.conversion import Conversions
from portal_files.conversion import KEPT_SECONDS
from portal_files.folder import find_sources


@pytest.fixture
def conversions(files):
    return Conversions(files.data_dir / "converted", max_bytes=10**9)


def write(files, text, name="a.csv"):
    (files.folder / name).write_text(text)
    return find_sources(files.folder)[0]


def convert_at_once(folder, cache, start, results):
    """Convert, in a process of its own, when all others are ready as well."""
    start.wait()
    table = Conversions(cache, max_bytes=10**9).get(find_sources(folder)[0])
    results.put((table.row_count, pq.read_table(table.parquet).num_rows))


def test_nothing_is_read_before_somebody_asks(files, conversions):
    source = write(files, "a\n1\n")

    assert conversions.find(source) is None
    assert conversions.get(source).row_count == 1
    assert conversions.find(source) == conversions.get(source)


def test_a_file_is_read_once(files, conversions, monkeypatch):
    source = write(files, "a\n1\n")
    conversions.get(source)
    monkeypatch.setattr(conversion, "open_file", None)

    assert conversions.get(source).row_count == 1


def test_a_changed_file_is_another_table(files, conversions):
    before = conversions.get(write(files, "a\n1\n"))
    after = conversions.get(write(files, "a\n1\n2\n"))

    assert (before.row_count, after.row_count) == (1, 2)
    assert before.parquet != after.parquet


def test_what_a_file_was_before_goes_away_after_a_day(files, conversions):
    before = conversions.get(write(files, "a\n1\n"))
    conversions.get(write(files, "a\n1\n2\n"))
    assert before.parquet.exists()

    old = time.time() - KEPT_SECONDS - 1
    os.utime(before.parquet, (old, old))
    current = conversions.get(write(files, "a\n1\n2\n3\n"))

    assert not before.parquet.exists()
    assert current.parquet.exists()


@pytest.mark.slow
def test_several_processes_at_once_leave_one_whole_file(files):
    write(files, "a,b\n" + "".join(f"{n},{n}\n" for n in range(50_000)))
    cache = files.data_dir / "converted"
    method = multiprocessing.get_context("spawn")
    start, results = method.Barrier(2), method.Queue()
    workers = [
        method.Process(target=convert_at_once, args=(files.folder, cache, start, results))
        for _ in range(2)
    ]

    for worker in workers:
        worker.start()
    counts = [results.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()

    assert counts == [(50_000, 50_000)] * 2
    assert len(list(cache.glob("*.parquet"))) == 1
    assert not list(cache.glob(".*"))


def test_a_conversion_that_breaks_leaves_nothing_behind(files, conversions):
    source = write(files, "a,b\n" + "1,2\n" * 50_000 + "1,2,3\n")

    assert conversions.find(source) is None
    with pytest.raises(Exception, match="Expected 2 columns"):
        conversions.get(source)

    assert not list((files.data_dir / "converted").glob("*.parquet"))
    assert not list((files.data_dir / "converted").glob(".*"))


def test_large_tables_are_written_in_groups_that_can_be_skipped(files, conversions, monkeypatch):
    monkeypatch.setattr(conversion, "ROWS_PER_GROUP", 1_000)
    source = write(files, "a\n" + "".join(f"{n}\n" for n in range(40_000)))

    table = conversions.get(source)

    assert pq.read_metadata(table.parquet).num_row_groups > 1
    assert pq.read_table(table.parquet)["a"].to_pylist() == list(range(40_000))

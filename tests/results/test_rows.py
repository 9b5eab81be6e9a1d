import itertools

import pyarrow as pa
import pytest

from portal.results.mapped import MappedFile
from portal.results.rows import read_arriving_rows
from portal.results.rows import ROWS_PER_BATCH
from portal.results.rows import RowsWriter
from portal.tables import arrow_schema
from portal.tables import Column

COLUMNS = (Column(name="n", datatype="long", unit="s"), Column(name="t", arraysize="*"))


class Clock:
    time = 0.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def writer(tmp_path, clock):
    return RowsWriter(tmp_path / "rows.arrow", COLUMNS, clock=clock)


def batch(count, *, width=1):
    numbers = pa.array(range(count), pa.int64())
    return pa.record_batch([numbers, pa.array(["x" * width] * count)], arrow_schema(COLUMNS))


def visible(tmp_path):
    return sum(len(batch) for batch in read_arriving_rows(MappedFile(tmp_path / "rows.arrow"))[1])


def test_the_first_rows_are_seen_at_once(writer, tmp_path):
    assert writer.add(batch(3))
    assert visible(tmp_path) == 3


def test_a_quarter_at_most_is_held_back(writer, tmp_path):
    writer.add(batch(100))
    received = 100
    for _ in range(300):
        writer.add(batch(10))
        received += 10
        assert visible(tmp_path) >= received * 0.8


def test_nothing_is_held_back_for_more_than_a_second_while_rows_arrive(writer, tmp_path, clock):
    writer.add(batch(10_000))
    clock.time = 0.5
    assert not writer.add(batch(1))
    clock.time = 1.0
    assert writer.add(batch(1))
    assert visible(tmp_path) == 10_002


def test_many_small_batches_become_few_large_ones(writer, tmp_path):
    small = batch(1000)
    for _ in range(1000):
        writer.add(small)
    writer.finish()
    assert writer.rows == sum(writer.batch_rows) == 1_000_000
    assert len(writer.batch_rows) < 40
    assert max(writer.batch_rows) < 2 * ROWS_PER_BATCH


def test_one_huge_batch_becomes_several(writer, tmp_path):
    writer.add(batch(300_000))
    writer.finish()
    assert max(writer.batch_rows) <= ROWS_PER_BATCH
    file = pa.ipc.open_file(tmp_path / "rows.arrow")
    assert [len(file.get_batch(i)) for i in range(file.num_record_batches)] == writer.batch_rows


@pytest.mark.slow
def test_large_cells_make_batches_of_few_rows(writer):
    writer.add(batch(20, width=10_000_000))
    assert max(writer.batch_rows) <= 2


def test_a_growing_file_can_be_read_wherever_it_ends(writer, tmp_path):
    for count in (2, 3):
        writer.add(batch(count))
    writer.finish()
    whole = (tmp_path / "rows.arrow").read_bytes()
    seen = set()
    for size in itertools.chain(range(0, len(whole), 7), [len(whole)]):
        cut = tmp_path / "cut.arrow"
        cut.write_bytes(whole[:size])
        try:
            columns, batches = read_arriving_rows(MappedFile(cut))
        except FileNotFoundError:
            seen.add(None)
            continue
        assert columns == COLUMNS
        seen.add(sum(map(len, batches)))
    assert seen == {None, 0, 2, 5}

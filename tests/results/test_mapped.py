import ctypes
import mmap
import os
import time

import pyarrow as pa
import pytest

from portal.results.mapped import MappedFile
from portal.tables import Column
from portal.tables import ResultTable

COLUMNS = (
    Column(name="n", datatype="long"),
    Column(name="b", datatype="boolean"),
    Column(name="t", arraysize="*"),
    Column(name="complex", datatype="floatComplex"),
    Column(name="array", datatype="int", arraysize="*"),
)
ROWS = 60_000
ASKED = (5, 41_111)


@pytest.fixture
def file(store, key):
    """Some megabytes of rows on the disk, and none of them in memory."""
    rows = ([n, n % 2 == 0, None if n % 5 else f"text {n} " * 20, (n, n), [n]] for n in range(ROWS))
    store.write(key, ResultTable.from_rows(COLUMNS, rows), maxrec=10**9, max_bytes=10**12)
    path = key.directory(store.root) / "rows.arrow"
    with path.open("rb") as open_file:
        os.posix_fadvise(open_file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return MappedFile(path)


def pages_in_memory(file):
    """Return which pages of a mapped file are in memory (mincore(2) on Linux)."""
    count = -(-file.buffer.size // mmap.PAGESIZE)
    states = (ctypes.c_ubyte * count)()
    address = ctypes.c_void_p(file.buffer.address)
    assert ctypes.CDLL(None).mincore(address, ctypes.c_size_t(file.buffer.size), states) == 0
    return {page for page, state in enumerate(states) if state & 1}


def test_only_the_pages_of_the_cells_asked_for_are_read(file):
    pages = -(-file.buffer.size // mmap.PAGESIZE)
    if len(pages_in_memory(file)) == pages:
        pytest.skip("this file system has no other place than memory")
    reader = pa.ipc.open_file(file.buffer)
    batches = [reader.get_batch(index) for index in range(reader.num_record_batches)]
    rows = [pa.Table.from_batches(batches).slice(row, 1).to_batches()[0] for row in ASKED]
    wanted = {
        (row.column("n").buffers()[1].address + row.column("n").offset * 8 - file.buffer.address)
        // mmap.PAGESIZE
        for row in rows
    }
    file.prefetch([array for row in rows for array in row.columns])
    deadline = time.monotonic() + 20
    while not wanted <= pages_in_memory(file) and time.monotonic() < deadline:
        os.sched_yield()
    assert wanted <= pages_in_memory(file)
    assert len(pages_in_memory(file)) < pages / 3
    assert rows[0].column("t").to_pylist() == ["text 5 " * 20]

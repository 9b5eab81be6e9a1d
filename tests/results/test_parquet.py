import pyarrow.parquet as pq
import pytest

from portal.results.paging import page
from portal.results.store import ResultStore
from portal.tables import Column
from portal.tables import ResultTable

COLUMNS = (
    Column(name="b", datatype="boolean"),
    Column(name="u", datatype="unsignedByte"),
    Column(name="l", datatype="long"),
    Column(name="t", arraysize="*"),
    Column(name="complex", datatype="doubleComplex"),
    Column(name="array", datatype="float", arraysize="*"),
    Column(name="fixed", datatype="short", arraysize="3"),
    Column(name="complexes", datatype="floatComplex", arraysize="2"),
)
ROWS = [
    (True, 255, -(2**63), "", (1.0, -2.0), [], [1, 2, 3], [(0.5, 1.0), (2.0, 3.0)]),
    (None, None, None, None, None, None, None, None),
    (False, 0, 2**63 - 1, "é&<\n\0", (0.0, 0.0), [float("inf"), None], [None, 2, 3], []),
]
PLENTY = {"maxrec": 10**9, "max_bytes": 10**12}


def test_every_type_comes_back_from_parquet(store, key):
    store.write(key, ResultTable.from_rows(COLUMNS, ROWS * 5), **PLENTY)
    before = page(store.open(key), 0, 100).values
    (key.directory(store.root) / "rows.arrow").unlink()
    after = page(ResultStore(store.root).open(key), 0, 100).values
    assert after.to_pylist() == before.to_pylist()
    assert after.schema == before.schema


def test_the_parquet_file_carries_the_votable_header(store, key):
    columns = (Column(name="ra", datatype="double", unit="deg", ucd="pos.eq.ra"),)
    store.write(key, ResultTable.from_rows(columns, [[1.0]], overflow=True), **PLENTY)
    metadata = pq.read_schema(store.open(key).parquet).metadata
    header = metadata[b"IVOA.VOTable-Parquet.content"]
    assert b"pos.eq.ra" in header
    assert b"OVERFLOW" in header


@pytest.mark.slow
def test_batches_come_back_as_they_were(store, key):
    rows = [[n, str(n)] for n in range(150_000)]
    columns = (Column(name="n", datatype="int"), Column(name="t", arraysize="*"))
    store.write(key, ResultTable.from_rows(columns, rows), **PLENTY)
    lengths = [len(batch) for batch in store.open(key).batches()]
    (key.directory(store.root) / "rows.arrow").unlink()
    result = ResultStore(store.root).open(key)
    assert [len(batch) for batch in result.batches()] == lengths
    assert page(result, 149_998, 5).values.column("t").to_pylist() == ["149998", "149999"]

"""Parquet files of others, and of ours with columns that do not fit their header."""

import datetime as dt
import decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from portal.problems import ServiceError
from portal.tables import Column
from portal.tables import FORMATS
from portal.tables import ResultTable
from portal.tables.writers.parquet import CONTENT_KEY
from tests.tables.documents import document
from tests.tables.documents import end_of
from tests.tables.documents import rows_of

NOON = dt.datetime(2020, 1, 2, 12, 0, 0)  # noqa: DTZ001 - a time without a zone
ZONED = dt.datetime(2020, 1, 2, 14, tzinfo=dt.timezone(dt.timedelta(hours=2)))


def parquet(tmp_path, table, metadata=None):
    path = tmp_path / "table.parquet"
    pq.write_table(table.replace_schema_metadata(metadata), path)
    return ResultTable.from_parquet(path)


@pytest.mark.parametrize(
    ("values", "datatype", "expected"),
    [
        (pa.array([1, None], pa.uint16()), "int", [1, None]),
        (pa.array([1, None], pa.uint32()), "long", [1, None]),
        (pa.array([1, None], pa.uint64()), "long", [1, None]),
        (pa.array([1, -1], pa.int8()), "short", [1, -1]),
        (pa.array([1.5, None], pa.float16()), "float", [1.5, None]),
        (pa.array([float("nan"), 2.0]), "double", [None, 2.0]),
        (pa.array([decimal.Decimal("1.5"), None]), "double", [1.5, None]),
        (pa.array([True, None]), "boolean", [True, None]),
        (pa.array(["a", "é"], pa.large_string()), "char", ["a", "é"]),
        (pa.array(["a", None, "a"]).dictionary_encode(), "char", ["a", None, "a"]),
        (pa.array([b"ab\0", b"\xff"]), "char", ["ab", "\ufffd"]),
        (pa.array([NOON], pa.timestamp("ms")), "char", ["2020-01-02T12:00:00.000"]),
        (pa.array([ZONED], pa.timestamp("ms", "+02:00")), "char", ["2020-01-02T12:00:00.000Z"]),
        (pa.array([NOON.date()]), "char", ["2020-01-02"]),
        (pa.array([{"a": [1]}, None]), "char", ['{"a": [1]}', None]),
        (pa.array([[1, None], []], pa.list_(pa.int16())), "short", [[1, None], []]),
        (pa.nulls(2), "char", [None, None]),
    ],
)
def test_any_arrow_type_becomes_a_column(tmp_path, values, datatype, expected):
    table = parquet(tmp_path, pa.table({"x": values}))
    assert table.columns[0].datatype == datatype
    assert rows_of(table) == [(value,) for value in expected]


def test_times_are_marked_as_times(tmp_path):
    table = parquet(tmp_path, pa.table({"t": pa.array([NOON])}))
    assert table.columns[0].xtype == "timestamp"


def test_the_votable_header_describes_the_columns(tmp_path):
    fields = (
        '<FIELD name="ra" datatype="double" unit="deg" ucd="pos.eq.ra"/>'
        '<FIELD name="gone" datatype="int"/>'
        '<FIELD name="n" datatype="long" unit="km" description="declared wider than it is"/>'
    )
    data = pa.table({"n": pa.array([1], pa.int32()), "ra": [1.5], "extra": ["x"]})
    table = parquet(tmp_path, data, {CONTENT_KEY: document(fields)})
    assert table.columns == (
        Column(name="n", datatype="int", unit="km"),
        Column(name="ra", datatype="double", unit="deg", ucd="pos.eq.ra"),
        Column(name="extra", datatype="char", arraysize="*"),
    )
    assert rows_of(table) == [(1, 1.5, "x")]


@pytest.mark.parametrize("content", [b"", b"not XML", b"<!DOCTYPE x []><VOTABLE/>"])
def test_a_header_that_cannot_be_read_describes_nothing(tmp_path, content):
    table = parquet(tmp_path, pa.table({"n": [1]}), {CONTENT_KEY: content})
    assert table.columns == (Column(name="n", datatype="long"),)
    assert table.header is None
    assert rows_of(table) == [(1,)]


def test_columns_of_the_same_name_are_told_apart(tmp_path):
    table = parquet(tmp_path, pa.table([[1], [2]], names=["a", "A"]))
    assert [column.name for column in table.columns] == ["a", "A_2"]


def test_a_cut_table_stays_one(tmp_path):
    path = tmp_path / "cut.parquet"
    columns = (Column(name="n", datatype="int"),)
    path.write_bytes(b"".join(FORMATS["parquet"].write(columns, list, overflow=True)))
    assert end_of(ResultTable.from_parquet(path)).overflow


def test_what_is_no_parquet_is_an_error(tmp_path):
    path = tmp_path / "table.parquet"
    path.write_bytes(b"PAR1 not really")
    with pytest.raises(ServiceError, match="cannot be read as Parquet"):
        ResultTable.from_parquet(path)


def test_a_number_that_fits_no_column_is_an_error(tmp_path):
    table = parquet(tmp_path, pa.table({"n": pa.array([2**64 - 1], pa.uint64())}))
    with pytest.raises(ServiceError, match="cannot be read as Parquet"):
        rows_of(table)

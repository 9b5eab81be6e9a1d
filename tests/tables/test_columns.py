"""Columns, their Arrow types, and tables made of Python rows."""

import pyarrow as pa
import pytest

from portal.tables import arrow_type
from portal.tables import Column
from portal.tables import ResultTable
from portal.tables import TableEnd
from portal.tables import unique_names


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (Column(name="x", datatype="double"), pa.float64()),
        (Column(name="x", datatype="double", arraysize="1"), pa.float64()),
        (Column(name="x", datatype="short", arraysize="2x*"), pa.list_(pa.int16())),
        (Column(name="x", datatype="char", arraysize="8"), pa.string()),
        (Column(name="x", datatype="unicodeChar", arraysize="*"), pa.string()),
        (Column(name="x", datatype="bit"), pa.bool_()),
        (Column(name="x", datatype="floatComplex"), pa.list_(pa.float32(), 2)),
    ],
)
def test_each_column_has_an_arrow_type(column, kind):
    assert arrow_type(column) == kind


def test_a_name_is_a_key_whatever_its_case():
    columns = [Column(name=name) for name in ("RA", "ra", "Ra ", "", "  ", "ra_2")]
    names = [column.name for column in unique_names(columns)]
    assert names == ["RA", "ra_2", "Ra_3", "column", "column_2", "ra_2_2"]


def test_rows_become_batches_and_an_end():
    columns = (Column(name="n", datatype="int"), Column(name="s"))
    table = ResultTable.from_rows(columns, ((n, None) for n in range(20_000)), overflow=True)
    *batches, end = table.batches
    assert [batch.num_rows for batch in batches] == [16_384, 3_616]
    assert batches[1].to_pylist()[-1] == {"n": 19_999, "s": None}
    assert end == TableEnd(overflow=True)

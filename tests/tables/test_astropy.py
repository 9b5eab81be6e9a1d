"""astropy tables, as astropy reads them from FITS, ECSV and everything else."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn
from astropy.table import QTable
from astropy.table import Table
from astropy.time import Time
from astropy.time import TimeDelta
from astropy.utils.masked import Masked

from portal.tables import Column
from portal.tables import ResultTable
from portal.tables import TableEnd
from tests.tables.documents import rows_of


def only_column(values):
    """The column that a table of one column becomes, and its cells."""
    table = ResultTable.from_astropy(Table({"x": values}))
    return table.columns[0], [row[0] for row in rows_of(table)]


@pytest.mark.parametrize(
    ("values", "datatype", "arraysize", "cells"),
    [
        (np.array([1, 2], "u1"), "unsignedByte", None, [1, 2]),
        (np.array([1, -2], "i1"), "short", None, [1, -2]),
        (np.array([1, 2], ">i4"), "int", None, [1, 2]),
        (np.array([1, 2], "u8"), "long", None, [1, 2]),
        (np.array([1.5, np.nan], "f4"), "float", None, [1.5, None]),
        (np.array([1.5, np.inf], "g"), "double", None, [1.5, np.inf]),
        (np.array([True, False]), "boolean", None, [True, False]),
        (np.array([1 + 2j, np.nan]), "doubleComplex", None, [[1.0, 2.0], None]),
        (["a", "é"], "char", "*", ["a", "é"]),
        ([b"a", "é".encode()], "char", "*", ["a", "é"]),
        (MaskedColumn([1, 2], mask=[0, 1]), "long", None, [1, None]),
        (MaskedColumn(["a", "b"], mask=[0, 1]), "char", "*", ["a", None]),
        (np.arange(12.0).reshape(1, 2, 2, 3), "double", "3x2x2", [[float(i) for i in range(12)]]),
        (MaskedColumn([[1, 2], [3, 4]], mask=[[0, 1], [1, 1]]), "long", "2", [[1, None], None]),
        (np.array([[1 + 2j, 3j]], "c8"), "floatComplex", "2", [[[1.0, 2.0], [0.0, 3.0]]]),
        (np.array([["a", "b"]]), "char", "*", ['["a", "b"]']),
        (np.array(["a", None], object), "char", "*", ["a", None]),
        (np.array(["a", 1], object), "char", "*", ["a", "1"]),
        (np.array([np.arange(2), None], object), "long", "*", [[0, 1], None]),
    ],
)
def test_values_of_every_kind_are_kept(values, datatype, arraysize, cells):
    column, found = only_column(values)
    assert (column.datatype, column.arraysize) == (datatype, arraysize)
    assert found == cells


def test_units_and_descriptions_are_kept():
    table = Table({"x": [1.0] * u.km / u.s})
    table["x"].description = "speed"
    table["x"].meta["ucd"] = "phys.veloc"
    assert ResultTable.from_astropy(table).columns == (
        Column(name="x", datatype="double", unit="km / s", ucd="phys.veloc", description="speed"),
    )


def test_masked_quantities_keep_unit_and_mask():
    column, cells = only_column(Masked([1.0, 2.0] * u.mJy, mask=[True, False]))
    assert column.unit == "mJy"
    assert cells == [None, 2.0]


def test_a_position_becomes_two_columns_with_their_ucds():
    table = QTable({"p": SkyCoord([1] * u.deg, [2] * u.deg)})
    result = ResultTable.from_astropy(table)
    assert [(c.name, c.unit, c.ucd) for c in result.columns] == [
        ("p.ra", "deg", "pos.eq.ra;meta.main"),
        ("p.dec", "deg", "pos.eq.dec;meta.main"),
    ]
    assert rows_of(result) == [(1.0, 2.0)]


def test_a_galactic_position_is_not_called_equatorial():
    table = QTable({"p": SkyCoord([1] * u.deg, [2] * u.deg, frame="galactic")})
    assert [(c.name, c.ucd) for c in ResultTable.from_astropy(table).columns] == [
        ("p.l", None),
        ("p.b", None),
    ]


def test_times_are_text_and_differences_days():
    times = Time(["2020-01-02T03:04:05", "2021-01-01"])
    times[1] = np.ma.masked
    table = QTable({"t": times, "d": TimeDelta([1, 2] * u.day)})
    result = ResultTable.from_astropy(table)
    assert [(c.datatype, c.unit, c.xtype) for c in result.columns] == [
        ("char", None, "timestamp"),
        ("double", "d", None),
    ]
    assert rows_of(result) == [("2020-01-02T03:04:05.000", 1.0), (None, 2.0)]


def test_parts_of_a_structure_become_columns():
    table = QTable({"s": np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")])})
    result = ResultTable.from_astropy(table)
    assert [column.name for column in result.columns] == ["s.a", "s.b"]
    assert rows_of(result) == [(1, 2.0)]


def test_a_table_without_rows_keeps_its_columns():
    result = ResultTable.from_astropy(Table({"x": np.empty((0, 3)), "o": np.empty(0, object)}))
    assert [column.name for column in result.columns] == ["x", "o"]
    assert list(result.batches) == [TableEnd()]


def test_long_tables_come_in_batches():
    *batches, _ = ResultTable.from_astropy(Table({"x": np.arange(40_000)})).batches
    assert [batch.num_rows for batch in batches] == [16_384, 16_384, 7_232]

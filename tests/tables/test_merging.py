"""Merging tables: what shares a column, what gets one of its own, and no value changed."""

import itertools

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.plugins.testing import read_result
from portal.tables import Column
from portal.tables import ResultTable
from portal.tables import TableEnd
from portal.tables.merging import common_column
from portal.tables.merging import HOLDS
from portal.tables.merging import merge_tables
from portal.tables.merging import NamedTable
from portal.tables.merging import ROWS_AT_ONCE
from tests.tables.cases import LIMITS

SERVICE = (Column(name="service", arraysize="*"),)


def named(mark, columns, rows, **more):
    table = ResultTable.from_rows(columns, rows, **more)
    return NamedTable(mark=mark, leading=[f"http://{mark}/tap"], table=table)


def merge(*tables, maxrec=1_000):
    return merge_tables(SERVICE, tables, maxrec=maxrec)


def names(table):
    return [column.name for column in table.columns]


def test_columns_of_one_name_are_shared_and_others_are_empty_where_they_are_missing():
    ra = Column(name="ra", datatype="double", unit="deg")
    one = named("a.org", [ra, Column(name="name", arraysize="*")], [(1.5, "x")])
    other = named("b.org", [Column(name="RA", datatype="double", unit="deg")], [(2.5,)])

    table = merge(one, other)
    rows, end = read_result(table)

    assert names(table) == ["service", "ra", "name"]
    assert rows == [
        {"service": "http://a.org/tap", "ra": 1.5, "name": "x"},
        {"service": "http://b.org/tap", "ra": 2.5, "name": None},
    ]
    assert not end.overflow


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Column(name="v", datatype="double", unit="deg"), Column(name="v", datatype="double")),
        (
            Column(name="v", datatype="double", unit="mag"),
            Column(name="v", datatype="double", unit="mJy"),
        ),
        (Column(name="v", datatype="double"), Column(name="v", arraysize="*")),
        (Column(name="v", datatype="double"), Column(name="v", datatype="long")),
        (Column(name="v", datatype="int"), Column(name="v", datatype="boolean")),
        (
            Column(name="v", datatype="float", arraysize="2x3"),
            Column(name="v", datatype="float", arraysize="6"),
        ),
    ],
)
def test_what_could_change_a_value_or_its_meaning_gets_a_column_of_its_own(one, other):
    table = merge(named("a.org", [one], []), named("b.org:8080", [other], []))

    assert names(table) == ["service", "v", "v_b_org_8080"]
    assert (table.columns[1], table.columns[2].datatype) == (one, other.datatype)


def test_a_third_table_joins_the_column_that_fits_it():
    text, number = Column(name="v", arraysize="*"), Column(name="v", datatype="int")

    table = merge(
        named("a", [text], [("x",)]), named("b", [number], [(1,)]), named("c", [number], [(2,)])
    )

    assert [(row["v"], row["v_b"]) for row in read_result(table)[0]] == [
        ("x", None),
        (None, 1),
        (None, 2),
    ]


def test_a_column_called_like_a_leading_one_is_renamed():
    table = merge(named("a", [Column(name="Service", arraysize="*")], [("mine",)]))

    assert read_result(table)[0] == [{"service": "http://a/tap", "Service_2": "mine"}]


def test_a_meaning_that_they_do_not_share_is_not_claimed():
    one = Column(name="m", datatype="float", ucd="phot.mag;em.opt.V", utype="a:b")
    other = Column(name="m", datatype="float", ucd="phot.mag;em.opt.B", utype="A:B")

    shared = common_column(one, other)

    assert (shared.ucd, shared.utype) == (None, "a:b")


@pytest.mark.parametrize(("one", "other"), list(itertools.product(HOLDS, HOLDS)))
def test_numbers_that_share_a_column_come_out_as_they_went_in(one, other):
    def extremes(kind):
        if kind in LIMITS:
            return list(LIMITS[kind][:2])
        return [float(pa.scalar(0.1, pa.float32()).as_py()), 1.5e30]

    columns = [Column(name="v", datatype=kind) for kind in (one, other)]
    tables = [
        named(mark, [column], [(value,) for value in extremes(column.datatype)])
        for mark, column in zip("ab", columns, strict=True)
    ]

    rows, _ = read_result(merge(*tables))

    found = [row["v"] if row["v"] is not None else row["v_b"] for row in rows]
    expected = [*extremes(one), *extremes(other)]
    for got, value in zip(found, expected, strict=True):
        assert got == pytest.approx(value, rel=1e-6) if isinstance(value, float) else got == value


@pytest.mark.parametrize(
    ("maxrec", "rows", "is_cut"), [(5, 5, False), (4, 4, True), (3, 3, True), (0, 0, True)]
)
def test_the_row_limit_is_of_the_whole_and_said(maxrec, rows, is_cut):
    column = Column(name="n", datatype="int")
    tables = [named("a", [column], [(1,), (2,), (3,)]), named("b", [column], [(4,), (5,)])]

    found, end = read_result(merge(*tables, maxrec=maxrec))

    assert (len(found), end.overflow) == (rows, is_cut)


def test_a_table_that_is_cut_makes_the_whole_cut():
    column = Column(name="n", datatype="int")

    _, end = read_result(
        merge(named("a", [column], [(1,)], overflow=True), named("b", [column], []))
    )

    assert end.overflow


def test_rows_are_read_only_when_they_are_wanted():
    read = []

    def batches(name):
        read.append(name)
        yield pa.RecordBatch.from_pydict({"n": pa.array(range(ROWS_AT_ONCE), pa.int32())})
        yield TableEnd()

    columns = (Column(name="n", datatype="int"),)
    tables = [
        NamedTable(
            mark=name, leading=[name], table=ResultTable(columns=columns, batches=batches(name))
        )
        for name in "ab"
    ]
    arriving = iter(merge(*tables).batches)

    next(arriving)

    assert read == ["a"]


COLUMNS = st.builds(
    Column,
    name=st.sampled_from(["v", "V", "w"]),
    datatype=st.sampled_from([*HOLDS, "char", "unicodeChar", "boolean", "doubleComplex"]),
    arraysize=st.sampled_from([None, "*", "2", "2x*"]),
    unit=st.sampled_from([None, "", "deg"]),
)


@given(st.lists(st.lists(COLUMNS, min_size=1, max_size=4), max_size=4))
def test_every_column_of_every_table_has_exactly_one_place(columns):
    tables = [named(f"s{n}", some, [[None] * len(some)]) for n, some in enumerate(columns)]

    table = merge(*tables)
    rows, _ = read_result(table)

    assert len(rows) == len(columns)
    assert len(table.columns) <= 1 + sum(map(len, columns))
    for one in tables:
        for column in one.table.columns:
            assert any(common_column(column, whole) for whole in table.columns[1:])

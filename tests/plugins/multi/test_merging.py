"""The rows of all archives in ObsCore's columns, and those that come twice only once."""

import math

import pytest

from portal.plugins import Column
from portal.plugins import Cone
from portal.plugins import DataItem
from portal.plugins import Query
from portal.plugins import ResultTable
from portal.plugins.multi.duplicates import Duplicates
from portal.plugins.multi.obscore import as_obscore
from portal.plugins.multi.obscore import COLUMNS
from portal.plugins.multi.obscore import ROWS_AT_ONCE
from portal.plugins.registry import PluginRegistry
from portal.plugins.testing import read_result
from portal_vo.positional.sia1 import Sia1Query

HERE = Cone(ra=10.0, dec=60.0, radius=1.0)


class Plain(Query):
    id = "query.plain"
    title = "Plain"

    def text(self, parameters):
        return ""

    def run(self, parameters, context):
        raise NotImplementedError


class Odd(Plain):
    """Says of every row what it is told to."""

    def __init__(self, to_items):
        self.to_items = to_items


@pytest.fixture
def registry(monkeypatch):
    registry = PluginRegistry()
    monkeypatch.setattr(registry, "plugin_of", lambda _thing: "test")
    return registry


@pytest.fixture
def view(registry):
    def view(columns, rows, *, query=None, centre=HERE):
        table = ResultTable.from_rows(columns, rows)
        return read_result(as_obscore(query or Plain(), table, registry, centre))[0]

    return view


def filled(row):
    return {name: value for name, value in row.items() if value is not None}


OBSCORE = (
    Column(name="dataproduct_type", arraysize="*"),
    Column(name="obs_title", arraysize="*"),
    Column(name="obs_publisher_did", arraysize="*"),
    Column(name="s_ra", datatype="double", unit="deg"),
    Column(name="s_dec", datatype="double", unit="deg"),
    Column(name="access_url", arraysize="*"),
    Column(name="access_estsize", datatype="long", unit="kbyte"),
    Column(name="T_MIN", datatype="float"),
    Column(name="em_min", datatype="double", unit="m"),
    Column(name="instrument_name", arraysize="*"),
)


def test_obscore_comes_as_it_is(view):
    (row,) = view(
        OBSCORE,
        [("image", "M 31", "ivo://a?1", 10.0, 61.0, "http://a/1", 7, 58000.5, 2e-7, "WSRT")],
    )

    assert filled(row) == {
        "dataproduct_type": "image",
        "obs_title": "M 31",
        "obs_publisher_did": "ivo://a?1",
        "s_ra": 10.0,
        "s_dec": 61.0,
        "access_url": "http://a/1",
        "access_estsize": 7,
        "separation": pytest.approx(1.0),
        "t_min": 58000.5,
        "em_min": 2e-7,
        "instrument_name": "WSRT",
    }
    assert list(row) == [column.name for column in COLUMNS]


def test_a_catalogue_tells_what_and_where(view):
    columns = (
        Column(name="id", arraysize="*", ucd="meta.id;meta.main"),
        Column(name="alpha", datatype="double", unit="deg", ucd="pos.eq.ra;meta.main"),
        Column(name="delta", datatype="double", unit="deg", ucd="pos.eq.dec;meta.main"),
    )

    (row,) = view(columns, [("x", 12.0, 60.0)])

    assert filled(row) == {
        "obs_title": "x",
        "s_ra": 12.0,
        "s_dec": 60.0,
        "separation": pytest.approx(0.99992, abs=1e-4),
    }


def test_images_of_the_first_sia_are_understood_by_their_own_query(view):
    columns = (
        Column(name="t", arraysize="*", ucd="VOX:Image_Title"),
        Column(name="u", arraysize="*", ucd="VOX:Image_AccessReference"),
        Column(name="f", arraysize="*", ucd="VOX:Image_Format"),
        Column(name="ra", datatype="double", ucd="POS_EQ_RA_MAIN"),
        Column(name="dec", datatype="double", ucd="POS_EQ_DEC_MAIN"),
    )

    (row,) = view(
        columns,
        [("A", "http://a/1", "image/fits", 10.0, 60.0)],
        query=Sia1Query(most_positions=1),
    )

    assert filled(row) == {
        "dataproduct_type": "image",
        "obs_title": "A",
        "access_url": "http://a/1",
        "access_format": "image/fits",
        "s_ra": 10.0,
        "s_dec": 60.0,
        "separation": 0.0,
    }


@pytest.mark.parametrize(
    "column",
    [
        Column(name="t_min", datatype="double", unit="s"),
        Column(name="t_min", arraysize="*"),
        Column(name="em_min", datatype="double", unit="nm"),
    ],
)
def test_a_column_that_means_something_else_is_not_taken(view, column):
    (row,) = view([column], [(None,)], query=Odd(lambda _c, rows: [DataItem(title="x")]))

    assert filled(row) == {"obs_title": "x"}


@pytest.mark.parametrize(
    "to_items",
    [
        lambda columns, rows: 1 / 0,
        lambda columns, rows: [],
        lambda columns, rows: [DataItem(title=7, s_ra="x") for _ in rows],
    ],
    ids=["raises", "forgets", "lies"],
)
def test_a_plugin_that_cannot_say_what_its_rows_are_loses_none(view, to_items):
    rows = view([Column(name="name", arraysize="*")], [("a",), ("b",)], query=Odd(to_items))

    assert [row["obs_title"] for row in rows] == ["a", "b"]


def test_what_is_no_number_is_left_out(view):
    def to_items(columns, rows):
        return [DataItem(title="x", s_ra=math.nan, s_dec=math.inf)]

    (row,) = view([Column(name="n", datatype="int")], [(1,)], query=Odd(to_items))

    assert filled(row) == {"obs_title": "x"}


def test_every_row_of_a_large_table_comes_in_its_place(view):
    count = 2 * ROWS_AT_ONCE + 5

    rows = view([Column(name="name", arraysize="*")], [(str(n),) for n in range(count)])

    assert [row["obs_title"] for row in rows] == [str(n) for n in range(count)]


def didurl(*pairs):
    rows = [(None, None, did, None, None, url, None, None, None, None) for did, url in pairs]
    return ResultTable.from_rows(OBSCORE, rows)


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (("ivo://a?1", None), ("ivo://a?1", "http://x"), False),
        (("ivo://a?1", "http://x"), ("ivo://a?2", "http://x"), True),
        (("ivo://a?1", "http://x"), (None, "http://x"), False),
        ((None, "http://x"), ("ivo://a?1", "http://x"), False),
        ((None, "http://x"), (None, "http://x"), False),
        ((None, None), (None, None), True),
        (("", ""), ("", ""), True),
    ],
)
def test_the_same_data_of_a_second_archive_are_left_out(first, second, kept):
    duplicates = Duplicates()
    read_result(duplicates.without(didurl(first)))

    rows, _ = read_result(duplicates.without(didurl(second)))

    assert (len(rows), duplicates.count) == ((1, 0) if kept else (0, 1))


def test_what_one_archive_lists_twice_is_kept():
    duplicates = Duplicates()

    rows, _ = read_result(duplicates.without(didurl(("ivo://a", "x"), ("ivo://a", "x"))))

    assert (len(rows), duplicates.count) == (2, 0)

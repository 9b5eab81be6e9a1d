"""Finding tables in a small service's metadata."""

import pytest

from portal.adql import ColumnInfo
from portal.adql import FunctionInfo
from portal.adql import MemoryTables
from portal.adql import TableInfo
from portal.adql import TableSource

STARS = TableInfo(name="files.stars", schema="files", nrows=4)
APASS = TableInfo(name='"II/336/apass9"', schema="II/336")
SOURCES = TableInfo(name="gaia_source", schema="gaiadr3")
COLUMNS = (ColumnInfo(name="ra", datatype="DOUBLE", unit="deg"),)
UDF = FunctionInfo(name="ivo_healpix_index")
TABLES: TableSource = MemoryTables({STARS: COLUMNS, APASS: (), SOURCES: ()}, functions=[UDF])


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("stars", STARS),
        ("FILES.Stars", STARS),
        ("here.files.stars", STARS),
        ('"II/336/apass9"', APASS),
        ("gaiadr3.gaia_source", SOURCES),
        ('gaiadr3."gaia_source"', SOURCES),
        ("gaiadr2.gaia_source", None),
        ("star", None),
        ("", None),
    ],
)
def test_a_table_is_found_by_the_end_of_its_name(name, table):
    assert TABLES.find_table(name) == table


def test_the_whole_name_comes_before_the_end_of_another():
    plain = TableInfo(name="data")
    tables = MemoryTables({TableInfo(name="data", schema="a"): (), plain: ()})
    assert tables.find_table("data") == plain


def test_columns_are_those_of_the_table():
    assert TABLES.columns(STARS) == COLUMNS
    assert TABLES.columns(TableInfo(name="unknown")) == ()


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("files.strs", [STARS]),
        ("gaiadr2.gaia_sources", [SOURCES]),
        ("apass", []),
        ("", []),
        ("zzz", []),
    ],
)
def test_similar_tables_have_names_that_look_alike(text, tables):
    assert TABLES.similar_tables(text) == tables


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("fi", [STARS]),
        ("ga", [SOURCES]),
        ("apass", [APASS]),
        ('"II/336', [APASS]),
        ("s", [STARS, SOURCES, APASS]),
        ("nothing", []),
    ],
)
def test_completion_puts_names_that_start_with_the_text_first(text, tables):
    found = TABLES.complete(text)
    assert found[: len(tables)] == tables
    assert bool(found) == bool(tables)


def test_a_source_says_what_it_knows():
    assert TABLES.is_complete
    assert TABLES.functions() == (UDF,)
    assert not MemoryTables({}, is_complete=False).is_complete

"""Tables in memory that pages can go through."""

import pytest

from portal.plugins import AdqlSchema
from portal.plugins import ColumnInfo
from portal.plugins import ForeignKey
from portal.plugins import MemoryCatalogue
from portal.plugins import TableCatalogue
from portal.plugins import TableFilter
from portal.plugins import TableInfo

STARS = TableInfo(name="cat.stars", schema="cat", description="Bright ones")
PLANETS = TableInfo(name="cat.planets", schema="cat")
OTHER = TableInfo(name="other.things", schema="other")
KEY = ForeignKey(from_table="cat.planets", target_table="cat.stars", columns=(("star", "id"),))


@pytest.fixture
def catalogue():
    return MemoryCatalogue(
        {STARS: [ColumnInfo(name="ra", description="Right ascension")], PLANETS: (), OTHER: ()},
        schemas=[AdqlSchema(name="cat", description="Catalogues")],
        keys=[KEY],
    )


def test_it_is_a_catalogue(catalogue):
    assert isinstance(catalogue, TableCatalogue)


def test_schemas_come_with_their_counts(catalogue):
    found = catalogue.count_by_schema(TableFilter(words=("a",)))
    assert [(one.name, one.description, count) for one, count in found] == [
        ("cat", "Catalogues", 2)
    ]


@pytest.mark.parametrize(
    ("which", "names"),
    [
        (TableFilter(), ["cat.stars", "cat.planets", "other.things"]),
        (TableFilter(schema="cat"), ["cat.stars", "cat.planets"]),
        (TableFilter(words=("BRIGHT",)), ["cat.stars"]),
        (TableFilter(words=("ascension",), places=("columns",)), ["cat.stars"]),
        (TableFilter(words=("ascension",), places=("name",)), []),
        (TableFilter(words=("stars", "things")), []),
        (TableFilter(words=("stars", "things"), any_word=True), ["cat.stars", "other.things"]),
    ],
)
def test_tables_pass_a_filter_or_not(catalogue, which, names):
    count, found = catalogue.list_tables(which, offset=0, limit=10)
    assert [table.name for table in found] == names
    assert count == len(names)


def test_a_page_of_tables_says_how_many_there_are(catalogue):
    assert catalogue.list_tables(TableFilter(), offset=1, limit=1) == (3, [PLANETS])


def test_a_key_belongs_to_both_of_its_tables(catalogue):
    assert list(catalogue.foreign_keys(STARS)) == [KEY]
    assert list(catalogue.foreign_keys(PLANETS)) == [KEY]
    assert list(catalogue.foreign_keys(OTHER)) == []

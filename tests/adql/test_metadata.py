"""How the names of tables are read, compared and written."""

import pytest

from portal.adql import full_name
from portal.adql import name_key
from portal.adql import name_parts
from portal.adql import quote_table_name
from portal.adql import TableInfo


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("t", ("t",)),
        ("s.t", ("s", "t")),
        ("c.s.t", ("c", "s", "t")),
        ('"II/336/apass9"', ("II/336/apass9",)),
        ('vizier."II/336/apass9"', ("vizier", "II/336/apass9")),
        ('"a""b".c', ('a"b', "c")),
        ('"""a"', ('"a',)),
        ('"a.b".c', ("a.b", "c")),
        ("II/336/apass9", ("II/336/apass9",)),
        (" s . t ", ("s", "t")),
        ("", ("",)),
        ("..", ("", "", "")),
    ],
)
def test_a_name_is_split_at_the_dots_outside_quotes(name, parts):
    assert name_parts(name) == parts


def test_names_are_compared_without_quotes_and_case():
    assert name_key('Vizier."II/336/APASS9"') == ("vizier", "ii/336/apass9")


@pytest.mark.parametrize(
    ("name", "schema", "parts"),
    [
        ("stars", "Files", ("files", "stars")),
        ("files.stars", "files", ("files", "stars")),
        ('"II/336/apass9"', "II/336", ("ii/336", "ii/336/apass9")),
        ("stars", "", ("stars",)),
    ],
)
def test_the_full_name_of_a_table_has_the_schema_once(name, schema, parts):
    assert full_name(TableInfo(name=name, schema=schema)) == parts


def test_a_table_name_is_quoted_where_it_must_be():
    assert quote_table_name("vizier", "II/336/apass9", "date") == 'vizier."II/336/apass9"."date"'
    with pytest.raises(ValueError, match="cannot be the name"):
        quote_table_name("a", "")

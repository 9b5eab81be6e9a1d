"""How a query is laid out."""

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from portal.adql import format_adql

LONG = """\
SELECT a.x, b.y, COUNT(*) AS n  -- how many
FROM s.t AS a
    LEFT OUTER JOIN u AS b ON a.id = b.id
    INNER JOIN (
        SELECT id, MAX(q) AS q
        FROM v
        GROUP BY id
    ) AS w USING (id)
WHERE 1 = CONTAINS(POINT('ICRS', a.ra, a.dec), CIRCLE('ICRS', -10, - -2, .5))
    AND (a.m BETWEEN 1 AND 2 OR NOT b.k IS NULL)
    -- only these
    AND a.id IN (1, 2, 3)
GROUP BY a.x, b.y
HAVING COUNT(*) > 1
ORDER BY n DESC, 2
OFFSET 5"""


def test_each_clause_has_a_line():
    written = LONG.replace("    ", " ").replace("SELECT", "select").replace("CONTAINS", "Contains")
    assert format_adql(written) == LONG.replace("    -- only these", "-- only these")


@pytest.mark.parametrize(
    ("text", "laid_out"),
    [
        ("select  1+ -a ,'b' 'c' from t", "SELECT 1 + -a, 'b' 'c'\nFROM t"),
        ('select t."Date",t . * from t', 'SELECT t."Date", t.*\nFROM t'),
        ("select a from t except select b from u", "SELECT a\nFROM t\nEXCEPT\nSELECT b\nFROM u"),
        (
            "with a as (select b from t) select * from a",
            "WITH a AS (\n    SELECT b\n    FROM t\n)\nSELECT *\nFROM a",
        ),
        ("select cast(a as double precision) from t", "SELECT CAST(a AS DOUBLE PRECISION)\nFROM t"),
        ("-- one\nselect a from t", "-- one\nSELECT a\nFROM t"),
        (
            "select a from t where exists (select 1 from u where x=1)",
            "SELECT a\nFROM t\nWHERE EXISTS (\n    SELECT 1\n    FROM u\n    WHERE x = 1\n)",
        ),
    ],
)  # fmt: skip
def test_a_query_is_laid_out(text, laid_out):
    assert format_adql(text) == laid_out


def test_a_long_list_goes_on_in_a_new_line():
    names = [f"column_{number}" for number in range(40)]
    lines = format_adql(f"select {','.join(names)} from t").split("\n")
    assert max(map(len, lines)) < 100
    assert all(line.startswith("    ") for line in lines[1:-1])


@pytest.mark.parametrize(
    "text",
    ["", "select", "hello  world", "select a from t where", "select a from t /* c */", "select 'a"],
)
def test_a_text_that_cannot_be_read_comes_back_unchanged(text):
    assert format_adql(text) == text


def test_a_text_nested_too_deeply_comes_back_unchanged():
    text = "select " + "(" * 3000 + "a" + ")" * 3000 + "  from t"
    assert format_adql(text) == text


@given(st.text())
@settings(deadline=None)
def test_any_text_can_be_given(text):
    format_adql(text)

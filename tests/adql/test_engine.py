"""What reaches DuckDB, what it answers, and what never gets there."""

import pytest
import sqlglot
from sqlglot import exp

from portal.adql import AdqlError
from portal.adql import AdqlTable
from portal.adql import find_tables
from portal.adql import parse

REFUSED = [
    ("SELECT a FROM duckdb_settings", "no table duckdb_settings"),
    ("SELECT a FROM duckdb_secrets", "no table duckdb_secrets"),
    ("SELECT a FROM information_schema.tables", "no table information_schema.tables"),
    ("SELECT a FROM pg_catalog.pg_class", "no table pg_catalog.pg_class"),
    ("SELECT a FROM sqlite_master", "no table sqlite_master"),
    ('SELECT a FROM "/etc/passwd"', "no table /etc/passwd"),
    ('SELECT a FROM "files.stars"', "no table files.stars"),
    ("SELECT name FROM memory.files.stars", "no table memory.files.stars"),
    ("SELECT name FROM notes", "name of several tables; add the schema"),
    ("SELECT name FROM star", "Did you mean stars"),
    ("SELECT getenv('HOME') FROM stars", "GETENV is not a function"),
    ("SELECT read_text('/etc/passwd') FROM stars", "READ_TEXT is not a function"),
    ("SELECT current_setting('threads') FROM stars", "CURRENT_SETTING is not a function"),
    ("SELECT glob('*') FROM stars", "GLOB is not a function"),
    ("SELECT struct_pack(name) FROM stars", "STRUCT_PACK is not a function"),
    ("SELECT list_transform(name, name) FROM stars", "LIST_TRANSFORM is not a function"),
    ("SELECT COLUMNS('n.*') FROM stars", "COLUMNS is not a function"),
    ("SELECT query('SELECT 1') FROM stars", "QUERY is not a function"),
    ("SELECT nextval('s') FROM stars", "NEXTVAL is not a function"),
    ("SELECT CAST(ra AS VARCHAR), ROW(1, 2) FROM stars", "ROW is not a function"),
    ("SELECT IN_UNIT(ra, 'rad') FROM stars", "IN_UNIT is not supported"),
    ("SELECT POLYGON(1, 2, 3, 4, 5, 6) FROM stars", "POLYGON is not supported"),
    ("SELECT current_user FROM stars", "no column current_user"),
    ('SELECT "current_user" FROM stars', "no column current_user"),
    ("SELECT rowid FROM stars", "no column rowid"),
    ("SELECT filename FROM stars", "no column filename"),
    ("SELECT stars FROM stars", "no column stars"),
    ("SELECT raa FROM stars", "Did you mean ra"),
    ("SELECT x.ra FROM stars", "no table or alias x"),
    ("SELECT ABS(ra, 1) FROM stars", "ABS takes 1 argument"),
    ("SELECT ROUND() FROM stars", "ROUND takes 1 to 2 argument"),
    ("SELECT COALESCE() FROM stars", "COALESCE takes at least 1 argument"),
    ("SELECT ABS(DISTINCT ra) FROM stars", "DISTINCT has no place in ABS"),
    ("SELECT POINT(ra, dec) FROM stars", "POINT can only stand inside"),
    ("SELECT DISTANCE(ra, dec) FROM stars", "Only a POINT or a CIRCLE"),
    ("SELECT DISTANCE(POINT(ra), POINT(1, 2)) FROM stars", "a right ascension and a declination"),
    ("SELECT DISTANCE(CIRCLE(1, 2, 3), POINT(1, 2)) FROM stars", "two POINTs"),
    ("SELECT CONTAINS(POINT(1, 2), POINT(1, 2)) FROM stars", "need a CIRCLE"),
    ("SELECT CONTAINS(POINT(ra, dec), BOX(1, 2, 3, 4)) FROM stars", "Only a POINT or a CIRCLE"),
    ("SELECT COORD1(CIRCLE(1, 2, 3)) FROM stars", "COORD1 takes a POINT"),
    ("SELECT AREA(POINT('GALACTIC', 1, 2)) FROM stars", "GALACTIC is not supported"),
    ("SELECT 1e999 FROM stars", "number is too large"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_only_known_tables_columns_and_functions_get_through(translate, text, message):
    with pytest.raises(AdqlError, match=message):
        translate(text)


def test_a_name_of_a_with_is_known_only_after_it(translate):
    text = """
        WITH a AS (SELECT name FROM duckdb_tables),
          duckdb_tables AS (SELECT 1 AS name FROM stars)
        SELECT * FROM a
    """

    with pytest.raises(AdqlError, match="no table duckdb_tables"):
        translate(text)


def test_a_with_does_not_read_itself(rows):
    assert rows("WITH stars AS (SELECT n FROM stars WHERE n = 1) SELECT n FROM stars") == [(1,)]


def test_geometry_nested_to_explode_is_refused(translate):
    text = "1"
    for _ in range(25):
        text = f"DISTANCE(1, {text}, 2, 3)"

    with pytest.raises(AdqlError, match="nested too deeply"):
        translate(f"SELECT {text} FROM stars")


@pytest.mark.slow
def test_a_thousand_queries_in_a_union_are_refused_in_words(translate):
    with pytest.raises(AdqlError, match="nested too deeply"):
        translate(" UNION ".join(["SELECT n FROM stars"] * 2_000))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT NAME FROM Files.STARS WHERE RA = 10", [("a",)]),
        ('SELECT "name" FROM stars WHERE "B-V" > 1', [("c",)]),
        ("SELECT files.stars.name FROM files.stars WHERE stars.n = 2", [("b",)]),
        ("SELECT s.name AS who FROM stars AS s WHERE s.n = 3", [("c",)]),
        ("SELECT name FROM other.notes", [("elsewhere",)]),
        ("SELECT TOP 1 name FROM stars ORDER BY name DESC", [("c",)]),
        ("SELECT name FROM stars ORDER BY n OFFSET 3", [(None,)]),
        ("SELECT COUNT(*), COUNT(Vmag), MAX(n) FROM stars", [(4, 2, 3)]),
        ("SELECT 1/2 FROM other.notes", [(0.5,)]),
        ("SELECT 1.5 * 2, .5, 1e2 FROM other.notes", [(3.0, 0.5, 100.0)]),
        ("SELECT - -1, -(-1) FROM other.notes", [(1, 1)]),
        (
            "SELECT LOG(1), LOG10(100), MOD(7, 4), TRUNCATE(1.99, 1) FROM other.notes",
            [(0.0, 2.0, 3, 1.9)],
        ),
        (
            "SELECT CEILING(1.2), FLOOR(1.8), ROUND(1.26, 1), POWER(2, 3) FROM other.notes",
            [(2.0, 1.0, 1.3, 8.0)],
        ),
        ("SELECT CAST(12.75 AS VARCHAR(3)), CAST('5' AS INTEGER) FROM other.notes", [("12.", 5)]),
        ("SELECT LOWER('Ab') || UPPER('c') FROM other.notes", [("abC",)]),
        ("SELECT name FROM stars WHERE name ILIKE 'A'", [("a",)]),
        ("SELECT name FROM stars WHERE name LIKE 'A'", []),
        ("SELECT name FROM stars WHERE NOT name IN ('a', 'b')", [("c",)]),
        ("SELECT COALESCE(Vmag, 99) FROM stars WHERE name = 'c'", [(99.0,)]),
        ("SELECT text FROM stars NATURAL JOIN files.notes", [("first",)]),
        (
            "SELECT text FROM stars JOIN files.notes USING (name) ORDER BY 1",
            [("Second",), ("first",)],
        ),
        ("SELECT TOP 1 n FROM stars UNION ALL SELECT n FROM files.notes WHERE n = 2", [(1,), (2,)]),
        ("SELECT n FROM stars WHERE n < 3 EXCEPT SELECT 1 FROM stars", [(2,)]),
        ("SELECT q.x FROM (SELECT n AS x FROM stars WHERE n = 3) AS q", [(3,)]),
        ("WITH q (m) AS (SELECT n FROM stars) SELECT MAX(m) FROM q", [(3,)]),
        ("SELECT CASE WHEN n > 2 THEN 'big' ELSE 'small' END FROM stars WHERE n = 3", [("big",)]),
        (
            "SELECT a.n FROM stars a WHERE EXISTS (SELECT 1 FROM files.notes b WHERE b.n = a.n)",
            [(1,), (2,)],
        ),
    ],
)
def test_a_query_means_what_adql_says(rows, text, expected):
    assert rows(text) == expected


def test_the_answer_is_cut_at_the_limit_or_the_top(rows):
    assert len(rows("SELECT name FROM stars", limit=2)) == 2
    assert len(rows("SELECT TOP 3 name FROM stars", limit=2)) == 2
    assert len(rows("SELECT TOP 1 name FROM stars", limit=2)) == 1
    assert len(rows("SELECT n FROM stars UNION ALL SELECT n FROM stars", limit=5)) == 5
    assert len(rows("(SELECT n FROM stars)", limit=1)) == 1


def test_the_query_itself_is_not_changed(translate):
    from portal.adql import to_duckdb

    query = parse("SELECT TOP 5 ra FROM t")
    before = repr(query)
    to_duckdb(query, [AdqlTable(schema="s", name="t", columns=("ra",))], limit=1)

    assert repr(query) == before


def test_what_is_written_is_one_select_with_every_name_in_quotes(translate):
    sql = translate("SELECT name, 'it''s; -- \\' FROM stars WHERE n = 1").sql
    statements = sqlglot.parse(sql, dialect="duckdb")

    assert [type(one) for one in statements] == [exp.Select]
    assert all(one.args["quoted"] for one in statements[0].find_all(exp.Identifier))


def test_comments_of_users_do_not_reach_the_engine(translate):
    assert "secret" not in translate("SELECT name -- secret */ DROP\nFROM stars").sql


def test_the_tables_of_a_query_are_found_without_their_columns():
    offered = [AdqlTable(schema="a", name=name) for name in ("x", "y", "z")]
    query = parse("WITH q AS (SELECT 1 AS k FROM z) SELECT * FROM a.X, q, (SELECT 1 FROM z) w")

    assert [table.name for table in find_tables(query, offered)] == ["x", "z"]

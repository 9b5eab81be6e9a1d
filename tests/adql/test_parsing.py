"""Which queries are ADQL, and what is said about those that are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from portal.adql import AdqlError
from portal.adql import parse
from portal.adql.parsing import MAX_LENGTH
from portal.problems import UsageError

VALID = [
    "SELECT * FROM t",
    "select ra, dec from s.t",
    "SELECT ALL ra FROM t",
    "SELECT DISTINCT TOP 5 ra FROM t",
    "SELECT t.* FROM t",
    "SELECT ra AS x, dec y FROM t AS a",
    'SELECT "B-V", "a""b" FROM "My Schema"."my table"',
    "SELECT -ra, +dec, - -1, 1.5e-3, .5, 10. FROM t",
    "SELECT 'it''s', 'a' || 'b' FROM t",
    "SELECT 'a' 'b' FROM t",
    "SELECT ra -- a comment\nFROM t -- another",
    "SELECT COUNT(*), COUNT(DISTINCT a), AVG(b) FROM t GROUP BY c HAVING COUNT(*) > 2",
    "SELECT a FROM t WHERE a BETWEEN 1 AND 2 OR NOT b IN (1, 2) AND c IS NOT NULL",
    "SELECT a FROM t WHERE b LIKE 'M%' OR b NOT LIKE 'N_' OR b ILIKE '%x'",
    "SELECT a FROM t WHERE a <> 1 AND b != 2 AND c >= 3 AND d <= 4",
    "SELECT a FROM t WHERE b IN (SELECT c FROM u) AND EXISTS (SELECT 1 FROM v)",
    "SELECT a FROM t, u WHERE t.x = u.x",
    "SELECT a FROM t JOIN u ON t.x = u.x LEFT OUTER JOIN v USING (y, z)",
    "SELECT a FROM t NATURAL JOIN u CROSS JOIN v FULL JOIN w ON 1 = 1",
    "SELECT a FROM (t JOIN u USING (x)) JOIN v USING (y)",
    "SELECT a FROM (SELECT b AS a FROM t) AS q (a)",
    "SELECT a FROM t ORDER BY a DESC, 2, b ASC",
    "SELECT a FROM t ORDER BY a OFFSET 10",
    "SELECT a FROM t UNION ALL SELECT b FROM u EXCEPT SELECT c FROM v",
    "(SELECT a FROM t) INTERSECT (SELECT b FROM u) ORDER BY a",
    "WITH q AS (SELECT a FROM t), r (b) AS (SELECT a FROM q) SELECT * FROM r",
    "SELECT CAST(a AS DOUBLE PRECISION), CAST(b AS VARCHAR(10)), CAST(c AS CHAR) FROM t",
    "SELECT CAST(a AS TIMESTAMP), CAST(b AS BIGINT), CAST(c AS REAL) FROM t",
    "SELECT CASE WHEN a > 1 THEN 'x' ELSE 'y' END, CASE a WHEN 1 THEN 2 END FROM t",
    "SELECT COALESCE(a, b, 0), IN_UNIT(a, 'deg'), LOWER(b), UPPER(c) FROM t",
    "SELECT a FROM t WHERE 1 = CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS', 1, 2, 3))",
    "SELECT DISTANCE(POINT(ra, dec), POINT(1, 2)), DISTANCE(ra, dec, 1, 2) FROM t",
    "SELECT a FROM t WHERE INTERSECTS(BOX(1, 2, 3, 4), POLYGON(1, 2, 3, 4, 5, 6)) = 0",
    "SELECT date, size, distance FROM t;",
    "SELECT a FROM t WHERE TRUE OR FALSE OR a = NULL",
    "SELECT (SELECT MAX(a) FROM t) FROM u",
]

INVALID = [
    ("", "There is no query"),
    (" -- only a comment", "There is no query"),
    (";;", "There is no query"),
    ("SELECT a FROM t; SELECT b FROM u", "One query at a time"),
    ("DROP TABLE t", "starts with SELECT"),
    ("COPY t TO '/tmp/x'", "starts with SELECT"),
    ("ATTACH 'x.db'", "starts with SELECT"),
    ("PRAGMA database_list", "starts with SELECT"),
    ("SET threads = 99", "starts with SELECT"),
    ("INSTALL httpfs", "starts with SELECT"),
    ("CALL pragma_version()", "starts with SELECT"),
    ("EXPLAIN SELECT a FROM t", "starts with SELECT"),
    ("VALUES (1)", "starts with SELECT"),
    ("FROM t", "starts with SELECT"),
    ("(FROM t)", "'FROM' was not expected"),
    ("SELECT 1", "needs a FROM"),
    ("SELECT FROM t", "'FROM' was not expected"),
    ("SELECT a,, b FROM t", "',' was not expected"),
    ("SELECT a, FROM t", "'FROM' was not expected"),
    ("SELECT a FROM t WHERE", "missing at the end"),
    ("SELECT a FROM t WHERE a =", "missing at the end"),
    ("SELECT (a FROM t", "\\) is missing before 'FROM'"),
    ("SELECT a b c FROM t", "'c' was not expected"),
    ("SELECT a AS FROM t", "a name is missing"),
    ("SELECT a AS 'x' FROM t", "a name is missing"),
    ("SELECT a FROM '/etc/passwd'", "name of a table is missing"),
    ("SELECT a FROM read_csv('/etc/passwd')", "a function cannot stand there"),
    ("SELECT * FROM duckdb_settings()", "a function cannot stand there"),
    ("SELECT a FROM t, LATERAL (SELECT 1 FROM u) x", "a function cannot stand there"),
    ("SELECT a FROM UNNEST(b)", "a function cannot stand there"),
    ("SELECT a FROM (SELECT b FROM t)", "needs a name"),
    ("SELECT a FROM t LIMIT 5", "SELECT TOP n"),
    ("SELECT TOP x a FROM t", "missing before 'x'"),
    ("SELECT TOP 99999999999999999999 a FROM t", "TOP takes a whole number"),
    ("SELECT a FROM t OFFSET b", "OFFSET takes a whole number"),
    ("WITH RECURSIVE q AS (SELECT 1 FROM t) SELECT * FROM q", "no recursive WITH"),
    ("SELECT a FROM (WITH q AS (SELECT 1 FROM t) SELECT * FROM q) x", "start of the query"),
    ("SELECT a FROM t WHERE a BETWEEN 1 2", "AND is missing"),
    ("SELECT CAST(a AS STRUCT) FROM t", "one of the types"),
    ("SELECT CAST(a AS VARCHAR[]) FROM t", "character \\["),
    ("SELECT CAST(a DOUBLE) FROM t", "AS is missing"),
    ("SELECT CAST(a AS DOUBLE) FROM t", "PRECISION is missing"),
    ("SELECT a::INTEGER FROM t", "character :"),
    ("SELECT x -> x + 1 FROM t", "missing before '>'"),
    ("SELECT {'a': 1} FROM t", "character {"),
    ("SELECT [1, 2] FROM t", "character \\["),
    ("SELECT a[1] FROM t", "character \\["),
    ("SELECT $1 FROM t", "character \\$"),
    ("SELECT ? FROM t", "character \\?"),
    ("SELECT a FROM t /* c */", "not expected|missing"),
    ("SELECT {# c #} a FROM t", "character {"),
    ("SELECT é FROM t", "character é"),
    ("SELECT 1a FROM t", "'a' was not expected"),
    ("SELECT 0x1F FROM t", "'x1F' was not expected"),
    ("SELECT N'a' FROM t", "NATIONAL"),
    ("SELECT 'abc FROM t", "never closed"),
    ('SELECT "abc FROM t', "never closed"),
    ("SELECT a.b.c.d.e FROM t", "not part of ADQL"),
    ("SELECT * EXCEPT (a) FROM t", "not part of ADQL"),
    ("SELECT DISTINCT ON (a) b FROM t", "not part of ADQL"),
    ("SELECT MAX(a ORDER BY b) FROM t", "not part of ADQL"),
    ("SELECT SUM(a) OVER (PARTITION BY b) FROM t", "not expected"),
    ("SELECT a FROM t WHERE (a, b) IN (SELECT 1, 2 FROM u)", "not part of ADQL"),
    ("SELECT a FROM t WHERE a = ANY (SELECT 1 FROM u)", "not how a function is called"),
    ("SELECT ABS(SELECT 1 FROM t) FROM t", "not how a function is called"),
    ('SELECT "abs"(a) FROM t', "not how a function is called"),
    ("SELECT a IS TRUE FROM t", "IS can only be followed"),
    ("SELECT a FROM t WHERE *", "can only stand in the list"),
    ("SELECT MAX(*) FROM t", "can only stand in the list"),
    ("SELECT a + * FROM t", "can only stand in the list"),
    ("SELECT a FROM t TABLESAMPLE 10", "not expected"),
    ("SELECT a FROM t FOR UPDATE", "not expected"),
    ("SELECT a INTO b FROM t", "not expected"),
    ("SELECT INTERVAL '1' DAY FROM t", "not expected"),
]

WORDS = ["SELECT", "FROM", "WHERE", "(", ")", ",", ".", "*", "a", "1", "'x'", "AS", "UNION", "="]


@pytest.mark.parametrize("text", VALID)
def test_adql_is_read(text):
    assert isinstance(parse(text), exp.Query)


@pytest.mark.parametrize(("text", "message"), INVALID)
def test_what_is_no_adql_is_refused_in_words(text, message):
    with pytest.raises(AdqlError, match=message):
        parse(text)


def test_an_error_says_where_it_is():
    with pytest.raises(AdqlError) as caught:
        parse("SELECT ra\nFROM t\nWHERE ra @ 1")

    assert (caught.value.line, caught.value.column) == (3, 10)
    assert caught.value.message.startswith("Line 3, column 10: ")
    assert isinstance(caught.value, UsageError)


def test_an_error_points_to_the_first_letter_of_a_word():
    with pytest.raises(AdqlError) as caught:
        parse("SELECT ra FROM files WHERE ra BETWEEN 1 2")

    assert caught.value.column == 41


def test_a_query_that_is_too_long_is_refused():
    with pytest.raises(AdqlError, match="too long"):
        parse("SELECT a FROM t WHERE b = '" + "x" * MAX_LENGTH + "'")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT " + "(" * 60 + "1" + ")" * 60 + " FROM t",
        "SELECT a FROM t WHERE " + "NOT " * 5_000 + "TRUE",
        "SELECT " + "- " * 5_000 + "1 FROM t",
        "SELECT " + "CASE WHEN 1 = 1 THEN " * 300 + "1" + " END" * 300 + " FROM t",
    ],
    ids=["parentheses", "not", "minus", "case"],
)
def test_a_query_that_is_nested_too_deeply_is_refused(text):
    with pytest.raises(AdqlError, match="nested too deeply"):
        parse(text)


@pytest.mark.slow
def test_a_long_list_of_values_is_read():
    values = ", ".join(map(str, range(10_000)))

    query = parse(f"SELECT a FROM t WHERE b IN ({values})")

    assert len(query.find(exp.In).expressions) == 10_000


def refusal(text):
    """Return why a text is refused; None when it is a query."""
    try:
        assert isinstance(parse(text), exp.Query)
    except AdqlError as error:
        return error.message
    return None


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    assert refusal(text) != ""


@given(st.lists(st.sampled_from(WORDS)))
def test_any_words_are_read_or_refused_in_words(words):
    assert "sqlglot" not in (refusal(" ".join(words)) or "")

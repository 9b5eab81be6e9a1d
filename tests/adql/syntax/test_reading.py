"""What is said of a text that is not ADQL: the place, plain words, and the change that mends it."""

import pytest

from portal.adql import check


def first(text):
    """Return the first error."""
    return next(one for one in check(text) if one.severity == "error")


PLACES = [
    ("SELECT ra\nFROM stars\nWHERE ra >", "syntax", (3, 10), ">"),
    ("SELECT ra FROM stars WHERE\n  ra = = 1", "syntax", (2, 8), "="),
    ("SELECT ra, FROM stars", "syntax", (1, 10), ","),
    ("SELECT (ra FROM stars", "syntax", (1, 12), "FROM"),
    ("SELECT ra FROM stars WHERE (ra > 1", "syntax", (1, 28), "("),
    ("SELECT ra FROM stars WHERE name = 'abc", "syntax", (1, 35), "'"),
    ("SELECT ra FROM stars; SELECT 1", "several-queries", (1, 23), "SELECT"),
    ("INSERT INTO t VALUES (1)", "not-a-query", (1, 1), "INSERT"),
    ("SELECT TOP x ra FROM stars", "top", (1, 12), "x"),
    ("SELECT ra FROM stars OFFSET x", "offset", (1, 29), "x"),
    ("SELECT ra", "no-from", (1, 10), ""),
    ("", "empty", (1, 1), ""),
    (" ; ;", "empty", (1, 1), ""),
    ("SELECT ra FROM stars WHERE ra", "no-condition", (1, 28), "ra"),
    ("SELECT ra > 1 FROM stars", "condition-as-value", (1, 11), ">"),
    ("SELECT ra FROM (SELECT 1 FROM t)", "subquery-name", (1, 16), "("),
    (
        "SELECT a FROM (WITH b AS (SELECT 1 FROM t) SELECT * FROM b) c",
        "nested-with",
        (1, 16),
        "WITH",
    ),
]


@pytest.mark.parametrize(("text", "code", "place", "there"), PLACES)
def test_an_error_has_its_place(text, code, place, there):
    error = first(text)
    assert (error.code, (error.line, error.column)) == (code, place)
    assert text[error.start : error.end] == there


WORDS = [
    ("SELECT ra FROM stars WHERE", "The query ends where a value was expected"),
    ("SELECT ra FROM stars WHERE ra BETWEEN 1 OR 2", "Found 'OR' where AND"),
    ("SELECT ra FROM stars, WHERE ra > 1", "There is a comma before 'WHERE'"),
    ("SELECT ra FROM stars WHERE name = 'O'Neill'", "written twice, as in 'O''Neill'"),
    ("SELECT ra FROM stars ORDER BY ra WHERE ra > 1", "WHERE cannot follow ORDER BY"),
    ("SELECT ra FROM stars WHERE ra > 1 WHERE ra < 2", "stands in the wrong place"),
    ("SELECT ra FROM stars WHERE 1 < ra < 2", "join two comparisons with AND"),
    ("SELECT ra FROM stars ORDER BY ra UNION SELECT 1 FROM t", "in parentheses"),
    ("SELECT a.b.c.d.e FROM t", "5 parts"),
    ("SELECT ra FROM stars WHERE ra = ?", "no parameters"),
    ("SELECT ra FROM f(1)", "no function can stand here"),
    ("WITH RECURSIVE a AS (SELECT 1 FROM t) SELECT * FROM a", "no recursive WITH"),
    ('SELECT "" FROM t', "A name cannot be empty"),
]


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_an_error_is_told_in_plain_words(text, words):
    assert words in first(text).message


CHANGES = [
    ("SELCT ra FROM stars", "SELECT ra FROM stars"),
    ("SELECT ra FORM stars", "SELECT ra FROM stars"),
    ("SELECT ra FROM stars WHER ra > 1", "SELECT ra FROM stars WHERE ra > 1"),
    ("SELECT ra FROM stars ORDER ra", "SELECT ra FROM stars ORDER BY ra"),
    ("SELECT ra, FROM stars", "SELECT ra FROM stars"),
    ("SELECT ra FROM stars)", "SELECT ra FROM stars"),
    ("SELECT ra FROM stars LIMIT 10", "SELECT TOP 10 ra FROM stars"),
    ("SELECT DISTINCT a FROM t ORDER BY a LIMIT 5", "SELECT DISTINCT TOP 5 a FROM t ORDER BY a"),
    ("SELECT a FROM t LIMIT 5 OFFSET 6", "SELECT TOP 5 a FROM t OFFSET 6"),
    ("SELECT a FROM t OFFSET 6 LIMIT 5", "SELECT TOP 5 a FROM t OFFSET 6"),
    ("SELECT a FROM t LIMIT 6, 5", "SELECT TOP 5 a FROM t OFFSET 6"),
    ("SELECT a FROM t LIMIT ALL", "SELECT a FROM t"),
    ("SELECT a FROM t FETCH FIRST 5 ROWS ONLY", "SELECT TOP 5 a FROM t"),
    ("SELECT TOP 3 a FROM t LIMIT 5", "SELECT TOP 3 a FROM t"),
    ("SELECT TOP (5) a FROM t", "SELECT TOP 5 a FROM t"),
    ("SELECT TOP 5 DISTINCT a FROM t", "SELECT DISTINCT TOP 5 a FROM t"),
    ("SELECT a FROM t WHERE a == 1", "SELECT a FROM t WHERE a = 1"),
    ("SELECT a FROM t WHERE a => 1 AND b > 1", "SELECT a FROM t WHERE a >= 1 AND b > 1"),
    ("SELECT a FROM t WHERE a =< 1", "SELECT a FROM t WHERE a <= 1"),
    ("SELECT a FROM t WHERE a = 1 && b = 2", "SELECT a FROM t WHERE a = 1 AND b = 2"),
    ("SELECT a::integer FROM t", "SELECT CAST(a AS integer) FROM t"),
    ("SELECT a % 2 FROM t", "SELECT MOD(a, 2) FROM t"),
    ("SELECT (a + 1) ** 2 FROM t", "SELECT POWER((a + 1), 2) FROM t"),
    ("SELECT CAST(a AS FLOAT) FROM t", "SELECT CAST(a AS DOUBLE PRECISION) FROM t"),
    ("SELECT CAST(a AS INTEGER(4)) FROM t", "SELECT CAST(a AS INTEGER) FROM t"),
    ("SELECT `a b` FROM t", 'SELECT "a b" FROM t'),
    ("SELECT [a b] FROM t", 'SELECT "a b" FROM t'),
    ("SELECT a AS 'a b' FROM t", 'SELECT a AS "a b" FROM t'),
    ("SELECT a FROM 't'", 'SELECT a FROM "t"'),
    ("SELECT a FROM t WHERE b = ‘x’", "SELECT a FROM t WHERE b = 'x'"),
    ("SELECT date FROM t", 'SELECT "date" FROM t'),
    ("SELECT t.size FROM t", 'SELECT t."size" FROM t'),
    ("SELECT a AS position FROM t", 'SELECT a AS "position" FROM t'),
    ("SELECT order FROM t ORDER BY a", 'SELECT "order" FROM t ORDER BY a'),
    ("SELECT top FROM t", 'SELECT "top" FROM t'),
    ("SELECT _RAJ2000 FROM t", 'SELECT "_RAJ2000" FROM t'),
    ("SELECT * FROM II/336/apass9", 'SELECT * FROM "II/336/apass9"'),
    ("SELECT * FROM vizier.J/A+A/1 AS t", 'SELECT * FROM vizier."J/A+A/1" AS t'),
    ("SELECT * FROM 2mass.psc", 'SELECT * FROM "2mass".psc'),
    ("SELECT a FROM (SELECT a FROM t)", "SELECT a FROM (SELECT a FROM t) AS q1"),
    ("SELECT DATE '2000-01-01' FROM t", "SELECT CAST('2000-01-01' AS TIMESTAMP) FROM t"),
    ("SELECT a FROM t /* one */ WHERE a > 1", "SELECT a FROM t -- one \n WHERE a > 1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "better"), CHANGES)
def test_a_change_mends_the_text(text, better):
    assert first(text).fixes[0].apply(text) == better
    assert [one.message for one in check(better) if one.severity == "error"] == []


@pytest.mark.parametrize(
    "part",
    [
        "CASE WHEN a > 1 THEN 2 ELSE 3 END",
        "TRUE",
        "0x1F",
        "a & 1",
        "~a",
        "SUM(a) OVER (ORDER BY b)",
    ],
)
def test_what_only_some_services_have_is_a_warning(part):
    findings = check(f"SELECT {part} FROM t WHERE a > 1")
    assert {(one.severity, one.code) for one in findings} == {("warning", "not-adql")}


@pytest.mark.parametrize(
    "part",
    ["EXTRACT(YEAR FROM d)", "SUBSTRING(a FROM 1 FOR 2)", "CURRENT_TIMESTAMP", "LEFT(a, 2)"],
)
def test_functions_of_sql_are_no_error(part):
    assert all(one.severity != "error" for one in check(f"SELECT {part} FROM t WHERE a > 1"))


def test_cross_join_is_a_warning_and_becomes_a_comma():
    text = "SELECT a FROM t CROSS JOIN u"
    finding = next(one for one in check(text) if one.severity == "warning")
    assert finding.fixes[0].apply(text) == "SELECT a FROM t , u"


def test_a_semicolon_at_the_end_is_a_hint():
    text = "SELECT a FROM t WHERE a > 1;"
    (hint,) = check(text)
    assert (hint.severity, hint.fixes[0].apply(text)) == ("hint", text[:-1])


def test_a_join_without_a_condition_is_a_warning():
    text = "SELECT a FROM t JOIN u JOIN v ON t.x = v.x"
    assert [(one.code, one.start) for one in check(text)] == [("join-condition", 16)]


def test_a_query_nested_too_deeply_is_said_to_be():
    for text in ("SELECT " + "(" * 5000 + "a" + ")" * 5000 + " FROM t", "SELECT " + "- " * 9000):
        assert {one.code for one in check(text)} & {"too-deep", "syntax"}


def test_fifty_levels_of_parentheses_are_no_problem():
    text = "SELECT " + "(" * 50 + "a" + ")" * 50 + " FROM t WHERE a > 1"
    assert check(text) == ()


def test_a_query_that_is_too_long_is_not_read():
    assert [one.code for one in check("SELECT " + "a" * 100_000)] == ["too-long"]


def test_no_more_than_a_hundred_findings_are_given():
    assert len(check("SELECT " + ", ".join(["date"] * 500) + " FROM t")) == 100

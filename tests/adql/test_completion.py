"""What an editor offers at the cursor, which is | in the queries here."""

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from portal.adql import ColumnInfo
from portal.adql import FunctionInfo
from portal.adql import MemoryTables
from portal.adql import parse
from portal.adql import quote_identifier
from portal.adql import quote_table_name
from portal.adql import TableInfo
from portal.adql.completion import complete
from tests.support.examples import examples

STARS = TableInfo(name="files.stars", schema="files", nrows=1234, description="Some stars.")
APASS = TableInfo(name='"II/336/apass9"', schema="II/336")
HEALPIX = FunctionInfo(
    name="ivo_healpix_index",
    signature="ivo_healpix_index(order INTEGER, ra DOUBLE, dec DOUBLE) -> BIGINT",
    description="The number of a pixel.",
)
TABLES = MemoryTables(
    {
        STARS: (
            ColumnInfo(name="ra", unit="deg", ucd="pos.eq.ra", description="Right ascension."),
            ColumnInfo(name="dec", datatype="DOUBLE"),
            ColumnInfo(name="B-V"),
            ColumnInfo(name="select"),
            ColumnInfo(name="phot_mag"),
        ),
        APASS: (ColumnInfo(name="ra"), ColumnInfo(name="Vmag")),
    },
    functions=[HEALPIX],
)


def at(query, tables=TABLES):
    """Return the completions at the bar in a query."""
    before, _, after = query.partition("|")
    return complete(before + after, len(before), tables)


def offered(query, kind=None):
    return [one.apply for one in at(query).options if kind in (None, one.kind)]


def applied(query, apply):
    """Return the query with one of the offered options in it."""
    text = query.replace("|", "")
    found = at(query)
    assert apply in [one.apply for one in found.options], found.options
    return text[: found.start] + apply + text[found.end :]


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("|", ["SELECT", "WITH"]),
        ("sel|", ["SELECT"]),
        ("SELECT ra FROM t UNION |", ["SELECT", "WITH"]),
        ("WITH a AS (|", ["SELECT"]),
        ("SELECT * FROM |", ["files.stars", '"II/336/apass9"']),
        ("SELECT * FROM sta|", ["files.stars"]),
        ("SELECT * FROM files.s|", ["files.stars"]),
        ("SELECT * FROM STARS, apa|", ['"II/336/apass9"']),
        ("SELECT * FROM x JOIN II|", ['"II/336/apass9"']),
        ("SELECT * FROM x JOIN y ON x.a = y.b, st|", ["files.stars"]),
        ("SELECT * FROM (|", ["files.stars", '"II/336/apass9"', "SELECT"]),
        ("SELECT s.| FROM files.stars AS s", ["ra", "dec", '"B-V"', '"select"', "phot_mag"]),
        ("SELECT s.| FROM files.stars s", ["ra", "dec", '"B-V"', '"select"', "phot_mag"]),
        ("SELECT files.stars.d| FROM files.stars", ["dec"]),
        ("SELECT stars.mag| FROM files.stars", ["phot_mag"]),
        ('SELECT "B| FROM files.stars', ['"B-V"']),
        ("SELECT b.| FROM files.stars AS s", []),
        ("SELECT stars.| FROM files.stars AS s", []),
        ("SELECT CAST(ra AS REA|", ["REAL"]),
        ("SELECT ra FROM t ORDER BY ra |", ["ASC", "DESC"]),
        ("SELECT ra FROM t LEFT |", ["JOIN", "OUTER JOIN"]),
        ("SELECT ra FROM t WHERE ra IS |", ["NULL", "NOT NULL"]),
        ("SELECT ra FROM t GROUP |", ["BY"]),
        ("SELECT ra FROM t w|", ["WHERE"]),
        ("SELECT ra f|", ["FROM"]),
    ],
)
def test_what_the_grammar_has_at_the_cursor_is_offered(query, options):
    assert offered(query)[: len(options) or None] == options


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 'a |",
        "SELECT 'it''s |",
        "SELECT ra -- |",
        "SELECT ra /* from |",
        "SELECT ra AS |",
        "SELECT TOP |",
        "SELECT TOP 1|",
        "SELECT 1.|",
        "SELECT ra FROM files.stars AS |",
        "SELECT ra FROM t OFFSET |",
        "nonsense |",
    ],
)
def test_nothing_is_offered_where_only_the_writer_knows(query):
    assert offered(query) == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT TOP 10 r| FROM files.stars",
        "SELECT DISTINCT r| FROM files.stars",
        "SELECT dec, r| FROM files.stars",
        "SELECT 2 * r| FROM files.stars",
        "SELECT MAX(r|) FROM files.stars",
        "SELECT dec FROM files.stars WHERE r|",
        "SELECT dec FROM files.stars WHERE dec > 3 AND (dec < 4 OR r|",
        "SELECT dec FROM files.stars WHERE 1 = CONTAINS(POINT(r|, dec), CIRCLE(POINT(1, 2), 3))",
        "SELECT dec FROM files.stars GROUP BY r|",
        "SELECT dec FROM files.stars ORDER BY dec DESC, r|",
        "SELECT dec FROM files.stars -- a comment\nWHERE r|",
        "SELECT dec FROM x UNION SELECT r| FROM files.stars",
        "SELECT dec FROM x WHERE dec IN (SELECT r| FROM files.stars)",
        "SELECT dec FROM files.stars WHERE dec IN (SELECT b FROM x WHERE b = r|)",
        "SELECT dec FROM x JOIN files.stars ON r|",
        "SELECT dec FROM (x JOIN files.stars ON x.a = dec) WHERE r|",
        "SELECT r| FROM (SELECT * FROM files.stars) AS inner_",
        "SELECT r| FROM (SELECT dec AS ra FROM files.stars) AS inner_",
        "WITH a AS (SELECT TOP 5 ra, dec FROM files.stars) SELECT r| FROM a",
        "WITH a (ra) AS (SELECT dec FROM x) SELECT r| FROM a",
        "WITH a AS (SELECT ra FROM x), b AS (SELECT * FROM a) SELECT r| FROM b",
    ],
)
def test_columns_of_the_tables_in_sight_come_first(query):
    assert offered(query)[0] == "ra"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT r| FROM x UNION SELECT dec FROM files.stars",
        "SELECT 1 FROM files.stars JOIN (SELECT r| FROM x) AS y ON 1 = 1",
        "SELECT 1 FROM x; SELECT ra FROM files.stars WHERE ra > 1; SELECT r| FROM y",
    ],
)
def test_columns_of_tables_out_of_sight_are_not_offered(query):
    assert offered(query, "column") == []


def test_a_column_that_two_tables_have_comes_with_its_table():
    query = 'SELECT r| FROM files.stars AS s, "II/336/apass9"'
    assert offered(query, "column") == ["s.ra", '"II/336/apass9".ra']


def test_tables_in_sight_are_offered_by_what_they_are_called():
    assert offered("SELECT st| FROM files.stars AS st_1", "alias") == ["st_1."]


def test_a_column_comes_with_what_is_known_of_it():
    option = at("SELECT ra| FROM files.stars").options[0]
    assert option.detail == "deg · pos.eq.ra"
    assert option.info == "Right ascension. Column of files.stars"
    assert at("SELECT de| FROM files.stars").options[0].detail == "DOUBLE"


def test_a_table_comes_with_its_size_and_description():
    option = at("SELECT * FROM st|").options[0]
    assert (option.detail, option.info) == ("1,234 rows", "Some stars")


def test_functions_of_adql_and_of_the_service_come_with_their_arguments():
    option = at("SELECT ivo| FROM files.stars").options[0]
    assert option.apply == "ivo_healpix_index("
    assert option.detail == "(order INTEGER, ra DOUBLE, dec DOUBLE) -> BIGINT"
    assert offered("SELECT cont| FROM files.stars") == ["CONTAINS("]
    assert offered("SELECT pi| FROM files.stars")[0] == "PI()"


def test_parts_of_with_can_stand_where_tables_do():
    assert offered("WITH near AS (SELECT 1 FROM t) SELECT * FROM ne|") == ["near"]


def test_a_part_of_with_that_names_itself_ends():
    assert offered("WITH a AS (SELECT * FROM a) SELECT a.| FROM a") == []


@pytest.mark.parametrize(
    ("query", "apply", "result"),
    [
        ("SELECT s.r| FROM stars s", "ra", "SELECT s.ra FROM stars s"),
        ('SELECT "B|-V" FROM stars', '"B-V"', 'SELECT "B-V" FROM stars'),
        ('SELECT "B| FROM stars', '"B-V"', 'SELECT "B-V" FROM stars'),
        ('SELECT * FROM "II/3|', '"II/336/apass9"', 'SELECT * FROM "II/336/apass9"'),
        ("SELECT * FROM fil.st|", None, None),
        ("SELECT * FROM files.st| WHERE", "files.stars", "SELECT * FROM files.stars WHERE"),
    ],
)
def test_an_option_replaces_what_was_typed_of_it(query, apply, result):
    if apply is None:
        assert offered(query) == []
    else:
        assert applied(query, apply) == result


def test_without_tables_the_words_and_functions_of_adql_are_offered():
    assert [one.apply for one in at("SELECT x| FROM t", None).options] == []
    assert [one.apply for one in at("SELECT dis| FROM t", None).options] == [
        "DISTINCT",
        "DISTANCE(",
    ]


def test_an_answer_is_never_long():
    columns = tuple(ColumnInfo(name=f"c{number}") for number in range(2000))
    tables = MemoryTables({STARS: columns})
    assert len(at("SELECT c| FROM files.stars", tables).options) == 50


names = st.text(min_size=1, max_size=12).filter(
    lambda text: text.strip() == text and all(" " <= one != "\x7f" for one in text)
)


@given(
    schema=names, table=names, alias=names, columns=st.lists(names, min_size=1, max_size=4),
    data=st.data(),
)  # fmt: skip
def test_whatever_columns_are_called_they_are_completed_and_quoted_right(
    schema, table, alias, columns, data
):
    name = quote_table_name(schema, table)
    tables = MemoryTables({TableInfo(name=name): [ColumnInfo(name=one) for one in columns]})
    column = data.draw(st.sampled_from(columns))
    typed = data.draw(st.integers(0, len(column)))
    known_as = quote_identifier(alias)
    beginning = '"' + column[:typed].replace('"', '""') if typed else ""
    before = f"SELECT {known_as}.{beginning}"
    after = f" FROM {name} AS {known_as}"

    found = complete(before + after, len(before), tables)
    written = quote_identifier(column)

    assert written in [one.apply for one in found.options]
    parse(before[: found.start] + written + after)


def test_a_column_that_its_service_writes_in_quotes_is_completed_with_them():
    columns = [ColumnInfo(name="Id", is_delimited=True), ColumnInfo(name="Idle")]
    tables = MemoryTables({TableInfo(name="t"): columns})

    found = complete("SELECT Id FROM t", len("SELECT Id"), tables)

    assert [one.apply for one in found.options][:2] == ['"Id"', "Idle"]


@pytest.mark.parametrize("typed", ['"', '"a', '"a""', '"a""b'])
def test_a_quote_that_is_part_of_a_name_is_typed_twice(typed):
    tables = MemoryTables({TableInfo(name="t"): [ColumnInfo(name='a"b')]})
    before = f"SELECT x.{typed}"

    found = complete(before + " FROM t AS x", len(before), tables)

    assert [one.apply for one in found.options] == ['"a""b"']
    assert found.start == len("SELECT x.")


def test_what_looks_like_a_comment_in_an_open_quote_is_part_of_the_name():
    name = quote_table_name("s", "t")
    tables = MemoryTables({TableInfo(name=name): [ColumnInfo(name="a--b")]})
    before = 'SELECT x."a--'

    found = complete(before + " FROM s.t AS x", len(before), tables)

    assert [one.apply for one in found.options] == ['"a--b"']


@pytest.mark.slow
@settings(max_examples=examples(300))
@given(
    st.lists(
        st.sampled_from(
            ["SELECT", "FROM", "WITH", "AS", "a", "files.stars", "(", ")", ",", "*", "'", '"', ".",
             "UNION", "JOIN", "ON", "WHERE", "--", "/*", "*/", "\n", "1", ";", "TOP", "BY", "CAST"]
        )
    ),
    st.integers(0, 120),
)  # fmt: skip
def test_whatever_is_half_written_nothing_is_raised_and_the_place_is_in_the_text(words, offset):
    text = " ".join(words)
    found = complete(text, offset, TABLES)
    assert 0 <= found.start <= min(offset, len(text)) <= found.end <= len(text)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["(" * 100_000, "FROM (" * 10_000, '"' * 9_999])
def test_deep_nesting_takes_no_stack(text):
    assert len(complete(text, len(text), TABLES).options) <= 50

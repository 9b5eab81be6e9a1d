"""ADQL on the files: values, columns, limits, and doors that stay closed."""

import math
import threading

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from portal.plugins import AbortedError
from portal.plugins import DeadlineError
from portal.plugins import PortalError
from portal.plugins import TableEnd
from portal.plugins import UsageError

pytestmark = pytest.mark.slow  # through engines and pages, not of one unit

STARS = """name,ra,dec,mag
a,10,20,1.5
b,11,21,NaN
c,,,3
"""
ENDLESS = "SELECT COUNT(*) FROM stars a, stars b, stars c, stars d, stars e, stars f"


@pytest.fixture
def stars(files):
    (files.folder / "stars.csv").write_text(STARS)
    return files


@pytest.fixture
def many(make_files):
    """Return a function that makes an archive with a table of 2,000 rows."""

    def make(**settings):
        files = make_files(**settings)
        (files.folder / "stars.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(2_000)))
        return files

    return make


def test_a_query_finds_its_rows(stars):
    rows = stars.adql("SELECT name, ra FROM files.stars WHERE dec > 20 OR mag = 3 ORDER BY name")

    assert rows.values == [("b", 11), ("c", None)]
    assert not rows.end.overflow


def test_names_match_without_regard_to_case_and_schema(stars):
    assert stars.adql("SELECT NAME FROM STARS WHERE Ra = 10").values == [("a",)]


def test_a_missing_value_is_a_null_and_not_a_large_number(stars):
    assert stars.adql("SELECT name FROM stars WHERE mag > 2").values == [("c",)]
    assert stars.adql("SELECT MAX(mag), COUNT(mag) FROM stars").values == [(3.0, 2)]


def test_an_undefined_result_is_a_null(stars):
    assert stars.adql("SELECT SQRT(-1), LOG(-1) FROM stars WHERE name = 'a'").values == [
        (None, None)
    ]


@pytest.mark.slow
def test_columns_keep_what_the_file_says_through_aliases_and_subqueries(openngc):
    rows = openngc.adql(
        "WITH q AS (SELECT ra AS x, v_mag FROM openngc)\n"
        "SELECT x AS alpha, s.v_mag, s.v_mag + 1 AS fainter, COUNT(*)\n"
        "FROM (SELECT TOP 3 * FROM q) AS s GROUP BY x, v_mag"
    )

    alpha = rows.column("alpha")
    assert (alpha.unit, alpha.ucd, alpha.datatype) == ("deg", "pos.eq.ra;meta.main", "double")
    assert rows.column("v_mag").unit == "mag"
    assert (rows.column("fainter").unit, rows.column("count").datatype) == (None, "long")


def test_computed_columns_have_types_and_names(stars):
    rows = stars.adql(
        "SELECT COUNT(*), SUM(ra) AS s, AVG(ra), 1.5, 'x' AS t, 1 = 1 AS b, NULL AS n,\n"
        "  CAST('2020-01-01' AS TIMESTAMP) AS w, CAST(1 AS SMALLINT) AS i FROM stars"
    )

    assert [(one.name, one.datatype) for one in rows.columns] == [
        ("count", "long"),
        ("s", "long"),
        ("avg", "double"),
        ("column_4", "double"),
        ("t", "char"),
        ("b", "boolean"),
        ("n", "char"),
        ("w", "char"),
        ("i", "short"),
    ]
    assert rows.values[0][:4] == (3, 21, 10.5, 1.5)
    assert rows.column("w").xtype == "timestamp"
    assert rows.values[0][7].startswith("2020-01-01T00:00:00")


def test_repeated_columns_get_names_of_their_own(stars):
    rows = stars.adql("SELECT a.name, b.name, b.* FROM stars a, stars b WHERE a.ra = b.ra")

    assert [one.name for one in rows.columns] == ["name", "name_2", "name_3", "ra", "dec", "mag"]


def test_arrays_come_back_as_they_were(files):
    table = pa.table(
        {
            "v": pa.array([[1.0, math.nan], None], pa.list_(pa.float32(), 2)),
            "w": pa.array([[1, 2, 3], []], pa.list_(pa.int32())),
        }
    )
    pq.write_table(table, files.folder / "arrays.parquet")

    rows = files.adql("SELECT v, w AS list FROM arrays")

    assert rows.values[0][1] == [1, 2, 3]
    assert rows.values[0][0][0] == 1.0
    assert rows.values[1] == (None, [])
    assert (rows.column("v").datatype, rows.column("v").arraysize) == ("float", "2")


def test_complex_numbers_come_back_as_they_were(files):
    from astropy.table import Table

    Table({"z": np.array([1 + 2j, 3 - 4j])}).write(files.folder / "z.fits")

    rows = files.adql("SELECT z FROM z")

    assert rows.column("z").datatype == "doubleComplex"
    assert rows.values == [([1.0, 2.0],), ([3.0, -4.0],)]


def test_columns_with_odd_names_can_be_asked_for(files):
    (files.folder / "odd.csv").write_text('B-V,"a ""b""",select\n1,2,3\n')

    assert files.adql('SELECT "B-V", "a ""b""", "select" FROM odd').values == [(1, 2, 3)]
    assert files.adql("SELECT * FROM odd").values == [(1, 2, 3)]


def test_control_characters_in_names_do_no_harm(files):
    pq.write_table(pa.table({"a\nb": [1], "a\tb": [2]}), files.folder / "odd.parquet")

    assert files.adql("SELECT a_b, a_b_2 FROM odd").values == [(1, 2)]
    assert files.adql("SELECT COUNT(*) FROM tap_schema.columns").values


def test_an_empty_folder_answers_too(files):
    assert files.adql("SELECT * FROM tap_schema.keys").values == []
    with pytest.raises(UsageError, match=r"no table files\.stars"):
        files.adql("SELECT * FROM files.stars")


def test_an_empty_table_answers_with_its_columns(files):
    (files.folder / "void.csv").write_text("a,b\n")

    rows = files.adql("SELECT * FROM void")

    assert [one.name for one in rows.columns] == ["a", "b"]
    assert rows.values == []


def test_one_row_more_than_the_limit_is_an_overflow(stars):
    cut = stars.adql("SELECT name FROM stars ORDER BY name", stars.job(maxrec=2))
    whole = stars.adql("SELECT name FROM stars ORDER BY name", stars.job(maxrec=3))
    asked = stars.adql("SELECT TOP 2 name FROM stars ORDER BY name", stars.job(maxrec=2))
    none = stars.adql("SELECT name FROM stars", stars.job(maxrec=0))

    assert (cut.values, cut.end.overflow) == ([("a",), ("b",)], True)
    assert (len(whole.values), whole.end.overflow) == (3, False)
    assert (len(asked.values), asked.end.overflow) == (2, False)
    assert (none.values, none.end.overflow) == ([], True)


def test_a_long_answer_arrives_in_batches(many):
    files = many()
    query = next(one for one in files.archive.queries if one.id == "query.files-adql")
    parameters = query.Parameters(query="SELECT a.n FROM stars a, stars b")

    result = query.run(parameters, files.job(maxrec=100_000).context())
    *batches, end = result.batches

    assert len(batches) > 1
    assert sum(batch.num_rows for batch in batches) == 100_000
    assert end == TableEnd(overflow=True, infos=end.infos)


def test_the_answer_says_where_its_data_are_from(openngc):
    rows = openngc.adql("SELECT TOP 1 name FROM openngc")
    infos = dict(rows.end.infos)

    assert infos["rights"] == "CC-BY-SA-4.0"
    assert infos["reference_url"] == "https://github.com/mattiaverga/OpenNGC"
    assert infos["query"].startswith("SELECT TOP 1")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT nope FROM stars", "Line 1, column 8: There is no column nope"),
        ("SELECT a.name FROM stars b", "no table or alias a"),
        ("SELECT name FROM stars a, stars b", "Ambiguous reference"),
        ("SELECT name FROM stars GROUP BY ra", "must appear in the GROUP BY"),
        ("SELECT name FROM stars WHERE MAX(ra) > 1", "cannot contain aggregates"),
        ("SELECT CAST(name AS INTEGER) FROM stars", "Could not convert string 'a'"),
        ("SELECT SIN(name) FROM stars", "Could not convert|No function matches"),
        ("SELECT LOWER(ra) FROM stars", "No function matches"),
        ("SELECT MOD(1, 0) FROM stars", "Division by zero"),
        ("SELECT ra FROM stars UNION SELECT ra, dec FROM stars", "same number of result columns"),
        ("SELECT ra FROM stars WHERE ra = (SELECT dec FROM stars)", "More than one row"),
        ("SELECT CAST(CAST(4e9 AS BIGINT) AS INTEGER) FROM stars", "out of range"),
        ("SELECT SUM(9000000000000000000) FROM stars", "does not fit into 64 bits"),
        (
            "SELECT CAST('2020-01-02' AS TIMESTAMP) - CAST('2020-01-01' AS TIMESTAMP) FROM stars",
            "length of time",
        ),
        ("SELECT " + " + ".join(["1"] * 3_000) + " FROM stars", "depth|deep"),
    ],
)
def test_mistakes_are_told_in_words_without_paths(stars, query, words):
    with pytest.raises(UsageError, match=words) as caught:
        stars.adql(query)

    for hidden in (str(stars.data_dir), "parquet", "LINE 1", "duckdb", "SET "):
        assert hidden not in caught.value.message


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        'SELECT * FROM "/etc/passwd"',
        "SELECT * FROM glob('/*')",
        "SELECT getenv('HOME') FROM stars",
        "SELECT read_text('/etc/passwd') FROM stars",
        "COPY stars TO '/tmp/out.csv'",
        "COPY (SELECT * FROM stars) TO '/tmp/out.csv'",
        "ATTACH '/tmp/x.db'",
        "PRAGMA database_list",
        "SET threads = 64",
        "INSTALL httpfs",
        "LOAD httpfs",
        "EXPORT DATABASE '/tmp/x'",
        "CREATE TABLE t AS SELECT 1",
        "SELECT 1 FROM stars; DROP VIEW files.stars",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM duckdb_secrets()",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM pg_catalog.pg_tables",
        "SELECT list_transform([1], x -> x + 1) FROM stars",
        "SELECT {'a': 1} FROM stars",
        "SELECT CAST(ra AS STRUCT(a INT)) FROM stars",
        "WITH RECURSIVE r AS (SELECT 1 FROM stars UNION ALL SELECT 1 FROM r) SELECT * FROM r",
        "SELECT filename FROM stars",
        "FROM stars",
        "DESCRIBE stars",
        "SUMMARIZE stars",
        "PIVOT stars ON name",
    ],
)
def test_what_is_not_adql_never_reaches_the_engine(stars, monkeypatch, query):
    def refuse(*_, **__):
        raise AssertionError("the engine was opened")

    monkeypatch.setattr(duckdb, "connect", refuse)

    with pytest.raises(UsageError):
        stars.adql(query)


def test_a_cross_join_of_everything_ends_at_the_row_limit(many):
    files = many()
    rows = files.adql("SELECT * FROM stars a, stars b, stars c, stars d", files.job(maxrec=50))

    assert (len(rows.values), rows.end.overflow) == (50, True)


def test_sorting_more_than_fits_is_refused_in_words(many):
    files = many(memory_megabytes=64, spill_megabytes=0)

    with pytest.raises(UsageError, match="needs more memory and temporary space"):
        files.adql(
            "SELECT a.n, b.n, c.n FROM stars a, stars b, stars c ORDER BY a.n + b.n * c.n, b.n",
            files.job(maxrec=10**9),
        )


@pytest.mark.slow
def test_an_endless_query_ends_when_its_time_is_over(many):
    with pytest.raises(DeadlineError, match="took longer than it may"):
        many(max_seconds=1).adql(ENDLESS)


@pytest.mark.slow
def test_the_deadline_of_the_job_holds_if_it_is_earlier(many):
    files = many()

    with pytest.raises(DeadlineError):
        files.adql(ENDLESS, files.job(seconds=0.5))


@pytest.mark.slow
def test_an_abort_stops_a_query_in_the_middle(many):
    files = many()
    job = files.job()
    threading.Timer(0.5, job.abort).start()

    with pytest.raises(AbortedError):
        files.adql(ENDLESS, job)


def test_an_abort_before_the_start_starts_nothing(stars, monkeypatch):
    job = stars.job()
    job.abort()
    monkeypatch.setattr(duckdb, "connect", None)

    with pytest.raises(AbortedError):
        stars.adql("SELECT ra FROM stars", job)


def test_no_thread_is_left_after_an_answer(stars):
    before = set(threading.enumerate())

    stars.adql("SELECT ra FROM stars")

    assert set(threading.enumerate()) <= before


def test_a_job_says_which_table_is_being_read(stars):
    job = stars.job()
    stars.adql("SELECT ra FROM stars", job)

    assert job.messages == ["Reading files.stars"]


def test_every_error_is_one_that_a_page_can_show(stars):
    stars.adql("SELECT ra FROM stars")
    for converted in (stars.data_dir / "converted").glob("*.parquet"):
        data = bytearray(converted.read_bytes())
        data[4:200] = b"\xff" * 196
        converted.write_bytes(data)

    with pytest.raises(PortalError, match="could not be read while the query ran"):
        stars.adql("SELECT * FROM stars")

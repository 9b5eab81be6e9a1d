"""Tables, columns and aliases: what is certainly wrong is said, and nothing else."""

import pytest

from portal.adql import check
from portal.adql import ColumnInfo
from portal.adql import MemoryTables
from portal.adql import TableInfo

CERTAIN = [
    ("SELECT ra FROM gaiadr3.gaia_sorce WHERE ra > 1", "unknown-table", "gaiadr3.gaia_sorce"),
    ("SELECT ra FROM nothing.like_it WHERE ra > 1", "unknown-table", "nothing.like_it"),
    ("SELECT raa FROM gaiadr3.gaia_source WHERE ra > 1", "unknown-column", "raa"),
    ("SELECT ra FROM gaia_source WHERE dek > 1", "unknown-column", "dek"),
    ("SELECT g.raa FROM gaia_source AS g WHERE ra > 1", "unknown-column", "raa"),
    ("SELECT ra FROM gaia_source WHERE ra > 1 ORDER BY dek", "unknown-column", "dek"),
    ("SELECT ABS(raa) + 1 FROM gaia_source WHERE ra > 1", "unknown-column", "raa"),
    ("SELECT g.ra FROM gaia_source WHERE ra > 1", "unknown-alias", "g"),
    ("SELECT h.* FROM gaia_source AS g WHERE ra > 1", "unknown-alias", "h"),
    (
        'SELECT Vmag FROM "II/336/apass9" AS a JOIN "I/239/hip_main" AS h ON a.RAJ2000 = h.RAJ2000',
        "ambiguous-column",
        "Vmag",
    ),
    ("SELECT q.x FROM (SELECT ra FROM gaia_source) AS q WHERE ra > 1", "unknown-column", "x"),
    ("SELECT ra + 1 AS x FROM gaia_source WHERE x > 1", "alias-too-early", "x"),
    (
        "SELECT ra FROM gaia_source WHERE EXISTS (SELECT 1 FROM ivoa.obscore WHERE s_ra = nope)",
        "unknown-column",
        "nope",
    ),
    (
        "WITH a AS (SELECT ra AS x FROM gaia_source WHERE ra > 1) SELECT ra FROM a WHERE x > 1",
        "unknown-column",
        "ra",
    ),
    ("SELECT ra FROM gaia_source JOIN ivoa.obscore USING (nope)", "unknown-column", "nope"),
]
FINE = [
    "SELECT RA, Dec FROM GAIADR3.Gaia_Source WHERE ra > 1",
    "SELECT gaia_source.ra, gaiadr3.gaia_source.dec FROM gaiadr3.gaia_source WHERE ra > 1",
    "SELECT gaiadr3.gaia_source.ra FROM gaia_source WHERE ra > 1",
    'SELECT "ra" FROM gaiadr3."gaia_source" WHERE ra > 1',
    'SELECT "B-V", "date" FROM "II/336/apass9" WHERE Vmag < 5',
    'SELECT vizls."II/336/apass9".Vmag FROM vizls."II/336/apass9" WHERE Vmag < 5',
    "SELECT u.whatever FROM TAP_UPLOAD.mine AS u JOIN gaia_source AS g ON u.id = g.source_id",
    "SELECT whatever FROM TAP_UPLOAD.mine, gaia_source WHERE x = ra",
    "SELECT TAP_UPLOAD.mine.a FROM TAP_UPLOAD.mine WHERE a > 1",
    "SELECT column_name FROM TAP_SCHEMA.columns WHERE table_name = 'x'",
    "SELECT anything FROM unknown.columns_of WHERE more > 1",
    "SELECT ra AS x FROM gaia_source WHERE ra > 1 ORDER BY x",
    "SELECT ROUND(ra) AS x, COUNT(*) FROM gaia_source GROUP BY x HAVING x > 1",
    "SELECT q.x FROM (SELECT ra AS x FROM gaia_source) AS q WHERE x > 1",
    "SELECT q.ra FROM (SELECT * FROM gaia_source) AS q WHERE dec > 1",
    "SELECT q.count_all FROM (SELECT COUNT(*) FROM gaia_source) AS q WHERE x > 1",
    "WITH a AS (SELECT * FROM gaia_source WHERE ra > 1) SELECT ra FROM a WHERE a.dec > 1",
    "WITH a (x) AS (SELECT ra FROM gaia_source WHERE ra > 1) SELECT x FROM a WHERE a.x > 1",
    "WITH a AS (SELECT ra FROM gaia_source), b AS (SELECT ra FROM a) SELECT ra FROM b WHERE ra > 1",
    'SELECT RAJ2000 FROM "II/336/apass9" JOIN "I/239/hip_main" USING (RAJ2000)',
    'SELECT RAJ2000, Vmag FROM "II/336/apass9" NATURAL JOIN "I/239/hip_main"',
    "SELECT ra FROM gaia_source AS g WHERE EXISTS (SELECT 1 FROM ivoa.obscore WHERE s_ra = g.ra)",
    "SELECT ra FROM gaia_source WHERE EXISTS (SELECT 1 FROM ivoa.obscore WHERE s_ra = ra)",
    "SELECT ra FROM gaia_source WHERE ra IN (SELECT s_ra FROM ivoa.obscore WHERE s_dec = dec)",
    "SELECT a.ra, b.ra FROM gaia_source AS a JOIN gaia_source AS b ON a.source_id = b.source_id",
    "SELECT text FROM public.notes WHERE id = 1",
    "SELECT x.ra FROM (gaia_source JOIN ivoa.obscore ON ra = s_ra) AS x WHERE x.ra > 1",
    "SELECT ra FROM gaia_source UNION SELECT s_ra FROM ivoa.obscore",
]
CHANGES = [
    ("SELECT raa FROM gaia_source WHERE ra > 1", "SELECT ra FROM gaia_source WHERE ra > 1"),
    ("SELECT ra FROM gaiasource WHERE ra > 1", "SELECT ra FROM gaiadr3.gaia_source WHERE ra > 1"),
    (
        'SELECT B-V FROM "II/336/apass9" WHERE Vmag < 5',
        'SELECT "B-V" FROM "II/336/apass9" WHERE Vmag < 5',
    ),
    (
        'SELECT ra FROM gaia_source WHERE source_id = "M31"',
        "SELECT ra FROM gaia_source WHERE source_id = 'M31'",
    ),
    (
        'SELECT a.Vmag FROM "II/336/apass9" AS a JOIN "I/239/hip_main" AS h ON RAJ2000 = h.HIP',
        'SELECT a.Vmag FROM "II/336/apass9" AS a JOIN "I/239/hip_main" AS h ON a.RAJ2000 = h.HIP',
    ),
    (
        "SELECT gaia_source.ra FROM gaia_source AS g WHERE ra > 1",
        "SELECT g.ra FROM gaia_source AS g WHERE ra > 1",
    ),
    ('SELECT TOP 5 DATE FROM "II/336/apass9"', 'SELECT TOP 5 "date" FROM "II/336/apass9"'),
    ("SELECT TOP 5 Vmag FROM ii/336/APASS9", 'SELECT TOP 5 Vmag FROM "II/336/apass9"'),
    ("SELECT TOP 5 Vmag FROM vizls.ii/336/apass9", 'SELECT TOP 5 Vmag FROM "II/336/apass9"'),
    (
        'SELECT "RA" FROM gaia_source WHERE ra > 1',
        'SELECT "ra" FROM gaia_source WHERE ra > 1',
    ),
]


@pytest.mark.parametrize(("text", "code", "place"), CERTAIN)
def test_a_name_that_is_certainly_wrong_is_reported(found, text, code, place):
    assert found(text) == [(code, place)]


@pytest.mark.parametrize("text", FINE)
def test_nothing_is_said_of_names_that_may_be_right(found, text):
    assert found(text) == []


@pytest.mark.parametrize(("text", "better"), CHANGES)
def test_a_better_name_is_offered(mended, text, better):
    assert mended(text) == better


@pytest.mark.parametrize(("text", "code", "place"), CERTAIN)
def test_a_source_that_knows_only_a_part_reports_no_unknown_table(text, code, place):
    known = MemoryTables({}, is_complete=False)
    codes = {finding.code for finding in check(text, known)}
    assert not codes & {"unknown-table", "unknown-column", "ambiguous-column"}


def test_without_tables_a_foreign_qualifier_is_only_a_warning():
    (finding,) = check("SELECT g.ra FROM stars AS s WHERE s.ra > 1")
    assert (finding.severity, finding.code) == ("warning", "unknown-alias")


def test_nothing_is_said_of_a_table_whose_name_two_schemas_have():
    tables = MemoryTables(
        {
            TableInfo(name="a.data", schema="a"): [ColumnInfo(name="x")],
            TableInfo(name="b.data", schema="b"): [ColumnInfo(name="y")],
        }
    )
    assert check("SELECT TOP 5 y FROM data", tables) == ()
    assert [one.code for one in check("SELECT TOP 5 y FROM a.data", tables)] == ["unknown-column"]


def test_only_the_tables_that_a_query_names_are_asked_for(service):
    asked = []

    class Asked(MemoryTables):
        def find_table(self, name):
            asked.append(name)
            return service.find_table(name)

        def columns(self, table):
            asked.append(table.name)
            return service.columns(table)

    text = "SELECT a.ra, b.ra FROM gaia_source AS a, gaia_source AS b WHERE a.dec = b.dec"
    check(text, Asked({}))
    assert asked == ["gaia_source", "gaiadr3.gaia_source"]


def test_a_word_of_adql_in_the_name_of_a_schema_is_only_a_warning(found, mended):
    text = "SELECT ra FROM public.stars WHERE ra > 1"
    assert found(text, None) == [("reserved-word", "public")]
    assert mended(text, None) == text.replace("public", '"public"')
    assert check("SELECT ra FROM stars.position WHERE ra > 1")[0].severity == "warning"

"""Advice for queries that would read whole tables."""

import pytest

from portal.adql import check


def advice(text, tables=None):
    return [one.code for one in check(text, tables) if one.severity == "hint"]


@pytest.mark.parametrize("text", ["SELECT * FROM t", "SELECT ra, dec FROM gaia_source"])
def test_a_query_without_top_and_where_gets_advice(service, text):
    assert advice(text) == ["no-limit"]


def test_the_number_of_rows_is_told_and_top_is_offered(service):
    text = "SELECT DISTINCT ra FROM gaia_source"
    (hint,) = check(text, service)
    assert "1,811,709,771" in hint.message
    assert hint.fixes[0].apply(text) == "SELECT DISTINCT TOP 1000 ra FROM gaia_source"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT TOP 5 * FROM gaia_source",
        "SELECT * FROM gaia_source WHERE ra > 1",
        "SELECT COUNT(*), MAX(ra) FROM gaia_source",
        "SELECT ra FROM gaia_source GROUP BY ra",
        "SELECT * FROM ivoa.obscore",
        "SELECT * FROM TAP_SCHEMA.tables",
        "SELECT * FROM TAP_UPLOAD.mine",
        "SELECT * FROM (SELECT TOP 5 * FROM gaia_source) AS q",
        "WITH a AS (SELECT TOP 5 * FROM gaia_source) SELECT * FROM a",
        "SELECT * FROM ivoa.obscore JOIN gaia_source ON s_ra = ra",
    ],
)
def test_a_small_answer_gets_no_advice(service, text):
    assert advice(text, service) == []


def test_tables_without_a_condition_between_them_get_advice():
    assert advice("SELECT * FROM a, b") == ["all-combinations"]
    assert advice("SELECT * FROM a, b WHERE a.x = b.x") == []

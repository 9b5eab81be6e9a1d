"""GROUP BY: columns that have many values for one row."""

import pytest

GROUPED = [
    "SELECT ra, COUNT(*) FROM gaia_source GROUP BY ra",
    "SELECT g.ra, COUNT(*) FROM gaia_source AS g GROUP BY ra",
    "SELECT ROUND(ra, 1), MAX(dec) FROM gaia_source GROUP BY ROUND(ra,1)",
    "SELECT ROUND(ra, 1) + 1 FROM gaia_source GROUP BY ROUND(ra, 1)",
    "SELECT ROUND(ra) AS r, COUNT(*) FROM gaia_source GROUP BY r",
    "SELECT ra, COUNT(*) FROM gaia_source GROUP BY 1",
    "SELECT 1, 'x', COUNT(*), MAX(ra) - MIN(ra) FROM gaia_source",
    "SELECT ivo_healpix_index(ra), COUNT(*) FROM gaia_source",
    "SELECT ra, SUM(dec) OVER (PARTITION BY ra) FROM gaia_source WHERE ra > 1",
    "SELECT (SELECT MAX(s_ra) FROM ivoa.obscore), COUNT(*) FROM gaia_source",
    "SELECT ra FROM gaia_source GROUP BY ra HAVING MAX(dec) > 1 ORDER BY MIN(dec)",
]


@pytest.mark.parametrize("text", GROUPED)
def test_a_query_that_may_be_grouped_right_is_left_alone(found, text):
    assert [one for one in found(text) if one[0] != "not-adql"] == []


def test_a_column_outside_group_by_is_a_warning_with_a_fix(found, mended):
    text = "SELECT ra, dec, COUNT(*) FROM gaia_source GROUP BY ra"
    assert found(text) == [("not-grouped", "dec")]
    assert mended(text) == text + ", dec"


def test_a_column_beside_an_aggregate_needs_group_by(found, mended):
    text = "SELECT ra, COUNT(*) FROM gaia_source WHERE dec > 1"
    assert found(text) == [("not-grouped", "ra")]
    assert mended(text) == text + " GROUP BY ra"


def test_a_star_beside_an_aggregate_is_reported(found):
    assert found("SELECT *, COUNT(*) FROM gaia_source") == [("not-grouped", "*")]


def test_an_aggregate_belongs_into_having(found):
    text = "SELECT ra FROM gaia_source WHERE COUNT(*) > 1 GROUP BY ra"
    assert found(text) == [("aggregate-in-where", "COUNT(*)")]

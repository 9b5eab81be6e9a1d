"""Comparisons with NULL, which are never true."""

import pytest

from portal.adql import check


@pytest.mark.parametrize(
    ("condition", "better"),
    [("a = NULL", "a IS NULL"), ("a <> NULL", "a IS NOT NULL"), ("a != null", "a IS NOT NULL")],
)
def test_a_comparison_with_null_is_reported(condition, better):
    text = f"SELECT a FROM t WHERE {condition}"
    (finding,) = check(text)
    assert (finding.severity, finding.code) == ("warning", "null-comparison")
    assert finding.fixes[0].apply(text) == f"SELECT a FROM t WHERE {better}"


def test_a_smaller_null_has_no_fix():
    (finding,) = check("SELECT a FROM t WHERE a < NULL")
    assert finding.fixes == ()

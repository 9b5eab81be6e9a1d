"""What ADQL allows and what seldom does what its writer means."""

import pytest

from portal.adql import check


@pytest.mark.parametrize("division", ["5/60", "5 / 60", "(1)/3"])
def test_a_division_of_whole_numbers_gets_a_hint(division):
    (hint,) = check(f"SELECT a FROM t WHERE a < {division}")
    assert (hint.severity, hint.code) == ("hint", "whole-division")


@pytest.mark.parametrize("division", ["5./60", "5/60.", "60/5", "a/60", "1/0", "a/2/3", "5*1/60"])
def test_other_divisions_do_not(division):
    assert check(f"SELECT a FROM t WHERE a < {division}") == ()


def test_a_point_mends_a_division():
    text = "SELECT a FROM t WHERE a < 5/60"
    assert check(text)[0].fixes[0].apply(text) == text.replace("5/60", "5./60")
    text = "SELECT a FROM t WHERE a < (5)/60"
    assert check(text)[0].fixes[0].apply(text) == text.replace("(5)/60", "(5.)/60")


def test_a_pattern_in_double_quotes_is_a_warning():
    text = 'SELECT a FROM t WHERE a LIKE "M%"'
    (finding,) = check(text)
    assert (finding.severity, finding.code) == ("warning", "quoted-text")
    assert finding.fixes[0].apply(text).endswith("LIKE 'M%'")


@pytest.mark.parametrize("pattern", ['"Name"', 't."100%"', "'M%'", "b || '%'"])
def test_other_patterns_are_left_alone(pattern):
    assert check(f"SELECT a FROM t WHERE a LIKE {pattern}") == ()


def test_an_aggregate_of_an_aggregate_is_a_warning():
    (finding,) = check("SELECT AVG(MAX(a) + 1) FROM t WHERE b > 1")
    assert (finding.severity, finding.code) == ("warning", "nested-aggregate")
    assert check("SELECT SUM(a) OVER (ORDER BY b) FROM t WHERE a > 1")[0].code == "not-adql"

"""Functions: their names, how many arguments they take, and what kind."""

import pytest

from portal.adql import check
from portal.adql import FunctionInfo

WRONG = [
    ("SQR(ra)", "unknown-function", "SQR"),
    ("healpix_index(6, ra, dec)", "unknown-function", "healpix_index"),
    ("my_function(ra)", "unknown-function", "my_function"),
    ("CEIL(ra)", "unknown-function", "CEIL"),
    ("ABS(ra, dec)", "argument-count", "ABS(ra, dec)"),
    ("DISTANCE(ra, dec, 1)", "argument-count", "DISTANCE(ra, dec, 1)"),
    ("CIRCLE('ICRS', 1, 2)", "argument-count", "CIRCLE('ICRS', 1, 2)"),
    ("CIRCLE(1, 2)", "argument-count", "CIRCLE(1, 2)"),
    ("POLYGON(1, 2, 3, 4)", "argument-count", "POLYGON(1, 2, 3, 4)"),
    ("ABS('one')", "argument-type", "'one'"),
    ("ABS(POINT(1, 2))", "argument-type", "POINT(1, 2)"),
    ("AREA(7)", "argument-type", "7"),
    ("IN_UNIT(ra, deg)", "argument-type", "deg"),
    ("POINT(1, 2) || 'x'", "geometry-operand", "POINT(1, 2)"),
    ("-CIRCLE(1, 2, 3)", "geometry-operand", "CIRCLE(1, 2, 3)"),
]
RIGHT = [
    "ivo_healpix_index(6, ra, dec)",
    "GAVO_MocUnion(1)",
    "CIRCLE(source_id, 2)",
    "CIRCLE('ICRS', source_id, 2)",
    "POINT(NULL, ra, dec)",
    "POLYGON(ra, dec, pmra)",
    "DISTANCE(source_id, parallax)",
    "CENTROID(ivo_healpix_index(1))",
    "POWER(ABS(-ra), 1 + 2)",
    "COALESCE(ra, 'x', POINT(1, 2))",
    "MAX(POINT(1, 2))",
]


@pytest.mark.parametrize(("value", "code", "place"), WRONG)
def test_a_wrong_call_is_reported(found, value, code, place):
    text = f"SELECT {value} FROM gaia_source WHERE ra > 1"
    assert [one for one in found(text) if one[0] != "unknown-column"] == [(code, place)]


@pytest.mark.parametrize("value", RIGHT)
def test_a_right_call_is_not(found, value):
    assert found(f"SELECT {value} FROM gaia_source WHERE ra > 1") == []


def test_what_was_meant_is_offered(mended):
    text = "SELECT healpix_index(6, ra, dec) FROM gaia_source WHERE ra > 1"
    assert mended(text) == text.replace("healpix", "ivo_healpix")


def test_without_a_list_of_functions_only_slips_are_errors():
    text = "SELECT foo_bar(x), STDDEV(x), SQTR(x) FROM t WHERE x > 1"
    assert [(one.severity, text[one.start : one.end]) for one in check(text)] == [("error", "SQTR")]


def test_a_list_of_functions_can_be_given_without_tables():
    text = "SELECT foo_bar(x), other(x) FROM t WHERE x > 1"
    findings = check(text, functions=[FunctionInfo(name="FOO_BAR")])
    assert [text[one.start : one.end] for one in findings] == ["other"]


def test_what_many_services_offer_without_saying_so_is_only_a_warning(service):
    (finding,) = check("SELECT STDDEV(ra) FROM gaia_source WHERE ra > 1", service)
    assert (finding.severity, finding.code) == ("warning", "unknown-function")

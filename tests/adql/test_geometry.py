"""Distances and cones against astropy, where arithmetic is hard."""

import math

import duckdb
import pytest
from astropy import units
from astropy.coordinates import angular_separation
from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st

from portal.adql import AdqlTable
from portal.adql import parse
from portal.adql import quote_literal
from portal.adql import to_duckdb

ONE = AdqlTable(schema="s", name="one", columns=("ra", "dec"))
RA = st.floats(0, 360) | st.sampled_from([0.0, 1e-9, 359.999999999, 360.0, 180.0])
DEC = st.floats(-90, 90) | st.sampled_from([-90.0, 90.0, 89.9999999, 0.0])
OFFSETS = st.floats(-1e-3, 1e-3)
SMALL = 1e-10  # degrees; 0.4 microarcseconds


def separation(ra1, dec1, ra2, dec2):
    radians = [math.radians(one) for one in (ra1, dec1, ra2, dec2)]
    return math.degrees(angular_separation(*radians))


@pytest.fixture(scope="module")
def ask():
    """Return a function that computes an expression for one position."""
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA s")
        yield lambda expression, ra=0.0, dec=0.0: answer(connection, expression, ra, dec)


def answer(connection, expression, ra, dec):
    sql = to_duckdb(parse(f"SELECT {expression} FROM one"), [ONE]).sql
    connection.execute("CREATE OR REPLACE TABLE s.one (ra DOUBLE, dec DOUBLE)")
    connection.execute("INSERT INTO s.one VALUES (?, ?)", [ra, dec])
    return connection.execute(sql).fetchone()[0]


def written(*numbers):
    return ", ".join(quote_literal(one) for one in numbers)


@given(RA, DEC, RA, DEC)
def test_the_distance_is_that_of_astropy(ask, ra1, dec1, ra2, dec2):
    expected = separation(ra1, dec1, ra2, dec2)
    tolerance = 1e-6 if expected > 179 else SMALL

    found = ask(f"DISTANCE(POINT(ra, dec), POINT({written(ra2, dec2)}))", ra1, dec1)

    assert math.isclose(found, expected, rel_tol=1e-12, abs_tol=tolerance)


@given(RA, st.floats(-89, 89), OFFSETS, OFFSETS)
def test_small_distances_are_not_rounded_away(ask, ra, dec, east, north):
    expected = separation(ra, dec, ra + east, dec + north)
    assume(expected > 1e-7)

    found = ask(f"DISTANCE({written(ra, dec, ra + east, dec + north)})")

    assert math.isclose(found, expected, rel_tol=1e-6)


@given(RA, DEC, RA, DEC, st.floats(0, 180))
def test_a_cone_holds_what_is_within_its_radius(ask, ra, dec, ra0, dec0, radius):
    distance = separation(ra, dec, ra0, dec0)
    assume(abs(distance - radius) > 1e-6)

    found = ask(f"CONTAINS(POINT(ra, dec), CIRCLE({written(ra0, dec0, radius)}))", ra, dec)

    assert found == (distance < radius)


@pytest.mark.parametrize(
    "centre", ["'ICRS', 10, 20", "10, 20", "POINT('ICRS', 10, 20)", "CENTROID(CIRCLE(10, 20, 5))"]
)
def test_every_way_of_writing_a_circle_is_the_same(ask, centre):
    assert ask(f"CONTAINS(POINT(ra, dec), CIRCLE({centre}, 1))", 10.5, 20.5) == 1
    assert ask(f"INTERSECTS(CIRCLE({centre}, 1), POINT(ra, dec))", 10.5, 25) == 0


def test_circles_contain_and_meet_circles(ask):
    assert ask("CONTAINS(CIRCLE(0, 0, 1), CIRCLE(1, 0, 2.5))") == 1
    assert ask("CONTAINS(CIRCLE(0, 0, 1), CIRCLE(1, 0, 1.5))") == 0
    assert ask("INTERSECTS(CIRCLE(0, 0, 1), CIRCLE(1.9, 0, 1))") == 1
    assert ask("INTERSECTS(CIRCLE(0, 0, 1), CIRCLE(2.1, 0, 1))") == 0


def test_a_comparison_with_one_and_with_zero_are_opposites(ask):
    inside = "CONTAINS(POINT(10, 20), CIRCLE(10, 20, 1))"

    assert ask(f"CASE WHEN 1 = {inside} THEN 'yes' ELSE 'no' END") == "yes"
    assert ask(f"CASE WHEN {inside} = 0 THEN 'yes' ELSE 'no' END") == "no"
    assert ask(f"CASE WHEN {inside} > 0 THEN 'yes' ELSE 'no' END") == "yes"


def test_coordinates_and_areas_come_out_again(ask):
    whole_sky = (4 * math.pi * units.sr).to_value("deg2")

    assert ask("COORD1(POINT(1.5, 2)) + COORD2(POINT(1, 2.5))") == 4.0
    assert math.isclose(ask("AREA(CIRCLE(1, 2, 180))"), whole_sky)
    assert math.isclose(ask("AREA(CIRCLE(1, 2, 0.001))"), math.pi * 1e-6, rel_tol=1e-9)


def test_coordinates_may_be_computed(ask):
    assert ask("DISTANCE(POINT(ra + 1 - 1, dec * 2), POINT(0, 0))", 0, 5) == pytest.approx(10)


def test_nothing_lies_in_a_circle_of_negative_radius(ask):
    assert ask("CONTAINS(POINT(1, 2), CIRCLE(1, 2, -1))") == 0


def test_a_position_that_is_not_known_is_in_no_circle(ask):
    assert ask("CONTAINS(POINT(NULL, 2), CIRCLE(1, 2, 1))") is None

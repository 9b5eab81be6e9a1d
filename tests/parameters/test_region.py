import math

import pytest
from astropy import units
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from portal.parameters import InvalidParametersError
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.parameters import parse_region
from portal.parameters import read_form
from portal.parameters import Region


class Somewhere(Parameters):
    region: Region = parameter(title="Region")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("CIRCLE 180 40 2", "CIRCLE 180 40 2"),
        ("circle 180.5,-40.25,0.001", "CIRCLE 180.5 -40.25 0.001"),
        ("Circle ICRS 1 2 3", "CIRCLE 1 2 3"),
        ("CIRCLE('ICRS', 180, 40, 2)", "CIRCLE 180 40 2"),
        ("CIRCLE('', 180, 40, 2)", "CIRCLE 180 40 2"),
        ("CIRCLE(POINT('ICRS', 180, 40), 2)", "CIRCLE 180 40 2"),
        ("CIRCLE(POINT(180, 40), 1e1)", "CIRCLE 180 40 10"),
        ("CIRCLE 0 90 180", "CIRCLE 0 90 180"),
        ("RANGE 10 20 -5 5", "RANGE 10 20 -5 5"),
        ("RANGE 0 360 -2 2", "RANGE 0 360 -2 2"),
        ("range -Inf +Inf 80 inf", "RANGE -Inf +Inf 80 +Inf"),
        ("POLYGON 10 10 20 10 15 20", "POLYGON 10 10 20 10 15 20"),
        ("POLYGON(POINT(1,2), POINT(3,4), POINT(5,2))", "POLYGON 1 2 3 4 5 2"),
    ],
)
def test_regions_are_read_in_the_words_of_dali_and_adql(text, written):
    assert str(parse_region(text)) == written
    assert read_form(Somewhere, [("region", text)]).region == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ELLIPSE 1 2 3 4", "such as CIRCLE"),
        ("180 40 2", "such as CIRCLE"),
        ("()", "such as CIRCLE"),
        ("CIRCLE 180 40", "takes 3 numbers"),
        ("CIRCLE 180 40 2 3", "takes 3 numbers"),
        ("CIRCLE a b c", "A is not a number"),
        ("CIRCLE 180 40 nan", "NAN is not a number"),
        ("CIRCLE 361 40 2", "longitudes run from 0 to 360"),
        ("CIRCLE 180 91 2", "latitudes run from -90 to 90"),
        ("CIRCLE 180 40 -1", "0 to 180"),
        ("CIRCLE 180 40 181", "0 to 180"),
        ("CIRCLE 180 40 inf", "0 to 180"),
        ("RANGE 20 10 -5 5", "lower of two limits first"),
        ("RANGE 1 2 3", "takes 4 numbers"),
        ("POLYGON 1 2 3 4", "at least three corners"),
        ("POLYGON 1 2 3 4 5 6 7", "at least three corners"),
        ("POLYGON 1 2 3 4 5 96", "latitudes"),
        ("BOX 1 2 0 1", "width and height"),
        ("BOX 1 2 180 1", "width and height"),
    ],
)
def test_what_is_no_region_is_refused_with_the_reason(text, words):
    with pytest.raises(InvalidParametersError, match=words):
        read_form(Somewhere, [("region", text)])


@given(st.floats(0, 360), st.floats(-89, 89), st.floats(1e-3, 170), st.floats(1e-3, 170))
def test_a_box_is_the_polygon_of_corners_that_are_equally_far(lon, lat, width, height):
    region = parse_region(f"BOX {lon!r} {lat!r} {width!r} {height!r}")

    centre = SkyCoord(lon, lat, unit="deg")
    corners = SkyCoord(list(region.numbers[::2]), list(region.numbers[1::2]), unit="deg")
    away = centre.separation(corners).to_value(units.rad)
    tangents = math.tan(math.radians(width / 2)), math.tan(math.radians(height / 2))
    assert region.shape == "POLYGON"
    assert away == pytest.approx([math.atan(math.hypot(*tangents))] * 4, abs=1e-7)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_region_or_refused(text):
    try:
        region = parse_region(text)
    except ValueError:
        return
    assert str(parse_region(str(region))) == str(region)

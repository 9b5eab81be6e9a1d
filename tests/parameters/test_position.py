import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.parameters import find_coordinates
from portal.parameters import InvalidParametersError
from portal.parameters import normalised_name
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.parameters import parse_position
from portal.parameters import Position
from portal.parameters import read_form

M87 = (187.70592, 12.39111)


class Somewhere(Parameters):
    position: Position = parameter(title="Position")


@pytest.mark.parametrize(
    ("text", "ra", "dec"),
    [
        ("187.70593 12.39112", 187.70593, 12.39112),
        ("187.70593, +12.39112", 187.70593, 12.39112),
        ("187.70593+12.39112", 187.70593, 12.39112),
        ("1.8770593e2 1.239112E1", 187.70593, 12.39112),
        ("187.70593d 12.39112°", 187.70593, 12.39112),
        ("187.70593 12.39112 deg", 187.70593, 12.39112),
        ("RA=187.70593 DEC=12.39112", 187.70593, 12.39112),
        ("12:30:49.42 +12:23:28.0 deg", *M87),
        ("3.2760864 0.2162658 rad", 187.70593, 12.39112),
        ("3.2760864 rad, +0.2162658 radians", 187.70593, 12.39112),
        ("3.2760864rad 0.2162658rad", 187.70593, 12.39112),
        ("3.2760864 -0.2162658rad", 187.70593, -12.39112),
        ("3.2760864, 0.2162658 rad", 187.70593, 12.39112),
        ("1 0 rad", 57.29578, 0),
        ("ra: 12:30:49.42, dec: +12:23:28", *M87),
        ("12:30:49.42 +12:23:28.0", *M87),
        ("12h30m49.42s +12d23m28s", *M87),
        ("12ʰ30ᵐ49.42ˢ +12°23′28″", *M87),
        ("12h30m49.42s+12°23'28''", *M87),
        ("12 30 49.42 +12 23 28.0", *M87),
        ("12 30 49.42 12 23 28.0", *M87),
        ("J123049.42+122328.0", *M87),
        ("12 30.5 -3 20.5", 187.625, -3.34167),
        ("12.5h -3d", 187.5, -3),
        ("12:30:00 −00:30:00", 187.5, -0.5),
        ("00:00:00 -00:00:36", 0, -0.01),
        ("0 -90", 0, -90),
        ("360 0", 360, 0),
        ("10.5 20.5 ICRS", 10.5, 20.5),
        ("J2000 10.5 20.5", 10.5, 20.5),
        ("galactic 121.17440 -21.57322", 10.68469, 41.26904),
        ("121.17440 -21.57322 (galactic)", 10.68469, 41.26904),
        ("l=121.17440 b=−21.57322", 10.68469, 41.26904),
        ("gal -238.82560 -21.57322".replace("-238.82560", "121.17440"), 10.68469, 41.26904),
        ("ecliptic 0 90", 270, 66.56071),
        ("00:40:00.1 +40:59:43 B1950", 10.68469, 41.26904),
    ],
)
def test_coordinates_are_understood_in_every_common_notation(text, ra, dec):
    assert parse_position(text) == pytest.approx((ra, dec), abs=2e-4)
    assert read_form(Somewhere, [("position", text)]).position == text.strip()


@pytest.mark.parametrize(
    "text",
    ["", "north", "361 0", "0 91", "nan 0", "12", "1 2 3 4", "1 2 3", "1,2,3", "-0.5 -3", "+ -"],
)
def test_what_is_no_position_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match=r"degrees|such as"):
        parse_position(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("361 0", "right ascension runs from 0 to 360 degrees"),
        ("25:00:00 0", "right ascension runs from 0 to 360 degrees"),
        ("0 -90.1", "declination runs from -90 to 90 degrees"),
        ("l=10 b=91", "latitude runs from -90 to 90 degrees"),
        ("12:61:00 3", "less than 60"),
        ("12h30m60s 3d", "less than 60"),
        ("1e999 0", "too large"),
        ("12 30", None),
        ("12 30 49", "two angles|right ascension and declination"),
        ("123", "such as"),
        ("+++", "such as"),
        ("a<b>c", "control characters"),
        ("x" * 201, "200"),
    ],
)
def test_wrong_coordinates_are_refused_at_the_field(text, words):
    if words is None:
        read_form(Somewhere, [("position", text)])
        return
    with pytest.raises(InvalidParametersError, match=words):
        read_form(Somewhere, [("position", text)])


@pytest.mark.parametrize(
    "name",
    [
        "M31", "m 31", "NGC 224", "3C 273", "4U 1820-30", "47 Tuc", "61 Cyg", "h Per", "del Cep",
        "2MASX J00424433+4116074", "J0437-4715", "PSR B1919+21", "Sgr A*", "α Cen", "51 Peg b",
        "Barnard's Star", "galactic center", "S5 0014+81", "L 1551", "B 33", "SN 1987A", "Gal",
    ],
)  # fmt: skip
def test_names_of_objects_are_taken_for_names(name):
    assert find_coordinates(name) is None
    assert read_form(Somewhere, [("position", name)]).position == name


def test_a_name_has_plain_signs_and_single_spaces():
    assert normalised_name("  PSR  B1133−16 ") == "PSR B1133-16"


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_position_a_name_or_refused(text):
    found = None
    with contextlib.suppress(ValueError):
        found = find_coordinates(text)
    assert found is None or (0 <= found[0] <= 360 and -90 <= found[1] <= 90)


@given(st.floats(0, 360), st.floats(-90, 90))
def test_degrees_come_back_as_they_were_written(ra, dec):
    assert parse_position(f"{ra!r} {dec!r}") == (ra, dec)

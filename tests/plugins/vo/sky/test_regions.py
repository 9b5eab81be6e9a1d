import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from portal_vo.sky.coverage import CELLS
from portal_vo.sky.coverage import Coverage
from portal_vo.sky.coverage import merged
from portal_vo.sky.coverage import ORDER
from portal_vo.sky.coverage import overlaps
from portal_vo.sky.coverage import read_moc
from portal_vo.sky.healpix import _centres
from portal_vo.sky.healpix import vectors_at
from portal_vo.sky.regions import read_region
from portal_vo.sky.regions import write_moc
from tests.support.examples import examples

FINER = 3
CELL_SIZE = 1.3  # degrees, from corner to corner and a little more


@cache
def parts():
    return _centres(np.arange(12 << 2 * (ORDER + FINER)), ORDER + FINER)


@cache
def centres():
    return _centres(np.arange(CELLS), ORDER)


def cells(ranges):
    return {cell for low, high in ranges.tolist() for cell in range(low, high)}


def touched(inside):
    """Return the cells with a part that is inside, as a fine grid sees it."""
    return set((np.flatnonzero(inside(parts())) >> 2 * FINER).tolist())


def convex(corners):
    """Return whether places are on the inner side of every edge."""

    def inside(vectors):
        sides = zip(corners, np.roll(corners, -1, axis=0), strict=True)
        return np.all([vectors @ np.cross(one, other) >= 0 for one, other in sides], axis=0)

    return inside


@pytest.mark.slow
@given(
    ra=st.floats(0, 359.9),
    dec=st.floats(-89, 89),
    radius=st.floats(0.01, 40),
    turn=st.floats(0, 120),
    number=st.integers(3, 6),
)
@settings(max_examples=examples(30))
def test_a_polygon_has_every_cell_it_touches_and_none_that_is_far(ra, dec, radius, turn, number):
    middle = vectors_at(np.array([ra]), np.array([dec]))[0]
    east = np.array([-math.sin(math.radians(ra)), math.cos(math.radians(ra)), 0])
    north = np.cross(middle, east)
    angles = np.radians(turn + 360 * np.arange(number) / number)
    away = math.tan(math.radians(radius))
    corners = middle + away * (np.outer(np.cos(angles), east) + np.outer(np.sin(angles), north))
    corners /= np.linalg.norm(corners, axis=1, keepdims=True)
    lon = np.degrees(np.arctan2(corners[:, 1], corners[:, 0])) % 360
    lat = np.degrees(np.arcsin(corners[:, 2]))
    text = " ".join(f"{one:.9f} {other:.9f}" for one, other in zip(lon, lat, strict=True))

    found = cells(read_region(f"POLYGON {text}"))

    assert touched(convex(corners)) <= found
    distances = np.degrees(np.arccos(np.clip(centres()[sorted(found)] @ middle, -1, 1)))
    assert distances.max() <= radius + CELL_SIZE


@pytest.mark.slow
def test_the_direction_in_which_a_polygon_is_written_does_not_matter():
    there, back = "10 10 50 10 50 50 30 20 10 50", "10 50 30 20 50 50 50 10 10 10"

    assert cells(read_region(f"POLYGON {there}")) == cells(read_region(f"POLYGON {back}"))


def test_a_polygon_that_is_not_convex_leaves_out_its_bay():
    found = cells(read_region("POLYGON 10 10 50 10 50 50 30 20 10 50"))

    assert cells(read_region("CIRCLE 15 20 0.1")) <= found
    assert not cells(read_region("CIRCLE 30 40 1")) & found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "west", "east", "south", "north"),
    [
        ("RANGE 0 360 80 90", 0, 360, 80, 90),
        ("RANGE 179 181 39 41", 179, 181, 39, 41),
        ("RANGE -Inf +Inf -5 5", 0, 360, -5, 5),
        ("RANGE 12 12.01 -Inf +Inf", 12, 12.01, -90, 90),
    ],
)
def test_a_range_has_every_cell_it_touches_and_few_others(text, west, east, south, north):
    def inside(vectors):
        lon = np.degrees(np.arctan2(vectors[:, 1], vectors[:, 0])) % 360
        lat = np.degrees(np.arcsin(vectors[:, 2]))
        return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)

    found, expected = cells(read_region(text)), touched(inside)

    assert expected <= found
    if len(expected) > 200:
        assert len(found - expected) <= len(expected) / 10


def test_a_moc_is_read_as_it_is():
    assert cells(read_region("5/12-14 6/200")) == {*range(48, 60), 200}


@given(st.sets(st.integers(0, CELLS - 1), min_size=1, max_size=40))
def test_cells_come_back_from_the_moc_they_are_written_as(chosen):
    ranges = merged((cell, cell + 1) for cell in chosen)

    assert cells(read_moc(write_moc(ranges)).ranges) == chosen


@given(
    st.sets(st.integers(0, 60), min_size=1, max_size=30),
    st.sets(st.integers(0, 60), min_size=1, max_size=30),
)
def test_two_coverages_overlap_when_they_share_a_cell(one, other):
    stored = Coverage(merged((cell, cell + 1) for cell in one), 0.0).to_bytes()

    assert overlaps(stored, merged((cell, cell + 1) for cell in other)) == bool(one & other)


@pytest.mark.parametrize(
    "text", ["POLYGON 1 2", "CIRCLE 1 2", "SQUARE 1 2 3", "5/12-", "99/1", "5/99999999", "M 31"]
)
def test_what_is_no_region_is_refused_in_words(text):
    with pytest.raises(ValueError, match=r"(such as|corners|numbers)"):
        read_region(text)

import time

import pytest
from astropy.coordinates import Latitude
from astropy.coordinates import Longitude
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st
from mocpy import MOC

from portal_vo.mirror.healpix import cell_at
from portal_vo.mirror.healpix import cells_of_circle

ORDER = 6
RIM = 0.2  # degrees
longitudes, latitudes = st.floats(0, 359.999), st.floats(-90, 90)


def cells(moc):
    shift = 2 * (29 - ORDER)
    return {
        cell
        for low, high in moc.to_depth29_ranges.tolist()
        for cell in range(low >> shift, high >> shift)
    }


def cone(ra, dec, radius):
    centre = Longitude(ra, unit="deg"), Latitude(dec, unit="deg")
    return cells(MOC.from_cone(*centre, radius=Longitude(radius, unit="deg"), max_depth=ORDER))


@given(longitudes, latitudes)
@example(0.0, 90.0)
@example(0.0, -90.0)
@example(45.1, 41.8)
@example(315.1, -41.9)
@example(359.9, 0.1)
def test_a_position_is_in_the_cell_that_mocpy_says(ra, dec):
    assert cell_at(ra, dec, ORDER) in cone(ra, dec, 1e-7)  # on a border, there are several


@given(longitudes, latitudes, st.floats(0.01, 60))
@example(10.0, 20.0, 2.0)
@example(0.0, 90.0, 5.0)
@example(200.0, -45.0, 0.5)
def test_a_circle_touches_what_mocpy_says_and_little_more(ra, dec, radius):
    ours = set(cells_of_circle(ra, dec, radius, ORDER).tolist())
    assert ours <= cone(ra, dec, radius + RIM)
    assert ours >= cone(ra, dec, max(0.001, radius - RIM))
    assert cell_at(ra, dec, ORDER) in ours


@pytest.mark.parametrize("radius", [0.1, 10, 90])
def test_circles_are_quick(radius):
    cells_of_circle(120, 30, radius, ORDER)
    began = time.process_time()
    cells_of_circle(120, 30, radius, ORDER)
    assert time.process_time() - began < 0.2

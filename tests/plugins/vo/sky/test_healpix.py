import time

import pytest
from astropy import units as u
from astropy.coordinates import Latitude
from astropy.coordinates import Longitude
from astropy.coordinates import SkyCoord
from hypothesis import example
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from mocpy import MOC

from portal_vo.sky.healpix import cell_at
from portal_vo.sky.healpix import cells_of_circle
from tests.support.examples import examples

ORDER = 6
RIM = 0.5  # degrees; mocpy takes a few cells beside the circle as well
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


def points_in(ra, dec, radius):
    """Yield positions all over a circle, most of them near its rim."""
    centre = SkyCoord(ra, dec, unit="deg")
    for share in (0.3, 0.7, 0.95, 0.999):
        offsets = centre.directional_offset_by(
            list(range(0, 360, 15)) * u.deg, share * radius * u.deg
        )
        yield from zip(offsets.ra.deg.tolist(), offsets.dec.deg.tolist(), strict=True)


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
@example(0.0, 0.0, 23.0)
@settings(max_examples=examples(30), deadline=None)
def test_a_circle_has_every_cell_it_touches_and_no_more_than_mocpy_says(ra, dec, radius):
    ours = set(cells_of_circle(ra, dec, radius, ORDER).tolist())
    assert ours <= cone(ra, dec, radius + RIM)
    for place in points_in(ra, dec, radius):
        assert cell_at(*place, ORDER) in ours


@pytest.mark.parametrize("radius", [0.1, 10, 90])
def test_circles_are_quick(radius):
    cells_of_circle(120, 30, radius, ORDER)
    began = time.process_time()
    cells_of_circle(120, 30, radius, ORDER)
    assert time.process_time() - began < 0.2

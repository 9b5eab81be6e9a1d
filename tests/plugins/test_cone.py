import pytest

from portal.plugins import Cone
from portal.plugins import find_coordinates


@pytest.mark.parametrize(
    ("ra", "dec", "text"),
    [
        (10.6847, 41.2688, "10.6847 +41.2688"),
        (0, 0, "0 +0"),
        (100, -90, "100 -90"),
        (1e-9, -1e-9, "0.000000001 -0.000000001"),
        (1e-12, 0.1 + 0.2, "0 +0.3"),
        (359.999999999, 5, "359.999999999 +5"),
    ],
)
def test_a_cone_says_its_centre_as_forms_take_it(ra, dec, text):
    position = Cone(ra=ra, dec=dec, radius=1).position

    assert position == text
    assert find_coordinates(position) == pytest.approx((ra, dec), abs=1e-9)

"""Which columns are taken for positions."""

import pytest

from portal.plugins import Column
from portal_files.positions import find_position


def number(name, ucd=None, unit=None):
    return Column(name=name, datatype="double", ucd=ucd, unit=unit)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ([number("RA"), number("Dec")], ("RA", "Dec")),
        ([number("RAJ2000", unit="deg"), number("DEJ2000", unit="deg")], ("RAJ2000", "DEJ2000")),
        (
            [
                number("ra"),
                number("dec"),
                number("x", "pos.eq.ra;meta.main"),
                number("y", "pos.eq.dec;meta.main"),
            ],
            ("x", "y"),
        ),
        (
            [
                number("a", "pos.eq.ra"),
                number("b", "pos.eq.dec"),
                number("c", "pos.eq.ra;meta.main"),
                number("d", "pos.eq.dec;meta.main"),
            ],
            ("c", "d"),
        ),
        ([number("x", "POS_EQ_RA_MAIN"), number("y", "POS_EQ_DEC_MAIN")], ("x", "y")),
        ([number("a", "pos.eq.ra"), number("ra"), number("dec")], ("ra", "dec")),
        ([number("ra", unit="hourangle"), number("dec", unit="deg")], None),
        ([number("ra", unit="rad"), number("dec", unit="rad")], None),
        ([Column(name="ra"), Column(name="dec")], None),
        ([number("ra")], None),
        ([], None),
    ],
)
def test_positions_are_found_by_ucd_and_then_by_name(columns, expected):
    found = find_position(columns)

    assert (found and tuple(one.name for one in found)) == expected

"""Positions in tables, in degrees or in sixties."""

import pytest

from portal.results.angles import find_writer
from portal.results.angles import in_sixties
from portal.tables import Column


def column(ucd="pos.eq.ra;meta.main", **about):
    return Column(**{"name": "x", "datatype": "double", "unit": "deg", "ucd": ucd, **about})


@pytest.mark.parametrize(
    ("ucd", "value", "written", "unit"),
    [
        ("pos.eq.ra;meta.main", 202.469575, "13:29:52.6980", "h:m:s"),
        ("POS.EQ.RA", 359.99999999999, "00:00:00.0000", "h:m:s"),
        ("pos.eq.dec", 47.195258, "+47:11:42.929", "d:m:s"),
        ("pos.eq.dec", -0.5, "-00:30:00.000", "d:m:s"),
    ],
)
def test_right_ascension_is_written_in_hours_and_declination_with_its_sign(
    ucd, value, written, unit
):
    assert find_writer(column(ucd))(value) == written
    assert in_sixties(column(ucd)).unit == unit


@pytest.mark.parametrize(
    "other",
    [
        column("stat.error;pos.eq.ra"),
        column("pos.eq.ra;stat.error"),
        column("pos.galactic.lon"),
        column(unit="rad"),
        column(arraysize="2"),
        column(datatype="char", arraysize="*"),
        column(ucd=None),
    ],
)
def test_other_columns_stay_as_they_are(other):
    assert find_writer(other) is None
    assert in_sixties(other) == other

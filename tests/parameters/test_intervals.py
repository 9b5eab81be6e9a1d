import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.parameters import format_joule
from portal.parameters import format_mjd
from portal.parameters import read_spectrum
from portal.parameters import read_times


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("21 cm", ("1.43 GHz", "1.43 GHz")),
        ("1.2 to 1.6 GHz", ("1.2 GHz", "1.6 GHz")),
        ("400-700 nm", ("700 nm", "400 nm")),
        ("700nm/400nm", ("700 nm", "400 nm")),
        ("0.5, 10 keV", ("500 eV", "10 keV")),
        ("5000 Angstrom", ("500 nm", "500 nm")),
        ("2e-7-3e-7 m", ("300 nm", "200 nm")),
        ("1 micron", ("1 µm", "1 µm")),
    ],
)
def test_parts_of_the_spectrum_become_ascending_energies(text, words):
    low, high = read_spectrum(text)
    assert low <= high
    assert (format_joule(low), format_joule(high)) == words


@pytest.mark.parametrize(
    "text", ["21", "red", "1 2 3 nm", "0 nm", "-5 nm", "5 parsec", "1e999 nm", "1e-999 m", "1 nm;"]
)
def test_what_is_no_part_of_the_spectrum_is_told(text):
    with pytest.raises(ValueError, match=r"."):
        read_spectrum(text)


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("2019-07-01", (58665.0, 58665.0)),
        ("2019-07-01T12:00:00Z", (58665.5, 58665.5)),
        ("2019-07 2020-01", (58665.0, 58849.0)),
        ("2020-01-01/2019-07-01", (58665.0, 58849.0)),
        ("54130 to 54200.5", (54130.0, 54200.5)),
    ],
)
def test_times_become_intervals_in_mjd(text, interval):
    assert read_times(text) == interval


@pytest.mark.parametrize("text", ["", "today", "nan", "1 2 3", "2019-13-01", "2019-02-30"])
def test_what_is_no_time_is_told(text):
    with pytest.raises(ValueError, match=r"."):
        read_times(text)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_an_interval_or_a_value_error(text):
    for read in (read_times, read_spectrum):
        try:
            low, high = read(text)
        except ValueError:
            continue
        assert low <= high


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_every_number_can_be_shown(number):
    assert format_joule(number)
    if math.isfinite(number):
        assert format_mjd(number)

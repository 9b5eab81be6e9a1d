import math

import pytest

from portal.plugins import read_band
from portal.plugins import read_time
from portal_vo.positional.values import read_extra
from portal_vo.positional.values import read_interval
from portal_vo.positional.values import to_degrees
from portal_vo.positional.values import write_interval
from portal_vo.positional.values import write_number


@pytest.mark.parametrize(
    ("unit", "degrees"), [("deg", 1.5), ("arcmin", 0.025), ("arcsec", 1 / 2400), ("rad", 85.943669)]
)
def test_angles_become_degrees(unit, degrees):
    assert to_degrees(1.5, unit) == pytest.approx(degrees)


@pytest.mark.parametrize(
    ("text", "unit", "low", "high"),
    [
        ("21 cm", "m", 0.21, 0.21),
        ("500", "nm", 5e-7, 5e-7),
        ("400 700", "nm", 4e-7, 7e-7),
        ("700 400", "nm", 4e-7, 7e-7),
        ("400-700 nm", "keV", 4e-7, 7e-7),
        ("5000", "Angstrom", 5e-7, 5e-7),
        ("10 20", "um", 1e-5, 2e-5),
        ("1.2 1.6 GHz", "m", 0.187370286, 0.249827048),
        ("1420.405751", "MHz", 0.211061141, 0.211061141),
        ("0.5 to 10", "keV", 1.23984198e-10, 2.47968397e-9),
        ("4e-7 7e-7", "m", 4e-7, 7e-7),
        ("< 400 nm", "m", 0, 4e-7),
        ("> 400", "nm", 4e-7, math.inf),
        ("> 10 keV", "m", 0, 1.23984198e-10),
        ("< 10 keV", "m", 1.23984198e-10, math.inf),
        ("< 1 GHz", "m", 0.299792458, math.inf),
        ("< 5000", "Angstrom", 0, 5e-7),
    ],
)
def test_bands_become_wavelengths_the_shorter_first(text, unit, low, high):
    assert read_band(text, unit) == pytest.approx((low, high), rel=1e-8)


@pytest.mark.parametrize(
    "text", ["", "blue", "1 2 3 nm", "0 nm", "-5 nm", "5 parsec", "nan nm", "<"]
)
def test_what_is_no_band_is_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        read_band(text, "nm")


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2019-07-01", 58665, 58666),
        ("2019-07-01 2019-07-03", 58665, 58668),
        ("2019-07-01/2019-07-03", 58665, 58668),
        ("2019-07-03 2019-07-01T06:00", 58665.25, 58668),
        ("2019-07-01 58665.5", 58665, 58665.5),
        ("2019-07", 58665, 58696),
        ("2019-07 2020-02", 58665, 58909),
        ("2019-07-01T12:00:00", 58665.5, 58665.5),
        ("58000", 58000, 58000),
        ("58000.5 58001", 58000.5, 58001),
        ("> 2020-01-01", 58849, math.inf),
        ("< 59000", -math.inf, 59000),
    ],
)
def test_times_become_mjd(text, low, high):
    assert read_time(text) == (low, high)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2019",
        "2010 2012",
        "> 2019",
        "2019-01-01 2020",
        "2019-13-01",
        "1 2 3",
        "inf",
        "< ",
        "0000-00-00",
    ],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        read_time(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("10", "10 10"),
        ("1 10", "1 10"),
        ("1..10", "1 10"),
        ("-1.5, 10", "-1.5 10"),
        ("> 10", "10 +Inf"),
        (">=10", "10 +Inf"),
        ("< 0.1", "-Inf 0.1"),
    ],
)
def test_intervals_are_written_as_dali_does(text, written):
    assert write_interval(read_interval(text)) == written


@pytest.mark.parametrize("text", ["", "a", "1 2 3", "10 1", "nan", "> a", "<"])
def test_what_is_no_interval_is_refused(text):
    with pytest.raises(ValueError, match=r"number|lower end"):
        read_interval(text)


def test_numbers_are_written_without_noise():
    assert write_number(0.1 + 0.2) == "0.3"
    assert write_number(187.70593076725) == "187.70593076725"


def test_further_parameters_are_lines_of_name_and_value():
    assert read_extra("CATALOG=main\n\n b_c = x=y & z \nEMPTY=") == [
        ("CATALOG", "main"),
        ("b_c", "x=y & z"),
        ("EMPTY", ""),
    ]


@pytest.mark.parametrize("text", ["novalue", "a=b\n=c", "a b=c", "é=1", "\n".join(["a=b"] * 21)])
def test_lines_that_are_none_are_named(text):
    with pytest.raises(ValueError, match=r"line \d is not NAME=value|at most 20"):
        read_extra(text)

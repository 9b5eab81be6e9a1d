"""What each protocol is asked, word for word."""

from urllib.parse import parse_qsl
from urllib.parse import urlsplit

import pytest

from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins.testing import check_query
from portal_vo.positional.scs import ConeQuery
from portal_vo.positional.sia1 import Sia1Query
from portal_vo.positional.sia2 import Sia2Query
from portal_vo.positional.ssa import SsaQuery

URL = "https://x.example.org/q?cat=a&"
KINDS = [ConeQuery, Sia1Query, Sia2Query, SsaQuery]
PAST = {"position": "187.5 -12", "access_url": URL}


def filled(kind, **values):
    pairs = [(name, one) for name, value in values.items()
             for one in (value if isinstance(value, list) else [value])]  # fmt: skip
    return read_form(kind.Parameters, pairs)


def asked(kind, **values):
    text = kind(most_positions=10).text(filled(kind, **(PAST | values)))
    pairs = parse_qsl(urlsplit(text.partition("\n")[0]).query, keep_blank_values=True)
    assert pairs[0] == ("cat", "a")
    return pairs[1:]


def refused(kind, **values):
    with pytest.raises(InvalidParametersError) as error:
        filled(kind, **(PAST | values))
    return str(error.value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_query_keeps_the_contract(kind):
    check_query(kind(most_positions=10))


@pytest.mark.parametrize(
    ("values", "pairs"),
    [
        ({}, [("RA", "187.5"), ("DEC", "-12"), ("SR", "0.1")]),
        (
            {"radius": "30", "radius_unit": "arcsec", "verbosity": "3"},
            [("RA", "187.5"), ("DEC", "-12"), ("SR", "0.00833333333333333"), ("VERB", "3")],
        ),
        ({"radius": "180"}, [("RA", "187.5"), ("DEC", "-12"), ("SR", "180")]),
        ({"radius": "0"}, [("RA", "187.5"), ("DEC", "-12"), ("SR", "0")]),
        (
            {"maxrec": "5", "extra": "FOO=1 2\nsr=3"},
            [("RA", "187.5"), ("DEC", "-12"), ("MAXREC", "5"), ("FOO", "1 2"), ("sr", "3")],
        ),
    ],
)
def test_a_cone_search(values, pairs):
    assert asked(ConeQuery, **values) == pairs


@pytest.mark.parametrize(
    ("values", "pairs"),
    [
        ({}, [("POS", "187.5,-12"), ("SIZE", "0.2")]),
        (
            {"size": "30", "size_dec": "60", "size_unit": "arcmin", "intersect": "CENTER",
             "format": "image/fits", "verbosity": "0"},
            [("POS", "187.5,-12"), ("SIZE", "0.5,1"), ("INTERSECT", "CENTER"),
             ("FORMAT", "image/fits"), ("VERB", "0")],
        ),
        ({"position": "", "format": "METADATA"}, [("FORMAT", "METADATA")]),
    ],
)  # fmt: skip
def test_images_of_the_first_version(values, pairs):
    assert asked(Sia1Query, **values) == pairs


@pytest.mark.parametrize(
    ("values", "pairs"),
    [
        ({"radius": "6", "radius_unit": "arcmin"}, [("POS", "CIRCLE 187.5 -12 0.1")]),
        ({"position": "", "region": "Range(1,2,3,4)"}, [("POS", "RANGE 1 2 3 4")]),
        (
            {"position": "", "band": "1.2 1.6", "band_unit": "GHz"},
            [("BAND", "0.18737028625 0.249827048333333")],
        ),
        ({"position": "", "band": "> 1 um"}, [("BAND", "1e-06 +Inf")]),
        ({"position": "", "time": "2019-01-01"}, [("TIME", "58484 58485")]),
        ({"position": "", "polarisation": ["I", "XX"]}, [("POL", "I"), ("POL", "XX")]),
        (
            {"position": "", "calibration": ["2", "3"], "product_type": "cube"},
            [("DPTYPE", "cube"), ("CALIB", "2"), ("CALIB", "3")],
        ),
        (
            {"position": "", "collection": "a&b", "facility": "WSRT", "instrument": "Apertif",
             "target": "M 31", "identifier": "ivo://x?y", "format": "application/fits"},
            [("ID", "ivo://x?y"), ("COLLECTION", "a&b"), ("FACILITY", "WSRT"),
             ("INSTRUMENT", "Apertif"), ("TARGET", "M 31"), ("FORMAT", "application/fits")],
        ),
        (
            {"position": "", "field_of_view": "< 1", "spatial_resolution": "1 2",
             "spectral_power": "> 1000", "exposure_time": "10", "time_resolution": "0 1"},
            [("FOV", "-Inf 1"), ("SPATRES", "1 2"), ("SPECRP", "1000 +Inf"),
             ("EXPTIME", "10 10"), ("TIMERES", "0 1")],
        ),
        ({"position": "", "maxrec": "0"}, [("MAXREC", "0")]),
    ],
)  # fmt: skip
def test_images_of_the_second_version(values, pairs):
    assert asked(Sia2Query, **values) == pairs


@pytest.mark.parametrize(
    ("values", "pairs"),
    [
        ({}, [("POS", "187.5,-12"), ("SIZE", "0.2")]),
        ({"position": "", "band": "400 700 nm"}, [("BAND", "4e-07/7e-07")]),
        ({"position": "", "band": "500 nm"}, [("BAND", "5e-07")]),
        ({"position": "", "band": "< 1 um"}, [("BAND", "0/1e-06")]),
        (
            {"position": "", "time": "58484 2019-01-31"},
            [("TIME", "2019-01-01T00:00:00/2019-02-01T00:00:00")],
        ),
        ({"position": "", "time": "> 2019-02-01"}, [("TIME", "2019-02-01T00:00:00/")]),
        (
            {"position": "", "aperture": "0.001", "redshift": "< 0.5", "signal_to_noise": "> 10"},
            [("APERTURE", "0.001"), ("SNR", "10/"), ("REDSHIFT", "/0.5")],
        ),
        (
            {"position": "", "target": "Vega", "format": "compliant", "collection": "c",
             "flux_calibration": "absolute"},
            [("TARGETNAME", "Vega"), ("COLLECTION", "c"), ("FORMAT", "compliant"),
             ("FLUXCALIB", "absolute")],
        ),
    ],
)  # fmt: skip
def test_spectra(values, pairs):
    assert asked(SsaQuery, **values) == [("REQUEST", "queryData"), *pairs]


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (ConeQuery, {"position": ""}, "position: give a position"),
        (ConeQuery, {"position": "400 0"}, "right ascension runs from 0 to 360"),
        (ConeQuery, {"radius": "-1"}, "at least 0"),
        (ConeQuery, {"radius": "181"}, "radius: is at most 180"),
        (ConeQuery, {"radius": "10801", "radius_unit": "arcmin"}, "at most 180"),
        (ConeQuery, {"radius": "nan"}, "finite"),
        (ConeQuery, {"extra": "what"}, "line 1 is not NAME=value"),
        (ConeQuery, {"positions": "upload:" + "0" * 32}, "not both"),
        (Sia1Query, {"position": ""}, "position: give a position"),
        (Sia1Query, {"size": "361"}, "size: is at most 360 degrees"),
        (Sia1Query, {"size_dec": "181"}, "size_dec: is at most 180 degrees"),
        (Sia2Query, {"position": ""}, "something else to choose by"),
        (Sia2Query, {"region": "CIRCLE 1 2 3"}, "position or region, not both"),
        (Sia2Query, {"position": "", "region": "CIRCLE 1 2"}, "takes 3 numbers"),
        (Sia2Query, {"band": "blue"}, "band: give a value with its unit"),
        (Sia2Query, {"time": "2019"}, "a plain number is an MJD"),
        (Sia2Query, {"exposure_time": "long"}, "give a number"),
        (SsaQuery, {"position": ""}, "something else to choose by"),
        (SsaQuery, {"aperture": "0"}, "more than 0"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_the_form(kind, values, words):
    assert words in refused(kind, **values)


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_stands_beside_the_url_until_it_is_looked_up(kind):
    query, parameters = kind(most_positions=10), filled(kind, **(PAST | {"position": "M 31"}))

    url, place = query.text(parameters).split("\n")

    assert "{ra}" in url and "{dec}" in url
    assert place == "M 31"
    assert query.job_title(parameters).endswith(": x.example.org around M 31")


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_positions_is_said(kind):
    values = {"access_url": URL, "positions": "upload:" + "0" * 32}
    query, parameters = kind(most_positions=10), filled(kind, **values)

    assert query.text(parameters).endswith("\nfor each position of the file")
    assert query.job_title(parameters).endswith(": x.example.org for a file of positions")


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_can_be_asked_without_the_portal(kind):
    query = kind(most_positions=10)
    python, curl, stilts = query.code(filled(kind, **PAST), maxrec=5)

    url = query.text(filled(kind, **(PAST | {"maxrec": "5" if "MAXREC" in curl.text else ""})))
    assert repr(url) in python.text
    assert url in curl.text
    assert url in stilts.text
    compile(python.text, "snippet", "exec")


def test_there_is_no_code_for_what_is_not_known_yet():
    parameters = filled(ConeQuery, access_url=URL, position="M 31")

    assert not ConeQuery(most_positions=10).code(parameters, maxrec=5)

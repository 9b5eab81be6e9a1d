import io
import re
import warnings
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st
from mocpy import MOC

from portal.plugins import Column
from portal.plugins import ResultTable
from portal.png import write_png
from portal.results.sky import view
from portal.results.sky.figure import draw_field
from portal.results.sky.figure import MOST_DOTS
from portal.results.sky.figure import sexagesimal
from portal.results.sky.projection import Field
from portal.results.sky.projection import WholeSky
from tests.support import lab

pytestmark = pytest.mark.slow  # through engines and pages, not of one unit

FORM = "/archives/lab/query.lab-stars"
DEGREES = st.floats(0, 360, exclude_max=True)
LATITUDES = st.floats(-90, 90)


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture
def sky(client, work, monkeypatch):
    """Return a function that stores positions as a result and returns the address of its sky."""

    def store(positions, columns=None):
        columns = columns or (
            Column(name="ra", datatype="double", unit="deg", ucd="pos.eq.ra;meta.main"),
            Column(name="dec", datatype="double", unit="deg", ucd="pos.eq.dec;meta.main"),
        )
        monkeypatch.setattr(
            lab.Stars, "run", lambda *_: ResultTable.from_rows(columns, list(positions))
        )
        address = client.post(FORM, data={"rows": "1"}).location
        work()
        return f"{address}/results/result/sky"

    return store


def dots(page):
    found = re.search(r'<path class="dots" d="([^"]*)"', page)
    return re.findall(r"M([-\d.]+) ([-\d.]+)h0", found[1]) if found else []


def coverage(content):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return MOC.from_fits(io.BytesIO(content))


@given(ra=DEGREES, dec=LATITUDES)
def test_every_place_is_inside_the_figure_of_the_whole_sky(ra, dec):
    x, y = WholeSky().project(np.array([ra]), np.array([dec]))
    across, down = (x[0] - 360) / 360, (y[0] - 180) / 180

    assert across**2 + down**2 <= 1 + 1e-9


@given(
    ra=DEGREES, dec=LATITUDES, away=st.floats(0, 1), direction=DEGREES, radius=st.floats(1e-3, 40)
)
def test_a_field_shows_true_distances_and_directions_from_its_middle(
    ra, dec, away, direction, radius
):
    middle = SkyCoord(ra, dec, unit="deg")
    place = middle.directional_offset_by(direction * units.deg, away * radius * units.deg)
    field = Field(ra, dec, radius)

    x, y = field.project(np.array([place.ra.deg]), np.array([place.dec.deg]))

    length = away * radius * field.scale
    turned = np.radians(direction)
    assert x[0] == pytest.approx(240 - length * np.sin(turned), abs=0.05)
    assert y[0] == pytest.approx(240 - length * np.cos(turned), abs=0.05)


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (12.5, {"sign": True}, "+12°30'"),
        (-0.5, {"sign": True}, "-0°30'"),
        (0, {"sign": True}, "0°"),
        (10 / 3600, {}, "0°00'10\""),
        (23.99999999, {"hours": True}, "24h"),
        (5 + 34 / 60 + 31.9 / 3600, {"hours": True}, "5h34m31.9s"),
    ],
)
def test_labels_leave_out_what_is_nought(value, options, text):
    assert sexagesimal(value, **options) == text


def test_a_picture_is_a_png_of_its_size():
    content = write_png(np.zeros((3, 5, 4), np.uint8))

    assert content.startswith(b"\x89PNG")
    assert content[16:24] == (5).to_bytes(4) + (3).to_bytes(4)


def test_a_few_rows_are_dots_on_the_whole_sky_and_in_their_field(client, sky):
    page = client.get(sky([(83.6, 22.0), (83.7, 22.1)])).text

    assert page.count('class="dots"') == 2
    assert len(dots(page)) == 2
    assert "2 positions (ICRS) within 0.0682° of 83.6500 +22.0500" in page
    assert 'id="figure-field"' in page


def test_rows_all_over_the_sky_have_no_field(client, sky):
    page = client.get(sky([(0.0, 0.0), (120.0, 50.0), (240.0, -50.0)])).text

    assert 'id="figure-field"' not in page
    assert len(dots(page)) == 3


def test_a_field_around_nought_hours_is_not_torn_apart(client, sky):
    page = client.get(sky([(359.9, 0.0), (0.1, 0.0)])).text

    assert "within 0.1° of" in page


@pytest.mark.parametrize("pole", [90.0, -90.0])
def test_a_field_may_hold_a_pole(client, sky, pole):
    page = client.get(sky([(10.0, pole), (200.0, pole * 0.999)])).text

    assert 'id="figure-field"' in page
    ET.fromstring(re.search(r"<svg.*?</svg>", page, re.DOTALL)[0])
    assert "nan" not in page.partition("<svg")[2].partition("</section>")[0]


def test_one_row_alone_has_a_sky(client, sky):
    assert "1 position (ICRS)" in client.get(sky([(83.6, 22.0)])).text


def test_values_that_are_no_positions_are_left_out(client, sky):
    rows = [(10.0, 10.0), (None, 5.0), (5.0, None), (float("nan"), 1.0), (1.0, 91.0), (400.0, 0.0)]

    page = client.get(sky(rows)).text

    assert "1 position (ICRS)" in page


def test_a_result_whose_rows_have_no_position_says_so(client, sky):
    response = client.get(sky([(None, None)]))

    assert response.status_code == 200
    assert "Nothing to show" in response.text


@pytest.mark.parametrize("unit", ["rad", "hourangle"])
def test_columns_in_other_units_are_no_positions(client, sky, unit):
    columns = (
        Column(name="ra", datatype="double", unit=unit, ucd="pos.eq.ra;meta.main"),
        Column(name="dec", datatype="double", unit=unit, ucd="pos.eq.dec;meta.main"),
    )

    address = sky([(1.0, 1.0)], columns)

    assert client.get(address).status_code == 404
    assert f'href="{address}"' not in client.get(address.removesuffix("/sky")).text


def test_the_rows_lead_to_their_sky(client, sky):
    address = sky([(1.0, 1.0)])

    assert f'href="{address}"' in client.get(address.removesuffix("/sky")).text


def many(number):
    random = np.random.default_rng(1)
    return zip(random.uniform(10, 11, number).tolist(), random.uniform(20, 21, number).tolist(), strict=True)  # fmt: skip # noqa: E501


def test_many_rows_are_a_picture_of_how_densely_they_lie(client, sky):
    address = sky(many(MOST_DOTS + 1))

    page = client.get(address).text
    pictures = re.findall(r'<image [^>]*href="([^"]*)"', page)

    assert dots(page) == []
    assert pictures == [f"{address}/sky.png", f"{address}/field.png"]
    for picture in pictures:
        response = client.get(picture)
        assert response.content_type == "image/png"
        assert response.data.startswith(b"\x89PNG")


def test_a_figure_that_is_not_there_is_a_404(client, sky):
    address = sky([(0.0, 0.0), (180.0, 0.0)])

    assert client.get(f"{address}/field.png").status_code == 404
    assert client.get(f"{address}/..%2F..%2Fmeta.png").status_code == 404


@pytest.mark.parametrize("extension", ["fits", "json", "txt"])
def test_the_coverage_holds_every_row_and_little_else(client, sky, extension):
    rows = list(many(50))
    address = sky(rows).removesuffix("sky") + f"coverage.{extension}?order=9"

    response = client.get(address)

    assert response.status_code == 200
    assert f"moc9.{extension}" in response.headers["Content-Disposition"]
    found = coverage(response.data) if extension == "fits" else MOC.from_string(
        response.text, "json" if extension == "json" else "ascii"
    )  # fmt: skip
    ra, dec = np.array(rows).T * units.deg
    assert found.contains_lonlat(ra, dec).all()
    assert found.sky_fraction <= 50 / (12 * 4**9)


@pytest.mark.parametrize("address", ["coverage.exe", "coverage.fits?order=29", "coverage.fits?order=0"])  # fmt: skip # noqa: E501
def test_a_coverage_that_cannot_be_made_is_a_404(client, sky, address):
    assert client.get(sky([(1.0, 1.0)]).removesuffix("sky") + address).status_code == 404


def test_what_takes_long_is_made_once(client, sky, monkeypatch):
    monkeypatch.setattr(view, "FEW_ROWS", 10)
    address = sky(many(MOST_DOTS + 1))
    page = client.get(address).text
    first = client.get(f"{address}/sky.png").data
    moc = client.get(address.removesuffix("sky") + "coverage.txt").data
    monkeypatch.setattr(view.Sky, "_draw", None)
    monkeypatch.setattr(view, "extent", None)
    monkeypatch.setattr(view.coverage, "cover", None)

    assert client.get(address).text.count("positions (ICRS)") == page.count("positions (ICRS)") == 1
    assert client.get(f"{address}/sky.png").data == first
    assert client.get(address.removesuffix("sky") + "coverage.txt").data == moc


@pytest.mark.parametrize("radius", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("dec", [-70.0, 0.0, 34.0])
def test_a_label_of_declination_stands_where_its_line_is(dec, radius):
    field = Field(15.0, dec, radius)

    labels = [one for one in draw_field(field, []).labels if "°" in one.text]

    assert len(labels) >= 2
    for label in labels:
        degrees, _, rest = label.text.strip("+-").partition("°")
        minutes, _, seconds = rest.partition("'")
        value = float(degrees) + float(minutes or 0) / 60 + float(seconds.strip('"') or 0) / 3600
        value = -value if label.text.startswith("-") else value
        reach = min(180.0, 6 * radius / np.cos(np.radians(dec)))
        along = np.linspace(15.0 - reach, 15.0 + reach, 20_001)
        x, y = field.project(along, np.full_like(along, value))
        assert np.hypot(x - (label.x - 4), y - (label.y + 3)).min() < 3

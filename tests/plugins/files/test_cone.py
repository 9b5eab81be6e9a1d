"""The cone search against every separation computed one by one."""

from dataclasses import replace

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import Table
from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st

from portal.plugins import Cone
from portal.plugins import UsageError
from tests.support.examples import examples

pytestmark = pytest.mark.slow  # through engines and pages, not of one unit

ON_THE_EDGE = 1e-9  # degrees
ROUGH_PLACES = [
    ("0 90", 5.0),
    ("0 -90", 0.5),
    ("123.4 89.95", 1.0),
    ("0 0", 10.0),
    ("359.99 0.01", 3.0),
    ("0.01 -45", 3.0),
    ("180 0", 179.0),
    ("12:30:49 +12:23:28", 30.0),
    ("10 10", 0.0),
    ("10 10", 180.0),
]


@pytest.fixture
def sky(files):
    """Return 5,000 positions all over the sky, many at the poles and around 0 degrees."""
    generator = np.random.default_rng(7)
    ra = generator.uniform(0, 360, 5_000)
    dec = np.degrees(np.arcsin(generator.uniform(-1, 1, 5_000)))
    dec[:300] = 90 - generator.exponential(2, 300)
    dec[300:600] = -90 + generator.exponential(2, 300)
    ra[600:900] = generator.normal(0, 1, 300) % 360
    dec[600:900] = generator.normal(0, 2, 300)
    ra[900:910], dec[900:910] = 0, [90, -90, 0, 0, 0, 1, -1, 2, -2, 3]
    Table({"n": np.arange(5_000), "ra": ra, "dec": dec}).write(files.folder / "sky.fits")
    return files, SkyCoord(ra, dec, unit="deg")


def assert_complete(found, positions, centre, radius):
    """Compare with astropy; only what lies on the very edge may be in or out."""
    distances = positions.separation(centre).deg
    inside = {row[0] for row in found}
    expected = set(np.flatnonzero(distances <= radius).tolist())
    edge = set(np.flatnonzero(np.abs(distances - radius) < ON_THE_EDGE).tolist())
    assert inside ^ expected <= edge


@pytest.mark.parametrize(("position", "radius"), ROUGH_PLACES)
def test_a_cone_finds_what_astropy_finds(sky, position, radius):
    files, positions = sky
    unit = (u.hourangle, u.deg) if ":" in position else "deg"
    centre = SkyCoord(position, unit=unit)

    rows = files.cone("sky", position, radius)

    assert_complete(rows.values, positions, centre, radius)
    found = np.array([row[3] for row in rows.values])
    expected = positions[[row[0] for row in rows.values]].separation(centre).deg
    assert np.allclose(found, expected, atol=1e-6, rtol=0)
    assert np.all(np.diff(found) >= 0)


@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(ra=st.floats(0, 360), dec=st.floats(-90, 90), radius=st.floats(0, 180))
def test_a_cone_anywhere_finds_what_astropy_finds(sky, ra, dec, radius):
    files, positions = sky

    rows = files.cone("sky", f"{ra:.9f} {dec:.9f}", radius)

    centre = SkyCoord(round(ra, 9), round(dec, 9), unit="deg")
    assert_complete(rows.values, positions, centre, radius)


def test_the_distance_has_its_unit_and_its_ucd(sky):
    files, _ = sky
    column = files.cone("sky", "0 0", 1).column("separation")

    assert (column.unit, column.ucd, column.datatype) == ("deg", "pos.angDistance", "double")


def test_a_cut_answer_holds_the_nearest(sky):
    files, positions = sky
    rows = files.cone("sky", "0 0", 90, files.job(maxrec=10))

    nearest = np.argsort(positions.separation(SkyCoord(0, 0, unit="deg")).deg)[:10]
    assert {row[0] for row in rows.values} <= set(nearest.tolist()) | {902, 903, 904}
    assert rows.end.overflow


def test_a_table_that_has_a_separation_keeps_it(files):
    (files.folder / "t.csv").write_text("ra,dec,separation\n1,1,far\n")

    rows = files.cone("t", "1 1", 1)

    assert [one.name for one in rows.columns] == ["ra", "dec", "separation", "separation_2"]
    assert rows.values == [(1, 1, "far", 0.0)]


def test_rows_without_a_position_are_nowhere(files):
    (files.folder / "t.csv").write_text("ra,dec\n1,1\n,\nNaN,1\n")

    assert len(files.cone("t", "1 1", 180).values) == 1


def test_positions_with_odd_names_are_searched(files):
    table = Table({"RA (J2000)": [10.0], "Dec; --": [20.0]})
    table["RA (J2000)"].meta["ucd"] = "pos.eq.ra;meta.main"
    table["Dec; --"].meta["ucd"] = "pos.eq.dec;meta.main"
    table.write(files.folder / "t.ecsv", format="ascii.ecsv")

    assert len(files.cone("t", "10 20", 0.1).values) == 1


def test_a_table_without_positions_says_so(files):
    (files.folder / "t.csv").write_text("x,y\n1,1\n")

    with pytest.raises(UsageError, match="no positions in degrees"):
        files.cone("t", "1 1", 1)


def test_a_table_that_is_not_there_says_so(files):
    with pytest.raises(UsageError, match="no table nope in the folder"):
        files.cone("nope", "1 1", 1)


@pytest.mark.parametrize("name", ["x'; --", 'x" AS t; --', "../../etc/passwd", "tap_schema.tables"])
def test_a_hostile_name_is_just_a_name(sky, name):
    files, _ = sky

    with pytest.raises(UsageError, match="no table"):
        files.cone(name, "1 1", 1)


def test_the_centre_may_be_the_name_of_an_object(sky):
    files, _ = sky

    named = files.cone("sky", "the pole", 5, files.job(positions={"the pole": (0, 90)}))

    assert named.values == files.cone("sky", "0 90", 5).values


def test_a_name_that_nobody_knows_is_told(sky):
    files, _ = sky
    with pytest.raises(UsageError, match="Nobody knows where Andromdea is"):
        files.cone("sky", "Andromdea", 5)


@pytest.mark.parametrize(
    ("position", "place"),
    [("M 31", "M 31"), ("12:00:00 -3", "180.000000 -3.000000 ICRS")],
)
def test_what_is_asked_is_shown_with_coordinates_or_the_name(files, position, place):
    cone = next(one for one in files.archive.queries if one.id == "query.files-cone")

    text = cone.text(cone.Parameters(table="t", position=position))

    assert text == f"files.t within 0.5 deg of {place}"


def test_a_cone_opened_in_adql_finds_the_same(sky):
    files, _ = sky
    cone = files.archive.queries[0]
    parameters = cone.Parameters(table="sky", position="12:30:49 +12:23:28", sr=30)

    link = cone.in_adql(parameters)

    assert link.query_id == "query.files-adql"
    there = files.adql(link.parameters["query"]).values
    assert there == files.cone("sky", "12:30:49 +12:23:28", 30).values != []


def test_a_cone_around_a_name_is_no_adql_yet(sky):
    files, _ = sky
    cone = files.archive.queries[0]

    assert cone.in_adql(cone.Parameters(table="sky", position="M 31", sr=30)) is None


def test_each_table_with_positions_is_a_data_set_that_answers_searches_of_all_archives(sky):
    files, positions = sky
    Table({"n": [1]}).write(files.folder / "numbers.fits")
    files.adql("SELECT * FROM numbers")  # it is known from now on
    cone = Cone(ra=1e-7, dec=-0.5, radius=3)

    [dataset] = files.archive.datasets
    query = next(one for one in files.archive.queries if one.id == dataset.query_id)
    found = files.ask(query.id, {**query.from_cone(cone), **dataset.parameters})

    assert (dataset.id, dataset.title) == ("sky", "sky.fits")
    assert_complete(found.values, positions, SkyCoord(cone.ra, cone.dec, unit="deg"), 3)
    assert query.from_cone(replace(cone, band=(0.2, 0.3))) is None

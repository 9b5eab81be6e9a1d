"""Cone Search, SIA 1 and 2 and SSA against a real server, beside pyvo."""

import os
import signal
import threading

import pyarrow as pa
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.time import Time
from pyvo.dal import SCSService
from pyvo.dal import SIAService
from pyvo.dal import SSAService
from pyvo.dal.sia2 import SIA2Query

from portal.plugins import AbortedError
from portal.plugins import PortalError
from portal.plugins import ServiceError
from portal.plugins import TableEnd
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal_vo.positional.scs import ConeParameters
from portal_vo.positional.scs import ConeQuery
from portal_vo.positional.sia1 import Sia1Parameters
from portal_vo.positional.sia1 import Sia1Query
from portal_vo.positional.sia2 import Sia2Parameters
from portal_vo.positional.sia2 import Sia2Query
from portal_vo.positional.ssa import SsaParameters
from portal_vo.positional.ssa import SsaQuery

pytestmark = pytest.mark.peers
CONE = ConeQuery(most_positions=100)
IMAGES = Sia2Query(most_positions=100)
OLD_IMAGES = Sia1Query(most_positions=100)
SPECTRA = SsaQuery(most_positions=100)
REFERENCE = "upload:" + "0" * 32


@pytest.fixture
def here(dachs, job):
    """A job that may talk to the server."""
    job.allow = frozenset(["127.0.0.1"])
    job.read_timeout, job.max_bytes = 60, 100_000_000
    return job


@pytest.fixture
def catalogue(dachs):
    return f"{dachs.url}/labcat/q/cone/scs.xml?"


@pytest.fixture
def images(dachs):
    return f"{dachs.url}/__system__/siap2/sitewide/siap2.xml"


def cone(url, **values):
    return ConeParameters(**({"access_url": url, "position": "180 10"} | values))


@pytest.mark.parametrize(
    ("position", "radius", "unit"),
    [
        ("180 10", 5, "deg"),
        ("0 0", 3, "deg"),
        ("12:00:00 -89:30:00", 600, "arcmin"),
        ("galactic 120 -60", 18000, "arcsec"),
        ("10 10", 180, "deg"),
    ],
)
def test_a_cone_has_the_rows_that_pyvo_gets(catalogue, here, read, position, radius, unit):
    here.maxrec = 100_000
    values = {"position": position, "radius": radius, "radius_unit": unit, "maxrec": 100_000}
    rows, end = read(CONE.run(cone(catalogue, **values), here.context()))

    place = here.context().resolve(position)
    centre = SkyCoord(place.ra, place.dec, unit="deg")
    theirs = SCSService(catalogue).search(
        pos=centre, radius=(radius * u.Unit(unit)).to(u.deg), MAXREC=100_000
    )
    assert {row["source_id"] for row in rows} == set(theirs.to_table()["source_id"])
    assert len(rows) == len(theirs) > 0
    assert not end.overflow


def test_the_catalogue_tells_its_columns(catalogue, here, read):
    table = CONE.run(cone(catalogue, radius=0, maxrec=0), here.context())

    columns = {column.name: column for column in table.columns}
    assert columns["ra"].ucd == "pos.eq.ra;meta.main"
    assert read(table)[0] == []


def test_a_cut_catalogue_is_cut(catalogue, here, read):
    rows, end = read(CONE.run(cone(catalogue, radius=90, maxrec=10), here.context()))

    assert len(rows) == 10
    assert end.overflow


@pytest.mark.parametrize(
    ("extra", "words"),
    [("RA=x", "RA"), ("SR=-", "SR"), ("VERB=x", "verb")],
)
def test_the_words_of_a_refusal_arrive(catalogue, here, read, extra, words):
    with pytest.raises((UsageError, ServiceError), match=words):
        read(CONE.run(cone(catalogue, extra=extra), here.context()))


@pytest.mark.parametrize(
    "place", ["/tap", "/tap/capabilities", "/", "/nowhere", "/obs/q/observations"]
)
def test_another_address_is_said_to_be_no_such_service(dachs, here, read, place):
    with pytest.raises(PortalError, match=r"Cone Search|40\d"):
        read(CONE.run(cone(dachs.url + place), here.context()))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"position": "180 40", "radius": 20}, {"pos": (180, 40, 20)}),
        ({"position": "180 40", "radius": 600, "radius_unit": "arcmin"}, {"pos": (180, 40, 10)}),
        ({"region": "RANGE 100 200 20 40"}, {"pos": (100, 200, 20, 40)}),
        (
            {"region": "POLYGON(100,0, 140,0, 120,50)"},
            {"pos": (100, 0, 140, 0, 120, 50)},
        ),
        ({"collection": "zephyr-dr1"}, {"collection": "zephyr-dr1"}),
        ({"product_type": "image"}, {"data_type": "image"}),
        ({"calibration": ["2"], "product_type": "image"}, {"calib_level": 2, "data_type": "image"}),
        ({"band": "1.0 2.0 GHz"}, {"band": (0.149896229, 0.299792458)}),
        ({"time": "58000 59000"}, {"time": (Time(58000, format="mjd"), Time(59000, format="mjd"))}),
    ],
)
def test_images_are_those_that_pyvo_gets(images, here, read, ours, theirs):
    parameters = Sia2Parameters(access_url=images, maxrec=5_000, **ours)
    here.maxrec = 5_000
    rows, _ = read(IMAGES.run(parameters, here.context()))

    found = SIA2Query(images, maxrec=5_000, **theirs).execute().to_table()
    assert {row["obs_id"] for row in rows} == set(found["obs_id"])
    assert len(rows) == len(found) > 0


def test_images_become_items(images, here, read):
    table = IMAGES.run(Sia2Parameters(access_url=images, maxrec=3), here.context())
    rows, _ = read(table)
    items = IMAGES.to_items(table.columns, rows)

    assert [item.obs_id for item in items] == [row["obs_id"] for row in rows]
    assert all(item.access_url.startswith("http") for item in items)
    assert all(item.publisher_did.startswith("ivo://") for item in items)


@pytest.mark.parametrize(
    ("ours", "size", "theirs"),
    [
        ({"position": "180 10", "size": 20}, 20, {}),
        ({"position": "180 10", "size": 1500, "size_unit": "arcmin"}, 25, {}),
        ({"position": "180 0", "size": 60, "intersect": "ENCLOSED"}, 60, {"intersect": "enclosed"}),
        ({"position": "30 -60", "size": 0, "intersect": "CENTER"}, 0, {"intersect": "center"}),
        ({"position": "180 10", "size": 40, "format": "image/fits"}, 40, {"format": "image/fits"}),
    ],
)  # fmt: skip
def test_images_of_the_first_version_are_those_that_pyvo_gets(
    dachs, here, read, ours, size, theirs
):
    url = f"{dachs.url}/images/q/sia/siap.xml?"
    rows, _ = read(OLD_IMAGES.run(Sia1Parameters(access_url=url, **ours), here.context()))

    place = here.context().resolve(ours["position"])
    centre = SkyCoord(place.ra, place.dec, unit="deg")
    found = SIAService(url).search(pos=centre, size=size * u.deg, **theirs).to_table()
    assert {row["imageTitle"] for row in rows} == set(found["imageTitle"])
    assert len(rows) == len(found)
    assert len(rows) > 0 or size == 0


def test_images_of_the_first_version_become_items(dachs, here, read):
    url = f"{dachs.url}/images/q/sia/siap.xml?"
    table = OLD_IMAGES.run(
        Sia1Parameters(access_url=url, position="180 10", size=20), here.context()
    )
    rows, _ = read(table)
    item = OLD_IMAGES.to_items(table.columns, rows)[0]

    assert item.title.startswith("Laboratory image")
    assert item.access_url.endswith(".fits")
    assert item.access_format == "image/fits"
    assert item.access_estsize == 1_000
    assert abs(item.s_ra - 180) < 20


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"position": "0 -50", "radius": 10}, {"pos": (0, -50), "diameter": 20}),
        (
            {"position": "galactic 270 -40", "radius": 540, "radius_unit": "arcmin"},
            {"pos": (69.049514, -59.919528), "diameter": 18},
        ),
        ({"band": "400 410 nm"}, {"band": (4e-7, 4.1e-7)}),
        ({"time": "58010 58020"}, {"time": ("2017-09-14T00:00:00", "2017-09-24T00:00:00")}),
        ({"target": "Lab 7"}, {"TARGETNAME": "Lab 7"}),
        ({"redshift": "0.1 0.2"}, {"REDSHIFT": "0.1/0.2"}),
        ({"signal_to_noise": "> 50"}, {"SNR": "50/"}),
    ],
)  # fmt: skip
def test_spectra_are_those_that_pyvo_gets(dachs, here, read, ours, theirs):
    url = f"{dachs.url}/spectra/q/ssa/ssap.xml?"
    rows, _ = read(SPECTRA.run(SsaParameters(access_url=url, **ours), here.context()))

    if "pos" in theirs:
        theirs = theirs | {"pos": SkyCoord(*theirs["pos"], unit="deg")}
        theirs = theirs | {"diameter": theirs["diameter"] * u.deg}
    if "band" in theirs:
        theirs = {"BAND": "4e-07/4.1e-07"}
    if "time" in theirs:
        theirs = {"TIME": "/".join(theirs["time"])}
    found = SSAService(url).search(**theirs).to_table()
    assert {row["ssa_pubDID"] for row in rows} == set(found["ssa_pubDID"])
    assert len(rows) == len(found) > 0


def test_spectra_become_items(dachs, here, read):
    url = f"{dachs.url}/spectra/q/ssa/ssap.xml?"
    table = SPECTRA.run(SsaParameters(access_url=url, target="Lab 7"), here.context())
    rows, _ = read(table)
    [item] = SPECTRA.to_items(table.columns, rows)

    assert item.publisher_did == "ivo://portal.test/~?spectra/7"
    assert (item.title, item.target_name) == ("Laboratory spectrum 7", "Lab 7")
    assert (item.s_ra, item.s_dec) == pytest.approx((42, -43.5))
    assert item.access_format == "application/fits"
    assert item.dataproduct_type == "spectrum"


@pytest.mark.parametrize("path", ["/images/q/sia/siap.xml", "/spectra/q/ssa/ssap.xml"])
def test_the_columns_can_be_asked_for(dachs, here, read, path):
    url = dachs.url + path
    if "siap" in path:
        table = OLD_IMAGES.run(Sia1Parameters(access_url=url, format="METADATA"), here.context())
    else:
        table = SPECTRA.run(SsaParameters(access_url=url, format="metadata"), here.context())

    assert len(table.columns) > 10
    assert read(table)[0] == []


@pytest.mark.parametrize(
    ("extra", "words"),
    [("POS=here", "POS|pos"), ("SIZE=wide", "SIZE|size")],
)
def test_the_words_of_a_spectrum_service_arrive(dachs, here, read, extra, words):
    url = f"{dachs.url}/spectra/q/ssa/ssap.xml?"
    parameters = SsaParameters(access_url=url, position="0 -50", extra=extra)
    with pytest.raises((UsageError, ServiceError), match=words):
        read(SPECTRA.run(parameters, here.context()))


def test_a_file_of_positions_asks_for_each(catalogue, here, read, tmp_path):
    path = tmp_path / "places.csv"
    path.write_text("name,ra,dec\nA,180,10\nB,0,-45\nnowhere,,\nC,350,80\n")
    here.uploads["positions"] = path
    table = CONE.run(
        ConeParameters(access_url=catalogue, positions=REFERENCE, radius=4), here.context()
    )
    rows, end = read(table)

    for number, ra, dec in ((1, 180, 10), (2, 0, -45), (4, 350, 80)):
        alone, _ = read(CONE.run(cone(catalogue, position=f"{ra} {dec}", radius=4), here.context()))
        own = [row["source_id"] for row in rows if row["upload_row"] == number]
        assert own == [row["source_id"] for row in alone]
    assert {row["upload_target"] for row in rows} == {"A", "B", "C"}
    assert ("PARTIAL", "1 of 4 positions failed") in end.infos


def test_a_server_that_stands_still_ends_with_the_time_out(dachs, catalogue, here):
    here.read_timeout = 1
    os.kill(dachs.pid, signal.SIGSTOP)
    try:
        with pytest.raises(TransientError, match="does not answer within 1 s"):
            CONE.run(cone(catalogue), here.context())
    finally:
        os.kill(dachs.pid, signal.SIGCONT)


def test_an_abort_ends_a_long_answer(catalogue, here):
    parameters = cone(catalogue, radius=180, maxrec=100_000)
    here.maxrec = 100_000
    timer = threading.Timer(0.05, here.abort)
    timer.start()
    try:
        with pytest.raises(AbortedError):
            read_again_and_again(parameters, here)
    finally:
        timer.join()


def read_again_and_again(parameters, job):
    for _ in range(50):
        for part in CONE.run(parameters, job.context()).batches:
            assert isinstance(part, pa.RecordBatch | TableEnd)

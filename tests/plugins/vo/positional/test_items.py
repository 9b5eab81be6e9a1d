"""What goes into a basket from images and spectra."""

import pytest

from portal.plugins import Column
from portal_vo.positional.scs import ConeQuery
from portal_vo.positional.sia1 import Sia1Query
from portal_vo.positional.sia2 import Sia2Query
from portal_vo.positional.ssa import SsaQuery

FITS = "https://x.example.org/a.fits"


def text(name, **more):
    return Column(name=name, arraysize="*", **more)


def number(name, **more):
    return Column(name=name, datatype="double", **more)


def item(kind, cells):
    columns = [column for column, _ in cells]
    row = {column.name: value for column, value in cells}
    [made] = kind(most_positions=1).to_items(columns, [row])
    return made


def test_an_image_of_sia_1_is_known_by_its_ucds():
    made = item(
        Sia1Query,
        [
            (text("t", ucd="VOX:Image_Title"), "Deep field"),
            (number("a", ucd="POS_EQ_RA_MAIN"), 10.5),
            (number("b", ucd="POS_EQ_DEC_MAIN"), -3.0),
            (text("f", ucd="VOX:Image_Format"), "image/fits"),
            (Column(name="s", datatype="int", ucd="VOX:Image_FileSize"), 2_500_000),
            (text("u", ucd="VOX:Image_AccessReference"), FITS),
        ],
    )

    assert (made.title, made.access_url, made.access_format) == ("Deep field", FITS, "image/fits")
    assert (made.s_ra, made.s_dec, made.access_estsize) == (10.5, -3.0, 2_500)
    assert made.dataproduct_type == "image"


@pytest.mark.parametrize("prefix", ["", "ssa:", "SSA:"])
@pytest.mark.parametrize("place", [[10.5, -3.0], "10.5 -3.0"])
def test_a_spectrum_is_known_by_its_utypes(prefix, place):
    made = item(
        SsaQuery,
        [
            (text("u", utype=f"{prefix}Access.Reference"), FITS),
            (text("f", utype=f"{prefix}Access.Format"), "application/fits"),
            (number("s", utype=f"{prefix}Access.Size"), 120.0),
            (text("d", utype=f"{prefix}Curation.PublisherDID"), "ivo://x?1"),
            (text("t", utype=f"{prefix}DataID.Title"), "Vega"),
            (text("n", utype=f"{prefix}Target.Name"), "alf Lyr"),
            (text("c", utype=f"{prefix}DataID.Collection"), "lab"),
            (text("p", utype=f"{prefix}Char.SpatialAxis.Coverage.Location.Value"), place),
        ],
    )

    assert (made.title, made.publisher_did, made.obs_collection) == ("Vega", "ivo://x?1", "lab")
    assert (made.access_url, made.access_format, made.access_estsize) == (
        FITS,
        "application/fits",
        120,
    )
    assert (made.s_ra, made.s_dec, made.target_name) == (10.5, -3.0, "alf Lyr")
    assert made.dataproduct_type == "spectrum"


def test_an_image_of_sia_2_has_the_names_of_obscore():
    made = item(
        Sia2Query,
        [
            (text("obs_publisher_did", utype="obscore:Curation.PublisherDID"), "ivo://x?2"),
            (text("dataproduct_type"), "cube"),
            (text("obs_id"), "o1"),
            (text("access_url", utype="obscore:Access.Reference"), FITS),
            (Column(name="access_estsize", datatype="long", unit="kbyte"), 7),
            (number("s_ra"), 1.0),
            (number("s_dec"), 2.0),
        ],
    )

    assert (made.publisher_did, made.dataproduct_type, made.obs_id) == ("ivo://x?2", "cube", "o1")
    assert (made.access_url, made.access_estsize, made.s_ra) == (FITS, 7, 1.0)


@pytest.mark.parametrize("place", [None, "", "nowhere", [1.0], "1 2 3"])
def test_a_place_that_cannot_be_read_is_none(place):
    column = text("p", utype="Char.SpatialAxis.Coverage.Location.Value")

    assert item(SsaQuery, [(column, place)]).s_ra is None


def test_a_row_of_a_catalogue_is_an_object():
    made = item(
        ConeQuery,
        [
            (text("id", ucd="meta.id;meta.main"), "x1"),
            (number("ra", ucd="pos.eq.ra;meta.main"), 1.0),
            (number("dec", ucd="pos.eq.dec;meta.main"), 2.0),
        ],
    )

    assert (made.title, made.s_ra, made.dataproduct_type) == ("x1", 1.0, None)

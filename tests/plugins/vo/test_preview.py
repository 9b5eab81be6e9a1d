"""Looking at FITS files, made here, as a service sends them."""

import gzip

import numpy as np
import pytest
from astropy.io import fits

from portal.plugins import UsageError
from portal.plugins import write_png
from tests.support.fits_files import as_bytes
from tests.support.fits_files import pixels
from tests.support.fits_files import RAMP
from tests.support.fits_files import sky_header


def test_a_picture_is_written_as_a_png_that_others_read():
    greys = np.random.default_rng(1).integers(0, 256, (5, 7), np.uint8)

    assert (pixels(write_png(greys)) == greys).all()


def test_an_image_is_drawn_with_its_first_row_below(look):
    title, seen, _ = look(as_bytes(fits.PrimaryHDU(RAMP, sky_header())), stretch="linear",
                          interval="minmax")  # fmt: skip

    assert seen.shape == (192, 256)
    assert (seen[0, -1], seen[-1, 0]) == (255, 0)
    assert title.startswith("HDU 0: 64 by 48 pixels; 0 to 3071 (minmax, linear); 4 arcsec a pixel")
    assert title.endswith("4.27 arcmin by 3.2 arcmin, north is up")


@pytest.mark.parametrize(
    ("angle", "words"),
    [(30, "30° to the right of up"), (-90, "90° to the left of up"), (180, "down")],
)
def test_where_north_is_stands_with_the_picture(look, angle, words):
    title, *_ = look(as_bytes(fits.PrimaryHDU(RAMP, sky_header(angle))))

    assert f"north is {words}" in title


@pytest.mark.parametrize("stretch", ["asinh", "linear", "log", "sqrt"])
@pytest.mark.parametrize("interval", ["zscale", "percentile", "minmax"])
def test_every_way_to_look_goes_from_black_to_white(look, stretch, interval):
    _, seen, _ = look(as_bytes(fits.PrimaryHDU(RAMP)), stretch=stretch, interval=interval)

    assert (seen.min(), seen.max()) == (0, 255)


def test_the_headers_of_all_hdus_are_rows(look):
    second = fits.ImageHDU(RAMP, name="SCI")
    second.header["EXPTIME"] = (12.5, "[s] exposure")
    second.header["DEAD"] = True
    primary = fits.PrimaryHDU()
    primary.header["HISTORY"] = "made here"
    title, _, rows = look(as_bytes(primary, second))

    assert {row["hdu"] for row in rows} == {0, 1}
    found = {(row["extension"], row["keyword"]): (row["value"], row["comment"]) for row in rows}
    assert found["IMAGE SCI", "EXPTIME"] == ("12.5", "[s] exposure")
    assert found["IMAGE SCI", "DEAD"][0] == "T"
    assert found["PRIMARY", "HISTORY"][0] == "made here"
    assert title.startswith("HDU 1 (SCI): 64 by 48")


def test_of_a_cube_the_middle_plane_is_shown_or_the_one_asked_for(look):
    cube = np.stack([RAMP * 0 + number for number in range(5)]) + RAMP / 1e4
    content = as_bytes(fits.PrimaryHDU(cube[:, None].astype(np.float32)))

    middle, *_ = look(content)

    assert "plane 3 of 5; 2 to 2.307" in middle


def test_a_plane_may_be_chosen_and_must_be_there(look, job):
    content = as_bytes(fits.PrimaryHDU(np.stack([RAMP, RAMP + 9000])))

    assert "plane 2 of 2" in look(content, plane=2)[0]
    with pytest.raises(UsageError, match="planes 1 to 2"):
        look(content, plane=3)


@pytest.mark.parametrize("hdu", ["1", "sci"])
def test_an_hdu_is_chosen_by_number_or_name(look, hdu):
    content = as_bytes(fits.PrimaryHDU(RAMP), fits.ImageHDU(RAMP, name="SCI"))

    assert look(content, hdu=hdu)[0].startswith("HDU 1 (SCI)")


@pytest.mark.parametrize(
    ("hdu", "words"), [("7", "has no HDU 7: they are 0 to 1"), ("ERR", "has no HDU ERR"),
                       ("9999999999", "has no HDU"), ("1", "HDU 1 of this file is no image")]
)  # fmt: skip
def test_an_hdu_that_is_not_there_is_said(look, hdu, words):
    table = fits.BinTableHDU.from_columns([fits.Column("a", "J", array=[1])])

    with pytest.raises(UsageError, match=words):
        look(as_bytes(fits.PrimaryHDU(RAMP), table), hdu=hdu)


@pytest.mark.parametrize("compression", ["RICE_1", "GZIP_2", "PLIO_1", "HCOMPRESS_1"])
def test_a_tile_compressed_image_is_shown(look, compression):
    data = (RAMP % 250).astype(np.int16)
    hdu = fits.CompImageHDU(data, compression_type=compression, name="SCI")

    title, seen, _ = look(as_bytes(fits.PrimaryHDU(), hdu), interval="minmax")

    assert title.startswith("HDU 1 (SCI): 64 by 48 pixels; 0 to 249")
    assert seen.shape == (192, 256)


def test_integers_are_scaled_and_blanks_have_no_value(look):
    hdu = fits.PrimaryHDU(RAMP.astype(np.int16))
    raw = bytearray(as_bytes(hdu))
    lines = ("BSCALE  = 0.5", "BZERO   = 100.0", "BLANK   = 0", "BUNIT   = 'Jy/beam '", "END")
    cards = "".join(line.ljust(80) for line in lines).encode()
    end = raw.index(b"END" + b" " * 77)
    raw[end : end + len(cards)] = cards

    title, seen, _ = look(bytes(raw), interval="minmax", stretch="linear")

    assert "; 100.5 to 1636 Jy/beam (minmax, linear)" in title
    assert seen[-1, 0] == 0


def test_unsigned_integers_are_what_they_mean(look):
    title, *_ = look(
        as_bytes(fits.PrimaryHDU((RAMP + 40_000).astype(np.uint16))), interval="minmax"
    )

    assert "40000 to 43071" in title.replace("4e+04", "40000").replace("4.307e+04", "43071")


@pytest.mark.parametrize(
    ("value", "words"),
    [(np.nan, "no pixel has a value"), (np.inf, "no pixel has a value"),
     (7.0, "all pixels have the same value")],
)  # fmt: skip
def test_an_image_without_anything_to_see_says_so(look, value, words):
    title, seen, _ = look(as_bytes(fits.PrimaryHDU(np.full((16, 16), value, np.float32))))

    assert words in title
    assert len(set(seen.ravel().tolist())) == 1


def test_holes_are_black_and_do_not_spoil_the_rest(look):
    data = RAMP.copy()
    data[:10, :10] = np.nan
    data[20, 20] = np.inf

    _, seen, _ = look(as_bytes(fits.PrimaryHDU(data)), interval="minmax")

    assert seen[-1, 0] == 0
    assert seen[0, -1] == 255


@pytest.mark.slow
def test_a_large_image_is_made_smaller(look):
    data = np.zeros((2_100, 4_200), np.float32)
    data[:, 2_100:] = 1

    title, seen, _ = look(as_bytes(fits.PrimaryHDU(data)), stretch="linear", interval="minmax")

    assert "4,200 by 2,100 pixels" in title
    assert seen.shape == (420, 840)
    assert (seen[:, 0] == 0).all()
    assert (seen[:, -1] == 255).all()


def test_a_very_long_image_is_squeezed(look):
    _, seen, _ = look(as_bytes(fits.PrimaryHDU(np.random.default_rng(1).random((8, 40_000)))))

    assert seen.shape == (8, 1_000)


@pytest.mark.slow
def test_a_huge_header_is_read(look):
    lines = ["SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 4", "NAXIS2  = 4"]
    lines += [f"K{number:<7}= {number}" for number in range(9_000)]
    cards = "".join(line.ljust(80) for line in [*lines, "END"]).encode()
    header = cards.ljust(-(-len(cards) // 2880) * 2880)

    _, _, rows = look(header + bytes(range(16)).ljust(2880, b"\0"))

    assert len(rows) == 9_005


def test_a_gzipped_file_is_unpacked(look):
    title, *_ = look(gzip.compress(as_bytes(fits.PrimaryHDU(RAMP))))

    assert title.startswith("HDU 0")


def test_a_file_without_an_image_gives_its_headers(look, job):
    table = fits.BinTableHDU.from_columns([fits.Column("a", "J", array=[1])])

    title, _, rows = look(as_bytes(fits.PrimaryHDU(), table))

    assert title is None
    assert any(row["value"] == "BINTABLE" for row in rows)
    assert "no image" in job.lines[-1]

"""Looking at FITS files, made here, as a service sends them."""

import contextlib
import gzip
import io
import random
import struct
import zlib

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from portal.plugins import ServiceError
from portal.plugins import UsageError
from portal_vo.preview.job import PreviewParameters
from portal_vo.preview.job import PreviewQuery
from portal_vo.preview.look import Look
from portal_vo.preview.picture import look_at
from portal_vo.preview.png import write_png

RAMP = np.arange(48 * 64, dtype=np.float32).reshape(48, 64)


def sky_header(angle=0.0):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval, wcs.wcs.crpix = [180.0, 40.0], [32, 24]
    wcs.wcs.cdelt = [-4 / 3600, 4 / 3600]
    turn = np.radians(angle)
    wcs.wcs.pc = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    return wcs.to_header()


def as_bytes(*hdus):
    buffer = io.BytesIO()
    fits.HDUList(list(hdus)).writeto(buffer, output_verify="ignore")
    return buffer.getvalue()


@pytest.fixture
def look(server, job):
    """Return a function that looks at a file, and gives the title, the pixels and the headers."""

    def look(content, *, max_bytes=50_000_000, content_type="application/fits", **parameters):
        server.routes["/a.fits"] = lambda exchange: exchange.answer(
            content, content_type=content_type
        )
        job.max_bytes = 100_000_000
        query = PreviewQuery(max_bytes)
        asked = PreviewParameters(access_url=f"{server.url}/a.fits", **parameters)
        context = job.context()
        with context.http:
            table = query.run(asked, context)
        rows = [row for batch in table.batches for row in getattr(batch, "to_pylist", list)()]
        file = job.files.get("preview")
        return (file.title, pixels(file.path.read_bytes()), rows) if file else (None, None, rows)

    return look


def pixels(png):
    """Read a grey PNG whose lines are all filtered by "up"."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, data, size = 8, b"", (0, 0)
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + body) == struct.unpack(">I", png[at + 8 + length :][:4])[0]
        if kind == b"IHDR":
            size = struct.unpack(">II", body[:8])
        data += body if kind == b"IDAT" else b""
        at += 12 + length
    lines = np.frombuffer(zlib.decompress(data), np.uint8).reshape(size[1], size[0] + 1)
    return np.cumsum(lines[:, 1:], axis=0, dtype=np.uint8)


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


def test_a_gzip_bomb_goes_no_further_than_the_limit(look, job):
    bomb = gzip.compress(bytes(30_000_000))

    with pytest.raises(UsageError, match="larger than 1 MB"):
        look(bomb, max_bytes=1_000_000)
    assert sum(path.stat().st_size for path in job.data_dir.iterdir()) < 3_000_000


def test_a_file_that_is_too_large_is_not_even_begun(look, job):
    with pytest.raises(UsageError, match=r"larger than 0 MB|larger than 1 MB"):
        look(as_bytes(fits.PrimaryHDU(np.zeros((600, 600), np.float32))), max_bytes=1_000_000)
    assert not (job.data_dir / "fetched").exists()


@pytest.mark.parametrize("cut", [100, 2_880, 3_000, 10_000])
def test_a_truncated_file_says_so(look, cut):
    with pytest.raises(UsageError, match=r"cut|damaged"):
        look(as_bytes(fits.PrimaryHDU(RAMP))[:cut])


def test_a_truncated_gzip_says_so(look):
    with pytest.raises(ServiceError, match="cut on its way"):
        look(gzip.compress(as_bytes(fits.PrimaryHDU(RAMP)))[:-300])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            b"<!DOCTYPE html><html><body>Please <b>log in</b></body></html>",
            "web page; it says: Please log in",
        ),
        (b'<?xml version="1.0"?><VOTABLE version="1.3"></VOTABLE>', "a VOTable"),
        (b"Error: no such file", "text; it says: Error: no such file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "no FITS file"),
        (b"\0" * 5_000, "no FITS file"),
        (b"", "no FITS file"),
    ],
)
def test_what_is_no_fits_file_is_refused_whatever_it_is_called(look, content, words):
    with pytest.raises(UsageError, match=words):
        look(content, content_type="image/png")


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"NAXIS1  =                   64", b"NAXIS1  = 'what'              "),
        (b"BITPIX  =                  -32", b"BITPIX  =                   17"),
        (b"NAXIS1  =                   64", b"NAXIS1  =  9999999999999999999"),
    ],
)
def test_a_damaged_header_says_so(look, good, bad):
    content = as_bytes(fits.PrimaryHDU(RAMP))
    assert good in content

    with pytest.raises(UsageError, match=r"damaged|was cut"):
        look(content.replace(good, bad))


def test_a_file_without_an_image_gives_its_headers(look, job):
    table = fits.BinTableHDU.from_columns([fits.Column("a", "J", array=[1])])

    title, _, rows = look(as_bytes(fits.PrimaryHDU(), table))

    assert title is None
    assert any(row["value"] == "BINTABLE" for row in rows)
    assert "no image" in job.lines[-1]


def test_a_refusal_comes_in_the_words_of_the_service(look, server, job):
    server.routes["/b.fits"] = lambda exchange: exchange.answer(
        "This file is proprietary until 2030", status=403, content_type="text/plain"
    )
    asked = PreviewParameters(access_url=f"{server.url}/b.fits")

    with pytest.raises(ServiceError, match="proprietary until 2030"):
        PreviewQuery(1_000_000).run(asked, job.context())


def test_private_addresses_are_not_looked_at(job):
    job.allow = frozenset()

    with pytest.raises(UsageError, match="private network"):
        PreviewQuery(1_000_000).run(
            PreviewParameters(access_url="http://127.0.0.1:9/a.fits"), job.context()
        )


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_shown_or_refused_and_never_more(job, seed):
    chance = random.Random(seed)
    hdu = fits.CompImageHDU(RAMP, compression_type=chance.choice(["RICE_1", "GZIP_2"]))
    content = bytearray(as_bytes(chance.choice([fits.PrimaryHDU(RAMP), fits.PrimaryHDU()]), hdu))
    for _ in range(chance.choice([1, 5, 50])):
        content[chance.randrange(len(content))] = chance.choice(b"0123456789TF' -E.=\0\xff")
    path = job.data_dir / "damaged.fits"
    path.write_bytes(content)

    with contextlib.suppress(UsageError):
        look_at(path, Look(), job.context())

"""FITS files that are damaged, cut, hostile or none at all, as a service sends them."""

import contextlib
import gzip
import random

import numpy as np
import pytest
from astropy.io import fits

from portal.plugins import ServiceError
from portal.plugins import UsageError
from portal_vo.preview.job import PreviewParameters
from portal_vo.preview.job import PreviewQuery
from portal_vo.preview.look import Look
from portal_vo.preview.picture import look_at
from tests.support.fits_files import as_bytes
from tests.support.fits_files import RAMP

pytestmark = pytest.mark.slow  # every file damaged in many ways


def test_a_gzip_bomb_goes_no_further_than_the_limit(look, job):
    bomb = gzip.compress(bytes(30_000_000))

    with pytest.raises(UsageError, match="larger than 1 MB"):
        look(bomb, max_bytes=1_000_000)
    assert sum(path.stat().st_size for path in job.data_dir.iterdir()) < 3_000_000


def test_a_file_that_is_too_large_is_not_even_begun(look, job):
    with pytest.raises(UsageError, match="larger than 1 MB"):
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

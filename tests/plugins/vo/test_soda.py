"""Cut-outs: what a service gets, and what becomes of what it sends."""

import hashlib
import io

import numpy as np
import pytest
from astropy.io import fits
from pydantic import ValidationError

from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins.testing import check_abort
from portal.plugins.testing import check_query
from portal_vo.datalink import dali
from portal_vo.datalink.descriptors import Input
from portal_vo.datalink.descriptors import read_descriptors
from portal_vo.datalink.prefilled import cutout_link
from portal_vo.datalink.soda import asked_of
from portal_vo.datalink.soda import SodaParameters
from portal_vo.datalink.soda import SodaQuery
from tests.support.datalink_service import error
from tests.support.datalink_service import links
from tests.support.datalink_service import soda


def image():
    buffer = io.BytesIO()
    fits.PrimaryHDU(np.arange(400, dtype=np.float32).reshape(20, 20)).writeto(buffer)
    return buffer.getvalue()


@pytest.fixture
def cut(server, job, read):
    """Return a function that has something cut out, and gives the row about it."""

    def cut(content=b"", *, max_preview_bytes=1_000_000, answer=None, **parameters):
        def route(exchange):
            (answer or (lambda one: one.answer(content, content_type="application/fits")))(exchange)

        server.routes["/cut"] = route
        asked = SodaParameters(access_url=f"{server.url}/cut", **parameters)
        context = job.context()
        with context.http:
            [row], _ = read(SodaQuery(max_preview_bytes).run(asked, context))
        return row

    return cut


def test_the_query_keeps_the_contract(job):
    check_query(SodaQuery(1))
    check_abort(SodaQuery(1), SodaParameters(access_url="http://127.0.0.1:9/"), job)


def test_a_cut_out_image_is_a_file_and_a_picture_and_a_row(cut, job, server):
    row = cut(image(), id="ivo://x/1", circle="180 40 6 arcmin", pol="I q", further="KIND=DATA\n")

    assert server.requests[-1].query == (
        "ID=ivo%3A%2F%2Fx%2F1&CIRCLE=180+40+0.1&POL=I&POL=Q&KIND=DATA"
    )
    assert row["access_url"].endswith(server.requests[-1].query)
    assert (row["content_type"], row["content_length"]) == ("application/fits", len(image()))
    assert row["checksum"] == hashlib.sha256(image()).hexdigest()
    assert list(job.files) == ["preview", "cutout"]
    assert job.files["cutout"].path.read_bytes() == image()
    assert job.files["cutout"].title == "Cut-out of ivo://x/1"
    assert job.files["preview"].title.startswith("HDU 0: 20 by 20 pixels")


def test_a_cut_out_that_cannot_be_shown_is_kept(cut, job):
    cut(image()[:2_900], circle="180 40 0.1")

    assert list(job.files) == ["cutout"]
    assert "cannot be shown" in job.lines[-1]


def test_a_cut_out_that_is_too_large_to_be_shown_is_kept(cut, job):
    cut(image(), circle="180 40 0.1", max_preview_bytes=100)

    assert list(job.files) == ["cutout"]


@pytest.mark.parametrize(
    ("content", "claimed", "kept_as"),
    [
        (links({"ID": "a"}).encode(), "text/html", "application/x-votable+xml"),
        (b"a,b\n1,2\n", "image/png", "text/plain"),
        (b"\x00\x01\x02", "image/png", "application/octet-stream"),
        (b"\x00\x01\x02", "application/pdf", "application/pdf"),
        (b"\x00\x01\x02", "text/html; charset=x", "text/html"),
    ],
)
def test_a_file_is_what_is_in_it_whatever_it_is_called(cut, job, content, claimed, kept_as):
    def answer(exchange):
        exchange.answer(
            content, content_type=claimed,
            content_disposition='attachment; filename="../../../etc/cron.d/x"',
        )  # fmt: skip

    row = cut(answer=answer)

    assert row["content_type"] == kept_as
    assert job.files["cutout"].path == job.data_dir / "cutout"


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (204, b"", UsageError, "does not reach it"),
        (200, b"", ServiceError, "empty file"),
        (400, b"UsageError: CIRCLE is outside", UsageError, "CIRCLE is outside"),
        (200, b"UsageError: CIRCLE is outside", UsageError, "CIRCLE is outside"),
        (200, b"ServiceUnavailable: try again in an hour", TransientError, "try again"),
        (503, b"busy", TransientError, "busy"),
        (401, b"who are you", ServiceError, "login"),
        (200, b"<html><title>x</title><body>Log in first</body></html>", ServiceError, "Log in"),
        (200, error("no such ID").encode(),
         UsageError, "no such ID"),
    ],
)  # fmt: skip
def test_errors_come_in_the_words_of_the_service(cut, job, status, body, kind, words):
    with pytest.raises(kind, match=words):
        cut(answer=lambda exchange: exchange.answer(body, status=status, content_type="text/plain"))

    assert job.files == {}


def test_more_than_the_portal_accepts_is_not_kept(cut, job):
    job.max_bytes = 10_000

    with pytest.raises(ServiceError, match="larger than"):
        cut(b"\0" * 100_000)
    assert job.files == {}


def test_private_addresses_are_not_asked(job):
    job.allow = frozenset()

    with pytest.raises(UsageError, match="private network"):
        SodaQuery(1).run(SodaParameters(access_url="http://127.0.0.1:9/cut"), job.context())


@pytest.mark.parametrize(
    ("check", "given", "sent"),
    [
        (dali.check_circle, "180 40 0.1", "180 40 0.1"),
        (dali.check_circle, "180, 40, 30arcsec", "180 40 0.00833333333333"),
        (dali.check_circle, "180 -40 6'", "180 -40 0.1"),
        (dali.check_polygon, "1 2 3 4 5 6", "1 2 3 4 5 6"),
        (dali.check_pos, "circle 1 2 3", "CIRCLE 1 2 3"),
        (dali.check_pos, "RANGE 1 2 3 4", "RANGE 1 2 3 4"),
        (dali.check_pos, "Polygon 1 2 3 4 5 6", "POLYGON 1 2 3 4 5 6"),
        (dali.check_band, "0.21", "0.21"),
        (dali.check_band, "0.21 0.22", "0.21 0.22"),
        (dali.check_band, "500 600 nm", "5e-07 6e-07"),
        (dali.check_band, "1.4 1.3 GHz", "0.21413747 0.230609583077"),
        (dali.check_band, "-Inf 0.3", "-Inf 0.3"),
        (dali.check_band, "0.3 +Inf", "0.3 +Inf"),
        (dali.check_band, "1 +inf", "1 +Inf"),
        (dali.check_band, "2 keV", "6.19920992028e-10"),
        (dali.check_time, "58000 58001.5", "58000 58001.5"),
        (dali.check_time, "58000 d", "58000"),
    ],
)
def test_regions_are_sent_in_the_units_of_soda(check, given, sent):
    assert check(given) == sent


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("circle", "180 40", "a circle is"),
        ("circle", "400 40 1", "right ascension is"),
        ("circle", "180 95 1", "declination"),
        ("circle", "180 40 -1", "larger than 0"),
        ("circle", "180 40 200", "at most 180"),
        ("circle", "180 40 1 m", "unit m cannot"),
        ("circle", "180 40 nan", "write numbers"),
        ("circle", "M31", "write numbers"),
        ("polygon", "1 2 3 4", "three corners"),
        ("polygon", "1 2 3 4 5", "three corners"),
        ("pos", "BOX 1 2 3 4", "begin with CIRCLE"),
        ("pos", "RANGE 2 1 3 4", "smaller of each pair"),
        ("band", "1 2 3", "one wavelength or two"),
        ("band", "0 1", "larger than 0"),
        ("band", "1 2 furlong", "a unit such as"),
        ("time", "58001 58000", "earlier first"),
        ("pol", "I A", "polarization states are"),
        ("further", "KIND", "write NAME=value"),
        ("further", "A B=1", "write NAME=value"),
    ],
)
def test_what_no_service_understands_is_said_at_the_form(name, value, words):
    with pytest.raises(ValidationError, match=words):
        SodaParameters(access_url="http://a.example/", **{name: value})


def test_the_form_is_filled_in_with_what_the_service_declares():
    [service], _ = read_descriptors(links(after=soda("http://a.example/cut")))

    link = cutout_link(service.access_url, service.inputs)

    assert link.query_id == "query.soda"
    assert link.parameters == {
        "access_url": "http://a.example/cut",
        "id": "ivo://x/1",
        "circle": "180.0 40.0 0.5",
        "band": "0.2 0.22",
        "further": "KIND=DATA",
        "offers": "CIRCLE within 180 40 0.5 deg\nBAND 0.2 to 0.22 m\nKIND one of HEADER, DATA",
    }
    sent = asked_of(SodaParameters(**link.parameters))
    assert sent == [
        ("ID", "ivo://x/1"), ("CIRCLE", "180 40 0.5"), ("BAND", "0.2 0.22"), ("KIND", "DATA"),
    ]  # fmt: skip


def test_a_service_that_declares_too_much_still_has_a_form_with_an_address():
    inputs = [Input(name=f"P{number}", value="1", description="x" * 50) for number in range(100)]

    link = cutout_link("http://a.example/cut", inputs)

    assert max(map(len, link.parameters.values())) < 1_000
    assert link.parameters["offers"].startswith("P0: xxx")


def test_the_title_says_of_what_and_which_part():
    asked = SodaParameters(access_url="http://a.example/cut", id="ivo://x/1", circle="1 2 3")

    assert SodaQuery(1).job_title(asked) == "Cut-out: ivo://x/1, CIRCLE 1 2 3"
    assert SodaQuery(1).text(asked).splitlines()[-1] == "CIRCLE=1 2 3"

"""A MOC in a file becomes the text of a field."""

import io
from urllib.parse import parse_qs
from urllib.parse import quote_plus
from urllib.parse import urlsplit

import pytest
from astropy import units
from astropy.coordinates import Latitude
from astropy.coordinates import Longitude
from mocpy import MOC
from mocpy import TimeMOC

import portal_vo
from portal.archives import coverage

PAGE = "/archives/vo/pages/registry"
FORM = "/archives/vo/query.registry"
READ = f"/coverage?field=region&next={PAGE}"


@pytest.fixture
def plugins():
    return [("vo", portal_vo)]


def circle(radius=2.0, order=7):
    lon, lat = Longitude(10 * units.deg), Latitude(20 * units.deg)
    return MOC.from_cone(lon=lon, lat=lat, radius=radius * units.deg, max_depth=order)


def file_of(moc, kind, tmp_path):
    path = tmp_path / f"coverage.{kind}"
    moc.save(path, format="ascii" if kind == "txt" else kind)
    return path.read_bytes()


def send(client, content, *, fields=(), headers=None):
    data = {"region.moc": (io.BytesIO(content), "coverage.fits"), **dict(fields)}
    return client.post(READ, data=data, content_type="multipart/form-data", headers=headers)


@pytest.mark.parametrize("kind", ["fits", "json", "txt"])
def test_the_form_comes_back_as_it_was_with_the_coverage_of_the_file(client, tmp_path, kind):
    fields = {
        "keywords": "quasar & co",
        "waveband": ["radio", "x-ray"],
        "radius": "",
        "region": "old",
    }

    answer = send(client, file_of(circle(), kind, tmp_path), fields=fields)

    assert answer.status_code == 303
    address = urlsplit(answer.location)
    asked = parse_qs(address.query)
    assert address.path == PAGE
    [text] = asked.pop("region")
    assert asked == {"keywords": ["quasar & co"], "waveband": ["radio", "x-ray"]}
    assert MOC.from_string(text) == circle()


def test_a_page_that_is_live_is_led_to_the_address(client, tmp_path):
    headers = {"HX-Request": "true"}

    answer = send(client, file_of(circle(), "fits", tmp_path), headers=headers)

    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith(f"{PAGE}?region=")


def test_nobody_is_led_to_another_site(client, tmp_path):
    content = file_of(circle(), "json", tmp_path)
    data = {"region.moc": (io.BytesIO(content), "coverage.json")}

    answer = client.post("/coverage?field=region&next=//evil.example", data=data)

    assert answer.location.startswith("/?region=")


def test_a_large_coverage_gets_larger_cells_that_hold_it(client):
    fine = circle(radius=15, order=11)

    text = coverage.write_short(fine)

    assert len(quote_plus(text)) <= coverage.LONGEST
    short = MOC.from_string(text)
    assert short.max_order < 11
    assert fine.difference(short).empty()


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"SIMPLE  = T" + b" " * 3000, b"{", b'{"5": []}', b"5/99999999999", b"[1]"],
)
def test_what_is_no_coverage_is_refused_in_words(client, content):
    answer = send(client, content)

    assert answer.status_code == 400
    assert "MOC" in answer.text


def test_a_coverage_in_time_is_none_of_the_sky(client, tmp_path):
    content = file_of(TimeMOC.new_empty(20), "fits", tmp_path)

    assert send(client, content).status_code == 400


def test_a_form_without_a_file_says_that_one_is_missing(client):
    answer = client.post(READ, data={"keywords": "x"})

    assert answer.status_code == 400
    assert "Choose a file" in answer.text


def test_a_form_that_offers_to_read_a_file_is_sent_without_one(client):
    answer = client.post(FORM, data={"keywords": "quasar", "region": "", "region.moc": ""})

    assert answer.status_code == 303
    assert "/jobs/" in answer.location


def test_a_file_that_was_chosen_and_not_read_is_not_passed_over(client):
    answer = client.post(FORM, data={"keywords": "quasar", "region.moc": "survey.fits"})

    assert answer.status_code == 422
    assert "to have the file read" in answer.text
    assert 'value="quasar"' in answer.text

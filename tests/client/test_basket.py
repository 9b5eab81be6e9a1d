"""What the client makes of a basket, without a portal."""

import sys
from types import SimpleNamespace

import pytest

from portal_client.basket import Basket
from portal_client.basket import COLUMNS
from portal_client.downloads import _names
from portal_client.downloads import download_all

ITEM = dict.fromkeys(COLUMNS) | {"title": "M 31", "id": "1", "s_ra": 10.7}


class Answers:
    """A connection to a portal that has one item."""

    has_token = True

    def get(self, *_path, query=None):
        return {"count": 1, "items": [ITEM] if not query["offset"] else []}


def test_a_basket_becomes_a_data_frame_where_pandas_is_installed(monkeypatch):
    pandas = SimpleNamespace(DataFrame=lambda rows, columns: (rows, columns))
    monkeypatch.setitem(sys.modules, "pandas", pandas)

    assert Basket(Answers()).to_pandas() == ([ITEM], list(COLUMNS))


def test_without_pandas_the_basket_is_still_a_table(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(ImportError):
        Basket(Answers()).to_pandas()
    assert list(Basket(Answers()).to_astropy()["title"]) == ["M 31"]


def test_no_file_is_in_the_way_of_another_while_it_comes():
    ends = ("x.fits.part", "x.fits", "00004_y.fits", "1/y.fits", "2/y.fits")
    names = _names([{"access_url": f"https://x.example/{end}", "title": ""} for end in ends])

    on_disk = [name.casefold() + ending for name in names for ending in ("", ".part", ".tag")]
    assert len({*on_disk}) == len(on_disk)


def test_an_address_that_cannot_be_one_is_no_link(tmp_path):
    items = [{"access_url": url, "title": "a"} for url in ("http://[1]/x", None, "ftp://a/x")]

    assert download_all(items, tmp_path, parallel=1) == []


def test_files_get_plain_names_and_each_its_own():
    links = [
        ("https://x.example/a/x.fits", "A"),
        ("https://x.example/b/X.FITS", "B"),
        ("https://x.example/?id=1", "../../etc/passwd"),
        ("https://x.example/%2e%2e%2fsecret.fits", "C"),
        ("https://x.example/SHA256SUMS", "SHA256SUMS"),
        ("https://x.example/", "日本語"),
    ]

    names = _names([{"access_url": url, "title": title} for url, title in links])

    assert names == [
        *("x.fits", "00002_X.FITS", "etc_passwd", "secret.fits", "00005_SHA256SUMS", "file"),
    ]

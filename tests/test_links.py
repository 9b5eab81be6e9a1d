import pytest

from portal.links import safe_href
from portal.links import short_address
from portal.links import with_query


@pytest.mark.parametrize(
    "address",
    [
        "http://archive.example",
        "https://archive.example:8443/tap?query=a+b#x",
        "HTTPS://ARCHIVE.EXAMPLE/",
        "http://[2001:db8::1]:80/x",
        "http://127.0.0.1/x?next=//a@b\\c",
        "https://münchen.example/é",
        "http://archive.example/a b",
    ],
)
def test_a_whole_web_address_is_a_link(address):
    assert safe_href(address) == address


@pytest.mark.parametrize(
    "text", ["  http://a.example/ ", "ht\ntp://a.exa\tmple/\r", "\x00http://a.example/\x1f"]
)
def test_what_a_browser_drops_is_dropped(text):
    assert safe_href(text) == "http://a.example/"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain text",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "javascript://a.example/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "//evil.example",
        "/\\evil.example",
        "http:/evil.example",
        "http:evil.example",
        "http:\\\\evil.example",
        "https://good.example\\@evil.example/",
        "https://user:pass@evil.example/",
        "https://good.example@evil.example/",
        "https://",
        "https:///path",
        "https://?query",
        "http://a.exa\x01mple/",
        "http://a.example/\x7f",
        "http://a.example/\x00x",
        "ftp://a.example/",
        "file:///etc/passwd",
        "see http://a.example/",
        "http://[1]/",
        "http://a\u2100b.example/",
        "http://a.example:99999/",
        "http://-a.example /",
    ],
)
def test_anything_else_is_none(text):
    assert safe_href(text) is None


def test_a_short_address_is_shown_without_its_scheme():
    assert short_address("https://archive.example/file.fits") == "archive.example/file.fits"


def test_of_a_long_address_host_and_end_are_shown():
    address = "https://archive.example/data/2024/01/01/observation-000000000000001.fits"
    assert short_address(address) == "archive.example/…n-000000000000001.fits"[:17] + address[-24:]


def test_a_query_string_keeps_every_name_and_every_value():
    assert (
        with_query("/form", {"_anchor": "a&b", "x": ["1", "é"]})
        == "/form?_anchor=a%26b&x=1&x=%C3%A9"
    )
    assert with_query("/form", {}) == "/form"

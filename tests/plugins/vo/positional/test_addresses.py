import pytest

from portal_vo.positional.addresses import request_url

PAIRS = [("RA", "187.5"), ("DEC", "-12"), ("SR", "0.1")]
ASKED = "RA=187.5&DEC=-12&SR=0.1"


@pytest.mark.parametrize(
    ("access_url", "url"),
    [
        ("http://x.org/scs", f"http://x.org/scs?{ASKED}"),
        ("http://x.org/scs?", f"http://x.org/scs?{ASKED}"),
        ("http://x.org/scs?cat=II/246&", f"http://x.org/scs?cat=II/246&{ASKED}"),
        ("http://x.org/scs?cat=a&b=", f"http://x.org/scs?cat=a&b=&{ASKED}"),
        ("http://x.org/scs?cat=a&amp=1&", f"http://x.org/scs?cat=a&amp=1&{ASKED}"),
        ("http://x.org/scs?ra=1&cat=a&RA=2", f"http://x.org/scs?cat=a&{ASKED}"),
        ("http://x.org/scs#top", f"http://x.org/scs?{ASKED}"),
        ("http://x.org/a%20b/scs?c=%26", f"http://x.org/a%20b/scs?c=%26&{ASKED}"),
        (" http://x.org:8080/scs ", f"http://x.org:8080/scs?{ASKED}"),
    ],
)
def test_the_parameters_of_the_access_url_stay_in_front(access_url, url):
    assert request_url(access_url, PAIRS) == url


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("CIRCLE 1 2 3", "CIRCLE+1+2+3"),
        ("1 +Inf", "1+%2BInf"),
        ("1.5,-2", "1.5,-2"),
        ("a&b=c#d", "a%26b%3Dc%23d"),
        ("α", "%CE%B1"),
    ],
)
def test_values_cannot_become_something_else(value, written):
    assert request_url("http://x.org/", [("POS", value)]) == f"http://x.org/?POS={written}"


def test_a_parameter_may_come_several_times():
    assert request_url("http://x.org/?POL=V", [("POL", "I"), ("POL", "Q")]).endswith("?POL=I&POL=Q")

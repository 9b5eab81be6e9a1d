import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.credentials import service_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("archive.example.org", "archive.example.org"),
        (" Archive.Example.ORG ", "archive.example.org"),
        ("https://archive.example.org:8443/tap?x=1", "archive.example.org:8443"),
        ("archive.example.org/tap", "archive.example.org"),
        ("http://[::1]:8080/", "[::1]:8080"),
        ("zooniverse", "zooniverse"),
    ],
)
def test_a_service_is_a_host_or_an_id(text, name):
    assert service_name(text) == name


@pytest.mark.parametrize(
    "text", ["", "://", "-x", "a b", "https://user:pass@host/", "ä.example", "x" * 201, "a\nb"]
)
def test_anything_else_is_no_service(text):
    with pytest.raises(ValueError, match="name of the host"):
        service_name(text)


@given(st.text())
def test_a_service_is_its_own_name(text):
    try:
        name = service_name(text)
    except ValueError:
        return
    assert service_name(name) == name

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal_vo.words import blame
from portal_vo.words import LONGEST
from portal_vo.words import plain_text


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ('Incorrect ADQL query: Encountered "FORM". Was expecting: "FROM"', UsageError),
        ('Unknown column "foo" !', UsageError),
        ("1 unresolved identifiers: bar [l.1 c.8 - l.1 c.11]!", UsageError),
        ('relation "x" does not exist', UsageError),
        ("No such field known: column 'nope' could not be located in table metadata", UsageError),
        ("Too many queries at the moment", TransientError),
        ("The service is temporarily out of order", TransientError),
        ("Query timed out (took too long).", ServiceError),
        ("java.lang.NullPointerException", ServiceError),
        ("", ServiceError),
    ],
)  # fmt: skip
def test_words_tell_whose_fault_it_is(message, kind):
    error = blame(message)
    assert type(error) is kind
    assert error.message == message


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<html><head><title>x</title></head><body><h1>No</h1> entry</body></html>", "No entry"),
        ("<script>alert(1)</script>bad &amp; worse<!-- hidden -->", "bad & worse"),
        ("line\n  line", "line line"),
    ],
)
def test_pages_become_plain_text(markup, text):
    assert plain_text(markup) == text


@given(st.text(max_size=2_000))
def test_plain_text_is_one_short_line(markup):
    text = plain_text(markup)
    assert len(text) <= LONGEST
    assert "\n" not in text

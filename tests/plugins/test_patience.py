"""Waiting on behalf of a job, and what a service says of how long."""

import itertools

import pytest

from portal.plugins import growing_pauses
from portal.plugins import seconds_to_wait


def test_pauses_grow_up_to_the_longest():
    assert [*itertools.islice(growing_pauses(1, 3), 5)] == [1, 1.5, 2.25, 3, 3]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (None, None),
        ("", None),
        ("7", 7),
        ("²", None),
        ("-5", None),
        ("soon", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
    ],
)
def test_what_a_service_says_of_later_is_read_or_nothing(said, seconds):
    assert seconds_to_wait(said) == seconds

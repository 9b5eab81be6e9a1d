from datetime import datetime
from datetime import timedelta
from datetime import UTC

import pytest

from portal.display import ago


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=61), "1 minute ago"),
        (timedelta(minutes=59, seconds=30), "59 minutes ago"),
        (timedelta(hours=3, minutes=50), "3 hours ago"),
        (timedelta(days=1, seconds=1), "1 day ago"),
        (timedelta(days=40), "40 days ago"),
    ],
)
def test_the_age_of_something_is_one_number_in_words(passed, words):
    assert ago(datetime.now(UTC) - passed) == words

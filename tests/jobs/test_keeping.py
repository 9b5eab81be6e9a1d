import re
from datetime import datetime
from datetime import timedelta
from datetime import UTC

import pytest

from portal import config
from portal.jobs.keeping import chosen_time
from portal.jobs.keeping import keep_choices
from portal.problems import UsageError
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from tests.support.pages import text_of

NOW = datetime(2026, 1, 31, tzinfo=UTC)
YEAR = timedelta(days=365)


def days(*, kept, most=YEAR, **values):
    job = Job(destruction=NOW + timedelta(days=kept), **values)
    return [choice.days for choice in keep_choices(job, now=NOW, most=most)]


@pytest.mark.parametrize(
    ("kept", "most", "offered"),
    [
        (7, 365, [30, 90, 365]),
        (30, 365, [90, 365]),
        (29.5, 365, [90, 365]),
        (365, 365, []),
        (7, 60, [30, 60]),
        (7, 10, [10]),
        (7, 3650, [30, 90, 365]),
    ],
)
def test_only_what_is_longer_and_allowed_is_offered(kept, most, offered):
    assert days(kept=kept, most=timedelta(days=most)) == offered


def test_an_archived_job_is_not_kept_longer():
    assert days(kept=7, phase=ExecutionPhase.ARCHIVED) == []


@pytest.mark.parametrize("wanted", [None, 0, -1, 31, 10**9])
def test_what_is_not_offered_is_refused(wanted):
    job = Job(destruction=NOW)

    with pytest.raises(UsageError):
        chosen_time(keep_choices(job, now=NOW, most=YEAR), wanted)


@pytest.fixture
def settings(tmp_path):
    return config.load(instance=tmp_path / "instance", retention_days=10, max_retention_days=60)


def kept_until(page):
    return datetime.fromisoformat(re.search(r'kept until <time datetime="([^"]+)"', page)[1])


def test_a_job_is_kept_as_long_as_was_chosen_and_says_so(client, submit):
    url = submit()
    page = text_of(client.get(url))
    assert re.findall(r'<option value="(\d+)">', page) == ["30", "60"]

    assert client.post(f"{url}/keep", data={"days": "30"}).status_code == 303

    page = text_of(client.get(url))
    assert "The job is kept until" in page
    left = kept_until(page) - datetime.now(UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)
    assert re.findall(r'<option value="(\d+)">', page) == ["60"]


def test_a_job_that_is_kept_longest_says_that_it_cannot_be_longer(client, submit):
    url = submit()
    client.post(f"{url}/keep", data={"days": "60"})

    page = text_of(client.get(url))

    assert "This portal keeps them no longer." in page
    assert f'action="{url}/keep"' not in page


@pytest.mark.parametrize("wanted", ["365", "x", ""])
def test_nobody_keeps_a_job_longer_than_the_portal_does(client, submit, wanted):
    url = submit()
    before = kept_until(text_of(client.get(url)))

    assert client.post(f"{url}/keep", data={"days": wanted}).status_code == 400
    assert kept_until(text_of(client.get(url))) == before


def test_a_browser_is_remembered_as_long_as_a_job_may_be_kept(client, submit):
    submit()

    assert client.get_cookie("portal").expires > datetime.now(UTC) + timedelta(days=59)

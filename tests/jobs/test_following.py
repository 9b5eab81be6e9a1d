import pytest

from portal.db import clock
from portal.jobs import following


@pytest.fixture
def waits(app, monkeypatch):
    """Collect how long pages wait; nobody really does."""
    seconds = []

    def wait(_job_id, *, seconds: float, into=seconds, **_others):
        into.append(seconds)
        return True

    monkeypatch.setattr(app.extensions["watcher"], "wait", wait)
    return seconds


def test_the_page_of_a_job_that_was_just_made_waits_a_moment_for_a_fast_answer(
    client, submit, waits
):
    client.get(submit())

    assert waits == [following.FIRST_LOOK_SECONDS]


def test_the_page_of_a_job_that_takes_its_time_is_there_at_once(app, client, submit, write, waits):
    address = submit()
    with app.app_context():
        write(address, creation_time=clock() - following.JUST_MADE * 2)

    client.get(address)

    assert waits == []


@pytest.mark.parametrize("phase", ["PENDING", "HELD", "COMPLETED", "ERROR", "ABORTED"])
def test_the_page_of_a_job_that_does_not_change_by_itself_is_there_at_once(
    client, submit, write, waits, phase
):
    address = submit()
    write(address, phase=phase)

    client.get(address)

    assert waits == []


def test_a_fragment_waits_for_news_however_old_the_job_is(app, client, submit, write, waits):
    address = submit()
    with app.app_context():
        write(address, creation_time=clock() - following.JUST_MADE * 2, version=4)

    client.get(f"{address}?seen=4", headers={"HX-Request": "true"})
    client.get(f"{address}?seen=3", headers={"HX-Request": "true"})

    assert waits == [following.FOLLOW_SECONDS]

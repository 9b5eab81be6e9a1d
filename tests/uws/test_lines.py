import pytest

from portal.db import db
from portal.uws.lines import add_lines
from portal.uws.lines import count_lines
from portal.uws.lines import list_lines
from portal.uws.lines import note_attempt
from tests.uws.conftest import Greeting
from tests.uws.conftest import OWNER


@pytest.fixture
def job_id(service):
    job_id = service.create_job("hello", Greeting(), owner=OWNER)
    add_lines(job_id, [f"line {number}" for number in range(5)])
    db.session.commit()
    return job_id


def test_the_latest_lines_come_first_and_not_more_than_asked_for(job_id):
    lines = list_lines(job_id, owner=OWNER, last=3)

    assert [line.text for line in lines] == ["line 4", "line 3", "line 2"]
    assert count_lines(job_id, owner=OWNER) == 5


def test_somebody_elses_lines_are_not_told(job_id):
    assert list_lines(job_id, owner="b" * 32, last=3) == []
    assert count_lines(job_id, owner="b" * 32) == 0


def test_when_all_lines_are_kept_only_the_ends_of_attempts_are_added(job_id):
    add_lines(job_id, ["line"] * 1000)
    note_attempt(job_id, 1, "its worker was lost")
    add_lines(job_id, ["one", "two", "three"])
    db.session.commit()

    assert count_lines(job_id, owner=OWNER) == 1001
    texts = [line.text for line in list_lines(job_id, owner=OWNER, last=2)]
    assert texts == ["Attempt 1 ended: its worker was lost", "No further lines are kept."]

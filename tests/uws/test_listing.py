from datetime import datetime
from datetime import timedelta
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from portal.db import db
from portal.uws import listing
from portal.uws.listing import BOTTOM
from portal.uws.listing import count_jobs
from portal.uws.listing import JobFilter
from portal.uws.listing import list_jobs
from portal.uws.listing import list_page
from portal.uws.listing import list_references
from portal.uws.listing import Place
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from tests.uws.conftest import Greeting
from tests.uws.conftest import OWNER

STRANGER = "b" * 32
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def make(service):
    """Return a function that makes a job, with some values written into its row."""

    def make(name="world", *, owner=OWNER, run=False, **values):
        job_id = service.create_job("hello", Greeting(name=name), owner=owner, run=run)
        if values:
            db.session.execute(update(Job).where(Job.id == job_id).values(**values))
            db.session.commit()
        return job_id

    return make


def found(**filters):
    return [job.id for job in list_jobs(owner=OWNER, which=JobFilter(**filters))]


def ids(page):
    return [job.id for job in page.jobs]


def test_a_list_has_only_the_owners_jobs_newest_first(make):
    made = [make() for _ in range(3)]
    make(owner=STRANGER)

    assert found() == made[::-1]
    assert [job.id for job in list_jobs(owner=OWNER, last=1)] == [made[2]]
    assert [one.id for one in list_references(owner=OWNER)] == made[::-1]
    assert count_jobs(owner=OWNER) == 3


def test_a_list_can_be_narrowed_to_phases_and_types(make):
    pending, queued = make(), make(run=True)
    held = make(phase=ExecutionPhase.HELD, type="other")

    assert found(phases=[ExecutionPhase.QUEUED]) == [queued]
    assert found(phases=[ExecutionPhase.QUEUED, ExecutionPhase.HELD]) == [held, queued]
    assert found(types=["hello"]) == [queued, pending]
    assert found(types=[]) == []


def test_a_list_can_be_narrowed_to_the_time_between_two_instants(make):
    for hour in (-1, 1):
        make(creation_time=NOON + timedelta(hours=hour))
    at_noon = make(creation_time=NOON)

    assert found(after=NOON - timedelta(minutes=1), before=NOON + timedelta(minutes=1)) == [at_noon]
    assert at_noon not in found(after=NOON) + found(before=NOON)


def test_archived_jobs_and_parts_of_jobs_are_shown_when_asked_for(make):
    parent = make()
    archived = make(phase=ExecutionPhase.ARCHIVED)
    part = make(parent_id=parent)

    assert found(parts=False) == [parent]
    assert found() == [part, parent]
    assert found(phases=[ExecutionPhase.ARCHIVED]) == [archived]


@pytest.mark.parametrize("text", ["vela", "VELA x", "greet vela", "100%", "_1", "\\"])
def test_a_text_is_found_as_it_is_written_in_titles_and_parameters(make, text):
    make("Virgo 1000, A1")
    vela = make("Vela X-1 100% _1 \\")

    assert found(text=text) == [vela]


def test_a_text_in_somebody_elses_parameters_is_not_found(make):
    make("Vela", owner=STRANGER)

    assert found(text="vela") == []


def test_pages_hold_every_job_once_in_both_directions(make):
    made = [make(creation_time=NOON + timedelta(seconds=index // 3)) for index in range(10)]
    in_order = found()
    assert sorted(in_order) == sorted(made)

    first = list_page(owner=OWNER, size=4)
    second = list_page(owner=OWNER, size=4, older_than=first.older_than)
    third = list_page(owner=OWNER, size=4, older_than=second.older_than)
    assert ids(first) + ids(second) + ids(third) == in_order
    assert (first.newer_than, third.older_than) == (None, None)

    above = list_page(owner=OWNER, size=4, newer_than=third.newer_than)
    assert ids(above) == ids(second)
    assert ids(list_page(owner=OWNER, size=4, newer_than=above.newer_than)) == ids(first)


def test_the_last_page_is_read_from_the_end(make):
    made = [make() for _ in range(6)]

    last = list_page(owner=OWNER, size=4, newer_than=BOTTOM)

    assert ids(last) == made[3::-1]
    assert last.older_than is None
    assert last.newer_than is not None
    assert list_page(owner=OWNER, size=10, newer_than=BOTTOM).newer_than is None


def test_the_first_page_is_full_wherever_it_is_reached_from(make):
    made = [make() for _ in range(6)]
    place = Place.of(list_jobs(owner=OWNER)[1])

    page = list_page(owner=OWNER, size=4, newer_than=place)

    assert ids(page) == made[:1:-1]
    assert page.newer_than is None


def test_a_page_goes_on_where_a_deleted_job_was(service, make):
    made = [make() for _ in range(5)]
    place = list_page(owner=OWNER, size=2).older_than
    service.destroy_job(made[3], owner=OWNER)

    assert ids(list_page(owner=OWNER, size=2, older_than=place)) == [made[2], made[1]]


def test_very_many_jobs_are_not_counted_to_the_end(make, monkeypatch):
    monkeypatch.setattr(listing, "MOST_COUNTED", 2)
    for _ in range(4):
        make()

    assert count_jobs(owner=OWNER) == 3


@given(st.datetimes(timezones=st.just(UTC)), st.text("0123456789abcdef", max_size=32))
def test_a_place_is_read_back_as_it_was_written(time, job_id):
    place = Place(time, job_id)

    assert Place.read(str(place)) == place


@pytest.mark.parametrize(
    "text", ["", "x", "2026-01-31T12:00:00.000000", "2026-13-99T12:00:00.000000Zab"]
)
def test_what_is_no_place_is_none(text):
    assert Place.read(text) is None

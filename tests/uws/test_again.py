"""A part that brought nothing is asked again, in the job while it waits, else in one like it."""

from functools import partial

import pytest

from portal.db import db
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.uws.callers import ForbiddenError
from portal.uws.family import list_children
from portal.uws.gateway import ResultRecord
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase as P
from portal.uws.types import JobTypes
from tests.uws.conftest import Everybody
from tests.uws.conftest import HELLO
from tests.uws.conftest import HELLO_ALL
from tests.uws.conftest import OWNER
from tests.uws.test_family import at_once
from tests.uws.test_family import finish


@pytest.fixture
def types():
    return JobTypes([HELLO, HELLO_ALL])


@pytest.fixture
def parent(service):
    asked = Everybody(names=["Ada", "Bob", "Eve"])
    return service.create_job("hello.all", asked, owner=OWNER, run=True)


def job(job_id):
    db.session.rollback()
    return db.session.get(Job, job_id)


def fail(gateway, job_id):
    gateway.fail(gateway.claim(job_id), UsageError("It is closed on Mondays."))


def whole(service, gateway, parent):
    """Let the first part bring rows and the second fail, and the job end; return the parts."""
    first, second, third = list_children(parent)
    finish(gateway, first)
    fail(gateway, second)
    fail(gateway, third)
    finish(gateway, parent)
    return first, second, third


def titles(job_id):
    return [(job(one).title, job(one).phase) for one in list_children(job_id)]


def test_while_others_are_awaited_it_is_asked_in_its_place(service, gateway, parent, hinted):
    first, second, third = list_children(parent)
    fail(gateway, second)
    hinted.clear()

    assert service.ask_again(second, owner=OWNER) == parent

    assert titles(parent) == [
        ("Greet Ada", P.QUEUED), ("Greet Bob", P.QUEUED), ("Greet Eve", P.QUEUED),
    ]  # fmt: skip
    again = list_children(parent)[1]
    assert hinted == [again]
    assert job(second) is None
    for one in (first, again):
        finish(gateway, one)
    assert job(parent).phase == P.EXECUTING
    finish(gateway, third)
    assert [one.phase for one in gateway.children(gateway.claim(parent))] == ["COMPLETED"] * 3


def test_after_the_end_a_new_job_keeps_the_answers_of_the_others(
    service, gateway, parent, hinted, shared
):
    first, second, _ = whole(service, gateway, parent)
    token = job(first).results[0].token
    hinted.clear()

    new = service.ask_again(second, owner=OWNER, request_key="once")

    assert new != parent
    assert job(parent).phase == P.COMPLETED
    assert len(list_children(parent)) == 3
    assert titles(new) == [
        ("Greet Ada", P.COMPLETED), ("Greet Bob", P.QUEUED), ("Greet Eve", P.ERROR),
    ]  # fmt: skip
    kept, again, failed = list_children(new)
    assert hinted == [again]
    assert shared == [(first, kept, token)]
    assert job(failed).error_message == "It is closed on Mondays."
    finish(gateway, again)
    ended = gateway.children(gateway.claim(new))
    assert [(one.phase, len(one.results)) for one in ended] == [
        ("COMPLETED", 1), ("COMPLETED", 1), ("ERROR", 0),
    ]  # fmt: skip
    assert next(one.parameters for one in ended) == (("name", "Ada"),)


def test_a_double_click_makes_one_new_job(service, gateway, parent):
    _, second, _ = whole(service, gateway, parent)
    ask = partial(service.ask_again, second, owner=OWNER, request_key="once")
    assert ask() == ask()


def test_a_part_that_is_asked_eight_times_at_once_is_asked_once(app, service, gateway, parent):
    second = list_children(parent)[1]
    fail(gateway, second)
    db.session.rollback()

    def ask(_number):
        with app.app_context():
            try:
                return service.ask_again(second, owner=OWNER)
            except (ForbiddenError, NotFoundError):
                return None

    assert set(at_once([partial(ask, number) for number in range(8)]).values()) <= {parent, None}
    assert len(list_children(parent)) == 3


def test_nobody_elses_part_is_asked_again(service, gateway, parent):
    second = list_children(parent)[1]
    fail(gateway, second)
    with pytest.raises(NotFoundError):
        service.ask_again(second, owner="b" * 32)


def test_what_has_brought_rows_or_is_no_part_is_not_asked_again(service, gateway, parent):
    first, *_ = whole(service, gateway, parent)
    for one in (first, parent):
        with pytest.raises(ForbiddenError):
            service.ask_again(one, owner=OWNER)


def test_while_the_parts_are_put_together_one_has_to_wait(service, gateway, parent):
    first, second, third = list_children(parent)
    fail(gateway, second)
    finish(gateway, first)
    finish(gateway, third)
    held = gateway.claim(parent)
    with pytest.raises(ForbiddenError, match="in a moment"):
        service.ask_again(second, owner=OWNER)
    gateway.finish(held, [ResultRecord(name="result", mime_type="x", info={"rows": 1})])
    assert service.ask_again(second, owner=OWNER) != parent


def test_who_has_as_many_jobs_as_may_be_is_told_so(service, gateway, parent):
    _, second, _ = whole(service, gateway, parent)
    for _ in range(5):
        service.create_job("hello", HELLO.parameters(), owner=OWNER, run=True)
    with pytest.raises(ForbiddenError, match="unfinished"):
        service.ask_again(second, owner=OWNER)
    assert db.session.query(Job).count() == 9

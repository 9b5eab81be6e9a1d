"""Several programs of one person decide at once: one launch is made, on both databases."""

from threading import Barrier
from threading import Thread

import pytest
from sqlalchemy import select

from portal.db import db
from portal.uws.models import Job
from tests.analysis.planning.conftest import Program
from tests.support.instances import settings_in
from tests.support.planned import Hub
from tests.support.planned import plugin

pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peers)])
def settings(request, tmp_path):
    """Run every test of this file on both databases."""
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").url("portal")
    return settings_in(tmp_path, database_url=url)


@pytest.fixture
def plugins():
    return [("planned", plugin(Hub(), Hub("attic", "The attic", order=3)))]


def decide_at_once(app, program, decisions):
    """Send decisions in threads that begin together; return the statuses of the answers."""
    barrier = Barrier(len(decisions))
    statuses = [0] * len(decisions)

    def decide(at, offer, value):
        own = Program(app, program.headers)
        barrier.wait(10)
        statuses[at] = own.decide(offer, value).status_code

    threads = [Thread(target=decide, args=(at, *one)) for at, one in enumerate(decisions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return statuses


def count_launches(app):
    with app.app_context():
        return len(list(db.session.scalars(select(Job.id))))


def test_of_many_who_accept_at_once_one_wins(app, program):
    found = program.offers()["offers"]

    statuses = decide_at_once(app, program, [(found[at % 2], "ACCEPTED") for at in range(8)])

    assert sorted(statuses) == [200, *[409] * 7]
    assert count_launches(app) == 1
    assert sorted(map(program.phase, found)) == ["REJECTED", "WAITING"]


def test_what_is_rejected_as_it_is_accepted_is_one_of_both(app, program):
    first, _ = program.offers()["offers"]

    statuses = decide_at_once(app, program, [(first, "ACCEPTED"), (first, "REJECTED")] * 3)

    assert statuses.count(200) == 1
    is_launched = program.phase(first) == "WAITING"
    assert count_launches(app) == int(is_launched)


def test_many_who_cancel_at_once_end_it_once(app, program):
    first, _ = program.offers()["offers"]
    program.decide(first, "ACCEPTED")

    statuses = decide_at_once(app, program, [(first, "CANCELLED")] * 6)

    assert 200 in statuses
    assert set(statuses) <= {200, 409}
    assert program.phase(first) == "CANCELLED"
    assert count_launches(app) == 1

"""Copies next to the compute, made by a real Rucio server whose daemons the test plays."""

import re
import threading
import time

import pytest

from portal.plugins import AbortedError
from portal.plugins import ServiceError
from portal.plugins import UsageError
from portal.plugins.testing import read_result
from portal_rucio import following
from portal_rucio.rules import RuleParameters
from portal_rucio.rules import RuleQuery
from tests.plugins.rucio.conftest import run

pytestmark = [pytest.mark.peers, pytest.mark.slow]


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(following, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(following, "LONGEST_PAUSE", 0.05)


class Waiting(threading.Thread):
    """A job that waits for its copies, in a thread."""

    def __init__(self, lake, job, **parameters):
        super().__init__()
        self.job, self.rows, self.error = job, None, None
        self._query, self._parameters = RuleQuery(lake), RuleParameters(**parameters)
        self.start()

    def run(self):
        try:
            table = self._query.run(self._parameters, self.job.context())
            self.rows = read_result(table)[0]
        except Exception as error:
            self.error = error

    def until(self, message):
        give_up = time.monotonic() + 20
        while message not in self.job.messages:
            assert self.is_alive(), self.error
            assert time.monotonic() < give_up, self.job.messages
            time.sleep(0.02)


def states(rucio, name):
    return [one["state"] for one in rucio.rules() if one["name"] == name]


def test_copies_are_waited_for_file_by_file_and_listed_at_their_place(rucio, lake, ada):
    waiting = Waiting(lake, ada, did=["survey:dr1"], rse_expression="COMPUTE")
    waiting.until("1 of 2 files are at COMPUTE")
    assert rucio.end_transfers() == 1
    waiting.join(20)
    assert ada.reports[-1] == (1.0, "2 of 2 files are at COMPUTE")
    found = sorted((row["name"], row["rse"]) for row in waiting.rows)
    assert found == [("m31.fits", "COMPUTE"), ("m51.fits", "COMPUTE")]
    assert all("/COMPUTE/" in row["access_url"] for row in waiting.rows)


def test_what_is_there_already_needs_no_waiting_and_no_second_rule(rucio, lake, ada):
    first = run(RuleQuery(lake), ada, did=["survey:m31.fits"], rse_expression="COMPUTE")
    ada.checkpoints.clear()
    assert run(RuleQuery(lake), ada, did=["survey:m31.fits"], rse_expression="COMPUTE") == first
    assert len(states(rucio, "m31.fits")) == 1
    assert re.search(r"for survey:m31\.fits was there, and ends .* UTC$", ada.lines[-1])


def test_a_second_attempt_adopts_the_rule_of_the_first(rucio, lake, ada):
    waiting = Waiting(lake, ada, did=["survey:dr2"], rse_expression="COMPUTE")
    waiting.until("0 of 1 files are at COMPUTE")
    (rule,) = ada.checkpoints.values()
    ada.abort()
    waiting.join(20)
    assert isinstance(waiting.error, AbortedError)
    assert states(rucio, "dr2") == ["REPLICATING"]  # an abort leaves it
    ada.aborted.clear()
    rucio.end_transfers()
    run(RuleQuery(lake), ada, did=["survey:dr2"], rse_expression="COMPUTE")
    assert ada.checkpoints == {"rule-0": rule}
    assert len(ada.lines) == 1


def test_a_rule_that_gets_no_further_is_said_in_rucios_words(rucio, lake, ada):
    waiting = Waiting(lake, ada, did=["user.ada:notes.csv"], rse_expression="COMPUTE")
    waiting.until("0 of 1 files are at COMPUTE")
    rucio.end_transfers(succeed=False)
    waiting.join(20)
    assert isinstance(waiting.error, ServiceError)
    assert "user.ada:notes.csv is STUCK: no route to host" in waiting.error.message


@pytest.mark.parametrize(
    ("did", "place", "words"),
    [
        ("survey:nothing", "COMPUTE", "DataIdentifierNotFound"),
        ("survey:dr1", "NOWHERE", "RSE Expression resulted in an empty set"),
        ("survey:dr1", "COMPUTE'; DROP TABLE rules", "does not comply to RSE Expression syntax"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_rucios_words(lake, ada, did, place, words):
    with pytest.raises(UsageError, match=words):
        run(RuleQuery(lake), ada, did=[did], rse_expression=place)


def test_a_rule_needs_a_login_of_ones_own(lake, stranger):
    with pytest.raises(UsageError, match="in your own name"):
        run(RuleQuery(lake), stranger, did=["survey:dr1"], rse_expression="COMPUTE")

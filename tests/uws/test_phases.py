from itertools import product

import pytest

from portal.uws.phases import ABORTABLE
from portal.uws.phases import ExecutionPhase
from portal.uws.phases import sources
from portal.uws.phases import TERMINAL
from portal.uws.phases import TRANSITIONS


def test_every_phase_says_where_it_leads():
    assert set(TRANSITIONS) == set(ExecutionPhase)


@pytest.mark.parametrize("phase", sorted(TERMINAL - {ExecutionPhase.ARCHIVED}))
def test_an_ended_job_can_only_be_archived(phase):
    assert TRANSITIONS[phase] == {ExecutionPhase.ARCHIVED}


def test_whatever_has_not_ended_can_be_aborted():
    assert sources(ExecutionPhase.ABORTED) == ABORTABLE | {ExecutionPhase.UNKNOWN}


def test_sources_are_the_transitions_read_backwards():
    for start, target in product(ExecutionPhase, ExecutionPhase):
        assert (start in sources(target)) == (target in TRANSITIONS[start])

import sys
import threading
import time

import pytest

from portal.plugins import guard as guards
from portal.plugins.guard import Guard


def fail():
    raise RuntimeError("broken")


def test_an_answer_comes_through():
    assert Guard().call("a", lambda: 42, otherwise=0) == 42


@pytest.mark.parametrize("work", [fail, lambda: sys.exit(1)])
def test_what_is_raised_stays_inside_and_is_remembered(work):
    guard = Guard()

    assert guard.call("a", work, otherwise="nothing") == "nothing"
    assert "a" in guard.faults


def test_a_call_that_hangs_costs_its_budget_only():
    guard = Guard(budget=0.05)
    release = threading.Event()
    begun = time.monotonic()

    assert guard.call("a", release.wait, otherwise=None) is None
    assert time.monotonic() - begun < 5
    release.set()
    assert "did not answer" in guard.faults["a"]


def test_a_plugin_that_keeps_hanging_is_left_alone_and_others_are_not():
    guard = Guard(budget=0.02)
    release = threading.Event()
    for _ in range(guards.TIMEOUTS_BEFORE_PAUSE):
        guard.call("slow", release.wait, otherwise=None)
    calls = []

    guard.call("slow", lambda: calls.append("slow"), otherwise=None)
    guard.call("good", lambda: calls.append("good"), otherwise=None)
    release.set()

    assert calls == ["good"]

import os
import sys
import time

import pytest

from portal.plugins.discovery import installed
from portal.plugins.discovery import probe


def test_bundled_plugins_are_found_by_their_entry_points():
    names = [candidate.name for candidate in installed()]

    assert {"files", "vo"} <= set(names)
    assert names == sorted(names)


def test_a_plugin_can_be_switched_off():
    assert "vo" not in [candidate.name for candidate in installed(["vo"])]


def test_what_goes_well_in_a_child_has_no_reason_against_it():
    assert probe(lambda: None) is None


def fail():
    raise ImportError("no module named nothing")


@pytest.mark.parametrize(
    ("trial", "reason"),
    [
        (fail, "ImportError: no module named nothing"),
        (lambda: sys.exit(0), "called sys.exit"),
        (lambda: os._exit(0), "ended the process"),
        (lambda: os.kill(os.getpid(), 9), "ended the process"),
    ],
)
def test_what_goes_wrong_in_a_child_is_told(trial, reason):
    assert reason in (probe(trial) or "")


@pytest.mark.slow
def test_what_never_ends_is_ended():
    begun = time.monotonic()

    assert "did not finish" in (probe(lambda: time.sleep(60), seconds=0.5) or "")
    assert time.monotonic() - begun < 30

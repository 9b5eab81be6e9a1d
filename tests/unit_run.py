"""How `make test-unit` runs: less talk between processes, no tidying up of what ends anyway.

For runs with `-p tests.unit_run` only: of a test that passed, other plugins see one report.
"""

import atexit
import gc
import os
import sys

import pytest
from _pytest.runner import runtestprotocol

gc.disable()  # tests/conftest.py enables it when all tests are collected


def pytest_configure(config: pytest.Config) -> None:
    """Let a worker of xdist, which has told everything, end without freeing every object."""
    if hasattr(config, "workerinput"):
        atexit.register(_leave, os.getpid())


def _leave(worker: int) -> None:
    if os.getpid() == worker:  # and no process that a test made
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Report a test that passed once instead of five times; any other as usual."""
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if all(report.passed for report in reports):
        total = sum(report.duration for report in reports)
        reports = [report for report in reports if report.when == "call"]
        reports[0].duration = total
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    return True

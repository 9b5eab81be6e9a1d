"""Under CI a skipped test fails: there everything is installed, so a skip is a hole."""

import os
from collections.abc import Generator

import pytest

MESSAGE = "skipped, which CI does not allow: "


def _refuse(report):
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = MESSAGE + str(report.longrepr)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _refuse((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _refuse((yield))

"""Answers of a real server, recorded by tests/services/record.py."""

from pathlib import Path

import pytest

from portal.plugins import UsageError
from portal_vo.tap import TapParameters
from portal_vo.tap import TapQuery

pytestmark = pytest.mark.usefixtures("_no_pauses")
DATA = Path(__file__).parents[2] / "data" / "vo"
RECORDED_ADDRESS = b"http://vo.portal.test"


@pytest.fixture
def replay(server):
    """A function that makes a path answer what was recorded, one recording after the other."""

    def add(path, *names):
        recordings = [
            (DATA / name).read_bytes().replace(RECORDED_ADDRESS, server.url.encode())
            for name in names
        ]
        coming = iter(recordings)
        server.routes[path] = lambda exchange: exchange.answer(next(coming, recordings[-1]))

    add("/tap/capabilities", "capabilities.xml")
    return add


def job_path(name):
    text = (DATA / name).read_text()
    return "/__system__/tap/run/async/" + text.partition("<uws:jobId>")[2].partition("<")[0]


def ask(server, job, mode):
    parameters = TapParameters(access_url=f"{server.url}/tap", query="SELECT 1", mode=mode)
    return TapQuery().run(parameters, job.context())


def test_a_recorded_job_is_followed_to_its_rows(server, replay, job, read):
    path = job_path("job-completed.xml")
    server.routes["/tap/async"] = lambda exchange: exchange.answer(status=303, location=path)
    server.routes[f"{path}/phase"] = lambda exchange: exchange.answer(status=303, location=path)
    replay(path, "job-pending.xml", "job-completed.xml")
    replay(f"{path}/results/result", "binary2.vot")
    rows, end = read(ask(server, job, "asynchronous"))
    assert len(rows) == 200
    assert rows[0]["name"] == "LAB 0, field 0"
    assert rows[0]["mag"] is None
    assert len(rows[0]["position_error"]) == 2
    assert not end.overflow


def test_a_recorded_error_of_a_job_is_told(server, replay, job):
    path = job_path("job-error.xml")
    server.routes["/tap/async"] = lambda exchange: exchange.answer(status=303, location=path)
    server.routes[f"{path}/phase"] = lambda exchange: exchange.answer(status=303, location=path)
    replay(path, "job-pending.xml", "job-error.xml")
    with pytest.raises(UsageError, match="column 'nothing' could not be located"):
        ask(server, job, "asynchronous")


def test_the_recorded_capabilities_advertise_binary2(server, replay, job):
    replay("/tap/sync", "binary2.vot")
    ask(server, job, "synchronous")
    wanted = "application/x-votable+xml;serialization=BINARY2"
    assert server.requests[-1].form["RESPONSEFORMAT"] == wanted


def test_a_recorded_overflow_is_told(server, replay, job, read):
    replay("/tap/sync", "overflow.vot")
    rows, end = read(ask(server, job, "synchronous"))
    assert len(rows) == 5
    assert end.overflow


def test_a_recorded_error_with_status_200_is_told(server, replay, job):
    replay("/tap/sync", "error.vot")
    with pytest.raises(UsageError, match="Could not parse your query"):
        ask(server, job, "synchronous")

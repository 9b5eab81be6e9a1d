"""The registry and TAP queries against a real server."""

import os
import signal
import threading
import time

import pytest
import requests

from portal.plugins import AbortedError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal_vo.actions import QueryService
from portal_vo.connector import TapService
from portal_vo.registry import COLUMNS
from portal_vo.registry import RegistryParameters
from portal_vo.registry import RegistryQuery
from portal_vo.tap import TapParameters
from portal_vo.tap import TapQuery

pytestmark = pytest.mark.peers
ENDLESS = "SELECT COUNT(*) AS n FROM labcat.sources AS a, labcat.sources AS b, labcat.sources AS c"
MODES = ["asynchronous", "synchronous"]


@pytest.fixture
def here(dachs, job):
    """A job that may talk to the server."""
    job.allow = frozenset(["127.0.0.1"])
    job.read_timeout, job.max_bytes = 60, 100_000_000
    return job


def ask(dachs, job, query, mode="automatic"):
    parameters = TapParameters(access_url=f"{dachs.url}/tap", query=query, mode=mode)
    return TapQuery().run(parameters, job.context())


def search(dachs, job, **parameters):
    return RegistryQuery(f"{dachs.url}/tap").run(RegistryParameters(**parameters), job.context())


def test_the_way_from_the_registry_to_rows(dachs, here, read):
    services, end = read(search(dachs, here, keywords="zephyr", service_type="tap"))
    assert [row["ivoid"] for row in services] == ["ivo://portal.test/obs"]
    assert not end.overflow
    link = QueryService().link(services[0])
    parameters = TapParameters(
        **link.parameters,
        query="SELECT TOP 7 * FROM ivoa.obscore WHERE obs_collection='zephyr-dr1'",
    )
    rows, _ = read(TapQuery().run(parameters, here.context()))
    assert len(rows) == 7
    assert {row["obs_collection"] for row in rows} == {"zephyr-dr1"}


@pytest.mark.parametrize(
    ("parameters", "least"),
    [
        ({"keywords": "pulsar"}, 100),
        ({"keywords": "pulsar spectra"}, 10),
        ({"keywords": '"pulsar project at Pune"'}, 10),
        ({"service_type": "tap"}, 500),
        ({"service_type": "sia", "waveband": "x-ray"}, 50),
        ({"keywords": "ivo://portal.test/labcat"}, 2),
        ({"keywords": "it's; DROP TABLE"}, 0),
        ({"keywords": "zephyr", "waveband": "neutrino"}, 0),
    ],
)
def test_searches_find_what_they_should(dachs, here, read, parameters, least):
    rows, _ = read(search(dachs, here, **parameters))
    assert len(rows) >= least
    assert bool(rows) == bool(least)
    assert set(rows[0] if rows else []) <= {column.name for column in COLUMNS}


def test_a_long_list_is_cut_honestly(dachs, here, read):
    here.maxrec = 20
    rows, end = read(search(dachs, here, service_type="tap"))
    assert len(rows) <= 20
    assert end.overflow


@pytest.mark.parametrize("mode", MODES)
def test_a_catalogue_arrives_whole(dachs, here, read, mode):
    here.maxrec = 50_000
    rows, end = read(ask(dachs, here, "SELECT * FROM labcat.sources", mode))
    assert len(rows) == 20_000
    assert not end.overflow
    by_id = {row["source_id"]: row for row in rows}
    assert by_id[10]["mag"] is None
    assert by_id[3]["name"] == "LAB 3, field 3"


@pytest.mark.parametrize("mode", MODES)
def test_the_row_limit_is_kept_and_told(dachs, here, read, mode):
    here.maxrec = 5
    rows, end = read(ask(dachs, here, "SELECT * FROM labcat.sources", mode))
    assert len(rows) == 5
    assert end.overflow


@pytest.mark.parametrize("mode", MODES)
def test_no_rows_are_a_table(dachs, here, read, mode):
    rows, end = read(ask(dachs, here, "SELECT * FROM labcat.sources WHERE ra < -1", mode))
    assert rows == []
    assert not end.overflow


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT FROM labcat.sources", "Could not parse your query"),
        ("SELECT nothing FROM labcat.sources", "column 'nothing' could not be located"),
        ("SELECT * FROM nowhere.nothing", "Could not locate table 'nowhere.nothing'"),
        ("DROP TABLE labcat.sources", "Could not parse your query"),
    ],
)
def test_mistakes_are_told_in_the_servers_words(dachs, here, mode, query, words):
    with pytest.raises(UsageError, match=words):
        ask(dachs, here, query, mode)


def test_an_abort_reaches_the_server(dachs, here):
    threading.Timer(4, here.abort).start()
    with pytest.raises(AbortedError):
        ask(dachs, here, ENDLESS)
    waiting = {"WAIT": "10", "PHASE": "EXECUTING"}
    remote = requests.get(here.checkpoints["remote_job"], params=waiting, timeout=30)
    assert ">ABORTED<" in remote.text


def test_a_job_of_an_earlier_attempt_is_adopted_and_deleted(dachs, here, read):
    service = TapService(here.context().http, f"{dachs.url}/tap")
    remote = service.create_job("SELECT TOP 3 * FROM labcat.sources", maxrec=10)
    remote.run()
    here.checkpoints["remote_job"] = remote.url
    rows, _ = read(ask(dachs, here, "SELECT this would fail"))
    assert len(rows) == 3
    assert requests.get(remote.url, timeout=30).status_code == 404


def test_a_stopped_server_is_told(dachs, here):
    here.read_timeout = 1
    os.kill(dachs.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        with pytest.raises(TransientError, match="does not answer within 1 s"):
            ask(dachs, here, "SELECT TOP 1 * FROM labcat.sources", "synchronous")
        assert time.monotonic() - started < 20
    finally:
        os.kill(dachs.pid, signal.SIGCONT)


def test_a_registered_service_that_is_gone_is_told(dachs, here, read):
    services, _ = read(search(dachs, here, keywords="Pune", service_type="tap"))
    parameters = TapParameters(access_url=services[0]["access_url"], query="SELECT 1")
    with pytest.raises(TransientError, match=r"127\.0\.0\.1:9 refuses the connection"):
        TapQuery().run(parameters, here.context())

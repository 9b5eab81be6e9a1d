"""The registry and TAP queries against a real server."""

import gc
import os
import signal
import threading
import time
import warnings

import pytest
import pyvo
import requests

from portal.plugins import AbortedError
from portal.plugins import PortalError
from portal.plugins import TableFilter
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal_vo.actions import QueryService
from portal_vo.connector import TapService
from portal_vo.metadata.connections import Connections
from portal_vo.metadata.job import MetadataParameters
from portal_vo.metadata.job import MetadataQuery
from portal_vo.metadata.store import MetadataStore
from portal_vo.metadata.tables import StoredTables
from portal_vo.metadata.tap_schema import TapSchemaReader
from portal_vo.metadata.writing import StoreWriter
from portal_vo.registry import COLUMNS
from portal_vo.registry import RegistryParameters
from portal_vo.registry import RegistryQuery
from portal_vo.resume import ResumeParameters
from portal_vo.resume import ResumeQuery
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


@pytest.fixture
def known(dachs, here, read, tmp_path):
    """What is known of the server once it was read, and the rows of the job that read it."""
    store = MetadataStore(tmp_path / "metadata")
    query = MetadataQuery(store)
    parameters = MetadataParameters(access_url=f"{dachs.url}/tap")
    rows, end = read(query.run(parameters, here.context()))
    assert not end.overflow
    return TapQuery(store).metadata({"access_url": f"{dachs.url}/tap"}), rows


def test_its_tables_are_read_with_columns_functions_and_limits(known):
    metadata, rows = known
    assert {"ivoa.obscore", "labcat.sources", "tap_schema.columns"} <= {
        row["table_name"] for row in rows
    }
    tables = metadata.tables
    assert tables.is_complete
    columns = {one.name: one for one in tables.columns(tables.find_table("SOURCES"))}
    assert columns["ra"].unit == "deg"
    assert columns["ra"].indexed
    assert {"ivo_hasword", "gavo_match"} & {one.name for one in tables.functions()}
    facts = {fact.group for fact in metadata.facts}
    assert {"Languages", "Limits", "Formats", "Uploads", "Data models"} <= facts


def test_its_tap_schema_says_the_same_as_its_document(dachs, here, read, known, tmp_path):
    """A front that hides /tables, as a service that has none would."""
    metadata, _ = known
    service = TapService(here.context().http, f"{dachs.url}/tap")
    path = tmp_path / "by-queries.sqlite"
    writer = StoreWriter(path)
    reader = TapSchemaReader(service)
    reader.read(writer)
    writer.finish(url=service.url, is_complete=reader.is_complete)
    tables = StoredTables(Connections(), path)
    everything = TableFilter()
    assert (
        tables.list_tables(everything, offset=0, limit=0)[0]
        == (metadata.tables.list_tables(everything, offset=0, limit=0)[0])
    )
    for name in ("labcat.sources", "ivoa.obscore"):
        by_query = tables.columns(tables.find_table(name))
        by_document = metadata.tables.columns(metadata.tables.find_table(name))
        assert {one.name.lower() for one in by_query} == {one.name.lower() for one in by_document}


@pytest.mark.parametrize("mode", MODES)
def test_a_file_goes_along_and_is_joined(dachs, here, read, tmp_path, mode):
    path = tmp_path / "mine.csv"
    path.write_text("source_id,note\n3,first\n7,second\n999999999,none\n")
    here.uploads = {"upload_table": path}
    parameters = TapParameters(
        access_url=f"{dachs.url}/tap",
        query=(
            "SELECT m.source_id, m.note, s.mag FROM TAP_UPLOAD.mine AS m "
            "JOIN labcat.sources AS s ON s.source_id = m.source_id ORDER BY m.source_id"
        ),
        mode=mode,
        upload_table="upload:" + "0" * 32,
        upload_name="mine",
    )
    rows, _ = read(TapQuery().run(parameters, here.context()))
    assert [(row["source_id"], row["note"]) for row in rows] == [(3, "first"), (7, "second")]


def test_a_table_that_it_cannot_read_is_refused_in_its_own_words(dachs, here, read, tmp_path):
    path = tmp_path / "broken.vot"
    path.write_text("<VOTABLE><RESOURCE><TABLE><FIELD name='a' datatype='nonsense'/>")
    here.uploads = {"upload_table": path}
    parameters = TapParameters(
        access_url=f"{dachs.url}/tap",
        query="SELECT * FROM TAP_UPLOAD.mine",
        mode="synchronous",
        upload_table="upload:" + "0" * 32,
        upload_name="mine",
    )
    with pytest.raises(PortalError, match=r"(?i)upload|mine|votable"):
        read(TapQuery().run(parameters, here.context()))


@pytest.fixture
def pyvos_job(dachs):
    """A job that pyvo made and that waits to be run."""
    with requests.Session() as session:
        service = pyvo.dal.TAPService(f"{dachs.url}/tap", session=session)
        made = service.submit_job("SELECT TOP 5 source_id FROM labcat.sources")
        yield made
        made.delete()
    del service, made
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # pyvo leaves answers open
        gc.collect()


def test_a_job_that_pyvo_made_is_taken_over_and_stays(pyvos_job, here, read):
    parameters = ResumeParameters(job_url=pyvos_job.url)
    with pytest.raises(UsageError, match="PENDING"):
        ResumeQuery().run(parameters, here.context())
    pyvos_job.run()
    rows, _ = read(ResumeQuery().run(parameters, here.context()))
    assert len(rows) == 5
    assert pyvos_job.phase == "COMPLETED"  # still there

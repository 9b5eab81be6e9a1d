import os
import signal
import sqlite3
import time
from datetime import datetime
from datetime import timedelta
from datetime import UTC
from multiprocessing import get_context

import pytest

from portal.plugins import AbortedError
from portal.plugins import ServiceError
from portal.plugins import UsageError
from portal_vo.mirror import job as mirror_job
from portal_vo.mirror import source
from portal_vo.mirror.files import MirrorFiles
from portal_vo.mirror.job import MirrorParameters
from portal_vo.mirror.job import MirrorQuery
from portal_vo.mirror.record import read_record
from tests.support.regtap import FakeRegistry
from tests.support.regtap import record

pytestmark = pytest.mark.slow  # through engines and pages, not of one unit


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(source, "PAUSE", 0.0)
    monkeypatch.setattr(source, "RETRIES", (0.0,))
    monkeypatch.setattr(mirror_job, "RUN_LENGTH", 25)
    monkeypatch.setattr(mirror_job, "LIST_LENGTH", 25)


@pytest.fixture
def registry(server):
    """A registry with fifty resources, every tenth with 30 columns."""
    registry = FakeRegistry(server)
    for number in range(50):
        columns = [{"table_index": 1, "name": f"c{n}", "ucd": f"u{n}"} for n in range(30)]
        extra = {"table_column": columns} if number % 10 == 0 else {}
        registry.put(f"ivo://a/{number:02}", record(f"Survey {number}", **extra))
    return registry


@pytest.fixture
def files(tmp_path, registry):
    files = MirrorFiles(tmp_path / "registry", registry.url)
    yield files
    files.close()


@pytest.fixture
def update(files, job, read):
    """Make or update the copy; return what the job says of it."""

    def update(*, later=True, **parameters):
        if later and files.live.exists():
            _grow_old(files)
        query = MirrorQuery(files)
        rows, _ = read(query.run(MirrorParameters(**parameters), job.context()))
        return {name: rows[0][name] for name in ("total", "added", "changed", "removed", "note")}

    return update


def _grow_old(files, hours=7):
    old = (datetime.now(UTC) - timedelta(hours=hours)).timestamp()
    os.utime(files.live, (old, old))


def numbers(said):
    return [said[name] for name in ("total", "added", "changed", "removed")]


def titles(files):
    return [title for (title,) in files.reader().connection.execute("SELECT title FROM words")]


def test_the_first_copy_has_everything(files, update, registry):
    assert numbers(update()) == [50, 50, 0, 0]
    mirror = files.reader()
    assert read_record(mirror.connection, "ivo://a/30").tables() == ([], 0)
    assert len(read_record(mirror.connection, "ivo://a/30").rows["table_column"]) == 30
    assert not files.staging.exists()


def test_only_what_changed_is_read_again(files, update, registry):
    update()
    registry.put("ivo://a/07", record("Renamed", updated="2026-02-02T00:00:00"))
    registry.put("ivo://a/99", record("New"))
    registry.remove("ivo://a/11")
    del registry.queries[:]
    assert numbers(update()) == [50, 1, 1, 1]
    assert {"Renamed", "New"} < set(titles(files))
    assert not {"Survey 7", "Survey 11"} & set(titles(files))
    details = [one for one in registry.queries if "FROM rr.interface" in one]
    assert all("ivo://a/07" in one and "ivo://a/08" not in one for one in details)


@pytest.mark.slow
def test_a_full_copy_reads_everything_again(files, update):
    update()
    assert numbers(update(full=True)) == [50, 0, 50, 0]


def test_a_young_copy_costs_the_registry_nothing(files, update, registry):
    update()
    del registry.queries[:]
    assert update(later=False)["note"] == "up to date: looked a short while ago"
    assert update(later=False, full=True)["total"] == 50
    assert registry.queries == []


@pytest.mark.slow
def test_strangers_have_everything_read_again_every_few_hours_at_most(files, update, registry):
    update()
    _grow_old(files, hours=5)
    del registry.queries[:]
    assert "short while ago" in update(later=False, full=True)["note"]
    assert registry.queries == []
    assert update(later=False)["note"] == "up to date: nothing changed"


@pytest.mark.slow
def test_an_old_copy_that_is_right_becomes_young_again(files, update, registry):
    update()
    del registry.queries[:]
    assert update()["note"] == "up to date: nothing changed"
    assert datetime.now(UTC) - files.as_of() < timedelta(minutes=1)
    assert not any("rr.interface" in one for one in registry.queries)


@pytest.mark.slow
@pytest.mark.parametrize("limit", [7, 25])
def test_row_limits_of_the_registry_lose_nothing(server, files, update, registry, limit, job):
    registry.hard_limit = limit
    said = update()
    assert said["total"] == 50
    if limit < 30:
        assert any("only the first" in line for line in job.lines)
    for number in range(1, 10):
        rows = read_record(files.reader().connection, f"ivo://a/{number:02}").rows
        assert len(rows["interface"]) == 1


def test_a_registry_need_not_have_every_table(server, job, read, tmp_path):
    registry = FakeRegistry(server, without=("stc_spatial", "relationship", "table_column"))
    registry.put("ivo://a/1", record())
    files = MirrorFiles(tmp_path / "other", registry.url)
    rows, _ = read(MirrorQuery(files).run(MirrorParameters(), job.context()))
    assert rows[0]["total"] == 1


def test_what_is_no_registry_is_told(server, job, tmp_path):
    registry = FakeRegistry(server, without=("resource",))
    files = MirrorFiles(tmp_path / "other", registry.url)
    with pytest.raises(ServiceError, match="no registry"):
        MirrorQuery(files).run(MirrorParameters(), job.context())


@pytest.mark.slow
def test_a_registry_that_lost_most_of_it_does_not_empty_the_copy(files, update, registry):
    update()
    for number in range(40):
        registry.remove(f"ivo://a/{number:02}")
    with pytest.raises(ServiceError, match="lost 40 of 50"):
        update()
    assert len(titles(files)) == 50


def test_an_empty_registry_is_an_error(server, job, tmp_path):
    files = MirrorFiles(tmp_path / "other", FakeRegistry(server).url)
    with pytest.raises(ServiceError, match="only 0 of its 0"):
        MirrorQuery(files).run(MirrorParameters(), job.context())


@pytest.mark.slow
def test_an_aborted_job_stops_and_the_next_one_goes_on(files, update, registry, job):
    server_answer = registry._answer

    def abort_later(exchange):
        if sum("rr.interface" in one for one in registry.queries) == 2:
            job.aborted.set()
        server_answer(exchange)

    routes = job_routes(registry)
    routes["/tap/sync"] = abort_later
    with pytest.raises(AbortedError):
        update()
    assert files.reader() is None
    assert files.staging.exists()
    job.aborted.clear()
    routes["/tap/sync"] = server_answer
    del registry.queries[:]
    assert numbers(update()) == [50, 25, 0, 0]
    assert sum("rr.interface" in one for one in registry.queries) < 5


def job_routes(registry):
    return registry.server.routes


def test_one_job_at_a_time(files, update):
    with files.locked() as is_mine:
        assert is_mine
        assert update()["note"] == "another job is at it"


@pytest.mark.slow
def test_a_file_of_another_version_is_made_anew(files, update):
    update()
    connection = sqlite3.connect(files.live)
    connection.execute("PRAGMA user_version = 77")
    connection.close()
    assert numbers(update(later=False)) == [50, 50, 0, 0]


@pytest.mark.slow
def test_damage_is_mended(files, update):
    update()
    files.close()
    files.live.write_bytes(b"damaged" * 1_000)
    files.staging.write_bytes(b"damaged" * 1_000)
    assert numbers(update(later=False)) == [50, 50, 0, 0]


@pytest.mark.slow
def test_readers_see_one_copy_or_the_other(files, update, registry):
    update()
    before = files.reader()
    registry.put("ivo://a/99", record("New"))
    update()
    assert len(before.index.by_title) == 50
    assert len(files.reader().index.by_title) == 51


def test_nothing_that_strangers_register_stops_the_copy(files, update, registry):
    odd = record(
        "<b>" * 10_000,
        services=[("tap", "javascript:x"), ("no such", "")],
        updated=None,
        waveband="##martian#",
        res_description="&lt;script&gt;" + "x" * 200_000,
        stc_spatial=[{"coverage": "6/9999999999"}, {"coverage": "[]"}],
        stc_temporal=[{"time_start": 5.0, "time_end": 1.0}],
        res_role=[{"base_role": "creator"}],
        res_table=[{"table_index": "first"}],
        res_detail=[{"detail_xpath": "/capability/dataModel/@ivo-id"}],
    )
    registry.put("ivo://odd/'; DROP TABLE resource; --", odd)
    assert update()["total"] == 51


def _run(folder, url, job):
    MirrorQuery(MirrorFiles(folder, url)).run(MirrorParameters(), job.context())


@pytest.mark.slow
def test_a_killed_job_leaves_a_good_copy_and_the_next_one_goes_on(files, update, registry, job):
    update()
    for number in range(50):
        registry.put(f"ivo://a/{number:02}", record("Newer", updated="2026-05-05T00:00:00"))
    _grow_old(files)
    answer = registry._answer

    def slowly(exchange):
        time.sleep(0.02)
        answer(exchange)

    job_routes(registry)["/tap/sync"] = slowly
    files.close()
    process = get_context("fork").Process(target=_run, args=(files.folder, files.registry, job))
    process.start()
    while not files.staging.exists() or sum("rr.interface" in one for one in registry.queries) < 4:
        assert process.is_alive()
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert set(titles(files)) == {f"Survey {number}" for number in range(50)}
    assert update()["total"] == 50
    assert set(titles(files)) == {"Newer"}


def test_what_the_registry_refuses_is_told(files, update, registry, server):
    from tests.support.tap_service import refusal

    server.routes["/tap/sync"] = lambda exchange: exchange.answer(refusal("Could not parse it"))
    with pytest.raises(UsageError, match="Could not parse it"):
        update()

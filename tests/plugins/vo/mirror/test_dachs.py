"""The copy of a real registry: complete, the same as the registry, and cheap to keep."""

import os
import time

import pytest

from portal_vo.constraints import RegistryConstraints
from portal_vo.mirror import source
from portal_vo.mirror.files import MirrorFiles
from portal_vo.mirror.indexing import unpack
from portal_vo.mirror.job import MirrorParameters
from portal_vo.mirror.job import MirrorQuery
from portal_vo.mirror.search import search
from portal_vo.mirror.tables import TABLES
from portal_vo.registry import RegistryParameters
from portal_vo.registry import RegistryQuery

pytestmark = pytest.mark.peers
EVERY_TYPE = ["tap", "scs", "sia1", "sia2", "ssa"]


@pytest.fixture(scope="module")
def files(dachs, tmp_path_factory):
    return MirrorFiles(tmp_path_factory.mktemp("mirror"), f"{dachs.url}/tap")


@pytest.fixture
def here(dachs, job):
    job.allow = frozenset(["127.0.0.1"])
    job.read_timeout, job.max_bytes, job.maxrec = 60, 100_000_000, 100_000
    return job


@pytest.fixture
def mirror(files, here, read):
    if not files.live.exists():
        read(MirrorQuery(files).run(MirrorParameters(), here.context()))
    yield files.reader()
    files.close()


def count(dachs, here, table):
    registry = source.RegistrySource(here.context(), f"{dachs.url}/tap")
    rows, _ = registry._ask(f"SELECT COUNT(*) AS n FROM rr.{table}")
    return rows[0]["n"]


def test_the_copy_has_every_row_of_every_table(dachs, here, mirror):
    copied = dict.fromkeys(TABLES, 0)
    for (document,) in mirror.connection.execute("SELECT document FROM record"):
        for name, rows in unpack(document).items():
            copied[name] += len(rows)
    assert copied == {name: count(dachs, here, name) for name in TABLES}
    assert copied["resource"] == 2_005


@pytest.mark.parametrize(
    "asked",
    [
        {"author": "Pune"},
        {"subject": "galaxy"},
        {"ucd": "phot.mag%"},
        {"datamodel": "obscore"},
        {"datamodel": "epntap"},
        {"position": "10 20"},
        {"position": "200 -45", "radius": 0.5},
        {"region": "POLYGON 10 10 60 10 60 50 10 50"},
        {"region": "RANGE 100 140 -30 -20"},
        {"region": "5/12-400 6/2000"},
        {"time": "50100 50200"},
        {"spectrum": "400-700 nm"},
        {"waveband": ["radio", "x-ray"]},
        {"service_type": ["sia2", "ssa"], "waveband": "radio"},
        {"keywords": "pulsar spectra"},
    ],
    ids=lambda asked: "-".join(sorted(asked)),
)
def test_the_copy_finds_what_the_registry_finds(dachs, here, read, mirror, asked):
    asked = {"service_type": EVERY_TYPE, **asked}
    position = tuple(map(float, asked["position"].split())) if "position" in asked else None
    ours = search(mirror, RegistryConstraints(**asked), position=position, most=10_000)
    parameters = RegistryParameters(**asked)
    rows, _ = read(RegistryQuery(f"{dachs.url}/tap").run(parameters, here.context()))
    found, expected = {one.ivoid for one in ours.resources}, {row["ivoid"] for row in rows}
    assert expected <= found
    if "radius" not in asked:  # of cells that a circle only just touches pgSphere has a few more
        assert found == expected
    assert len(found - expected) <= 0.1 * len(found)
    assert found


def test_a_second_run_reads_the_list_only(files, here, read, mirror, monkeypatch):
    long_ago = time.time() - 86_400
    os.utime(files.live, (long_ago, long_ago))
    asked = []
    once = source.RegistrySource._ask_once
    monkeypatch.setattr(
        source.RegistrySource,
        "_ask_once",
        lambda self, query: asked.append(query) or once(self, query),
    )
    rows, _ = read(MirrorQuery(files).run(MirrorParameters(), here.context()))
    assert rows[0]["note"] == "up to date: nothing changed"
    assert len(asked) == 3
    assert time.time() - files.as_of().timestamp() < 60

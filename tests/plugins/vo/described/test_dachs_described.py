"""Described archives against a real server."""

import pytest

from portal.parameters import read_form
from portal.plugins import Cone
from portal.plugins import UsageError
from tests.support.descriptions import ARCHIVE
from tests.support.descriptions import read as read_archives

pytestmark = pytest.mark.peers
DESCRIPTION = """
[[archives.queries]]
id = "obs"
title = "Observations"
service = "tap"
access_url = "{url}/tap"
table = "ivoa.obscore"
mode = "synchronous"
order_by = ["-t_min"]
conditions = ["calib_level >= 2"]
cone = {{ ra = "s_ra", dec = "s_dec", radius = 20 }}
[[archives.queries.fields]]
name = "collection"
type = "choice"
column = "obs_collection"
default = "zephyr-dr1"
choices = [{{ value = "all", any = true }}, {{ value = "zephyr-dr1" }}, {{ value = "breeze-dr2" }}]
[[archives.queries.fields]]
name = "kind"
type = "choices"
column = "dataproduct_type"
choices = [{{ value = "image" }}, {{ value = "visibility" }}]
[[archives.queries.fields]]
name = "target"
column = "target_name"
operator = "contains"
[[archives.queries.fields]]
name = "when"
type = "time"
column_min = "t_min"
column_max = "t_max"
[[archives.queries.fields]]
name = "band"
type = "band"
column_min = "em_min"
column_max = "em_max"

[[archives.queries]]
id = "gone"
title = "A table that changed"
service = "tap"
access_url = "{url}/tap"
table = "obs.observations"
columns = ["obs_id", "no_longer_there"]

[[archives.queries]]
id = "cone"
title = "Sources"
service = "scs"
access_url = "{url}/labcat/q/cone/scs.xml?"

[[archives.queries]]
id = "images"
title = "Images"
service = "sia1"
access_url = "{url}/images/q/sia/siap.xml?"

[[archives.queries]]
id = "observations"
title = "Images and cubes"
service = "sia2"
access_url = "{url}/__system__/siap2/sitewide/siap2.xml"
[[archives.queries.fields]]
name = "kind"
type = "choice"
parameter = "DPTYPE"
choices = [{{ value = "image" }}, {{ value = "cube" }}]

[[archives.queries]]
id = "spectra"
title = "Spectra"
service = "ssa"
access_url = "{url}/spectra/q/ssa/ssap.xml?"
[[archives.queries.fields]]
name = "target"
parameter = "TARGETNAME"

[[archives.datasets]]
id = "zephyr"
title = "Zephyr"
query = "obs"
parameters = {{ collection = "zephyr-dr1" }}
[[archives.datasets]]
id = "breeze"
title = "Breeze"
query = "obs"
parameters = {{ collection = "breeze-dr2" }}
"""


@pytest.fixture
def archive(dachs, tmp_path):
    """The server as it is described."""
    (archive,) = read_archives(tmp_path, ARCHIVE + DESCRIPTION.format(url=dachs.url))
    return archive


@pytest.fixture
def ask(archive, job, read):
    """Return a function that asks a query, and gives its rows and its end."""
    job.allow = frozenset(["127.0.0.1"])
    job.read_timeout, job.max_bytes = 60, 100_000_000

    def ask(name, **values):
        query = next(one for one in archive.queries if one.id == f"query.demo-{name}")
        pairs = [
            (key, one)
            for key, value in values.items()
            for one in ([value] if isinstance(value, str) else value)
        ]
        return read(query.run(read_form(query.Parameters, pairs), job.context()))

    return ask


def test_each_data_set_has_only_rows_of_its_own(archive, ask):
    cone = archive.queries[0].from_cone(Cone(ra=180, dec=0, radius=30))

    found = {}
    for dataset in archive.datasets:
        rows, _ = ask("obs", **{**cone, **dataset.parameters})
        assert rows
        found[dataset.id] = {row["obs_collection"] for row in rows}
    everything, _ = ask("obs", **cone)

    assert found == {"zephyr": {"zephyr-dr1"}, "breeze": {"breeze-dr2"}}
    assert {row["obs_collection"] for row in everything} == {"zephyr-dr1", "breeze-dr2"}


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        ({"kind": ["visibility"]}, lambda row: row["dataproduct_type"] == "visibility"),
        ({"target": "1"}, lambda row: "1" in row["target_name"]),
        ({"when": "58100 58120"}, lambda row: row["t_max"] >= 58100 and row["t_min"] <= 58120),
        ({"band": "1 2 GHz"}, lambda row: row["em_max"] >= 0.149 and row["em_min"] <= 0.3),
        ({"position": "180 0"}, lambda row: abs(row["s_dec"]) <= 20),
    ],
)
def test_every_field_narrows_the_rows(ask, values, holds):
    everything, _ = ask("obs", collection="all")
    rows, _ = ask("obs", collection="all", **values)

    assert 0 < len(rows) < len(everything) or values == {"band": "1 2 GHz"}
    assert all(map(holds, rows))
    assert [row["t_min"] for row in rows] == sorted((row["t_min"] for row in rows), reverse=True)


@pytest.mark.parametrize("target", ["it's", "';DROP TABLE obs.observations;--", "ü “x”"])
def test_hostile_values_find_nothing_and_break_nothing(ask, target):
    rows, _ = ask("obs", target=target)

    assert rows == []


def test_a_backslash_that_the_service_reads_in_its_own_way_is_told_in_its_words(ask):
    with pytest.raises(UsageError, match="Could not parse"):
        ask("obs", target="\\'")


def test_the_row_limit_marks_the_result_as_cut(ask, job):
    job.maxrec = 7
    rows, end = ask("obs", collection="all")

    assert len(rows) == 7
    assert end.overflow


def test_a_column_that_is_gone_is_named_in_the_services_words(ask):
    with pytest.raises(UsageError, match="no_longer_there"):
        ask("gone")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("cone", {"position": "180 10", "radius": "5"}),
        ("images", {"position": "180 10", "radius": "15"}),
        ("observations", {"position": "180 10", "radius": "15", "kind": "image"}),
        ("spectra", {"position": "0 -50", "radius": "10"}),
        ("spectra", {"target": "Lab 7"}),
    ],
)
def test_services_by_position_answer_their_described_forms(ask, name, values):
    rows, _ = ask(name, **values)

    assert rows

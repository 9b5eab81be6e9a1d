"""What is in a data lake, asked of a real Rucio server."""

import zlib

import pytest
import requests

from portal.plugins import UsageError
from portal.plugins.testing import read_result
from portal_rucio.dids import DidsQuery
from portal_rucio.files import FilesQuery
from portal_rucio.replicas import ReplicasQuery
from portal_rucio.scopes import ScopesQuery
from tests.plugins.rucio.conftest import run

pytestmark = [pytest.mark.peers, pytest.mark.slow]


def names(rows):
    return [row["name"] for row in rows]


def test_scopes_are_listed(lake, ada):
    assert run(ScopesQuery(lake), ada) == [
        {"lake": "escape", "scope": scope} for scope in ("empty", "survey", "user.ada")
    ]


def test_scopes_are_found_by_a_pattern(lake, ada):
    assert [row["scope"] for row in run(ScopesQuery(lake), ada, pattern="user.*")] == ["user.ada"]


def test_the_collections_of_a_scope_are_listed(lake, ada):
    rows = run(DidsQuery(lake), ada, scope="survey")
    assert sorted((row["name"], row["did_type"]) for row in rows) == [
        ("dr1", "DATASET"),
        ("dr2", "DATASET"),
        ("everything", "CONTAINER"),
    ]
    assert {row["lake"] for row in rows} == {"escape"}


def test_files_are_found_by_name(lake, ada):
    (row,) = run(DidsQuery(lake), ada, scope="survey", name="m31*", did_type="file")
    assert row["publisher_did"] == "rucio:escape:survey:m31.fits"
    assert row["access_estsize"] == 4  # 3300 bytes


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (["project=M31"], ["dr1"]),
        (["project=M32"], []),
        (["bytes>=4500"], ["deep/2026/field.fits"]),
        (["bytes>3000", "bytes<3300"], []),
    ],
)
def test_data_are_found_by_metadata(lake, ada, filters, found):
    assert (
        names(run(DidsQuery(lake), ada, scope="survey", did_type="all", filters=filters)) == found
    )


def test_an_unknown_key_is_refused_in_rucios_words(lake, ada):
    with pytest.raises(UsageError, match="InvalidMetadata: There is no metadata plugin"):
        run(DidsQuery(lake), ada, scope="survey", filters=["colour=blue"])


def test_a_list_that_is_longer_than_was_asked_for_is_cut_and_says_so(lake, ada):
    ada.maxrec = 120
    query = DidsQuery(lake)
    asked = query.Parameters(scope="survey", name="many/*", did_type="file")
    rows, end = read_result(query.run(asked, ada.context()))
    assert (len(rows), end.overflow) == (120, True)


def test_a_list_of_just_as_many_is_whole(lake, ada):
    ada.maxrec = 300
    query = DidsQuery(lake)
    asked = query.Parameters(scope="survey", name="many/*", did_type="file")
    rows, end = read_result(query.run(asked, ada.context()))
    assert (len(rows), end.overflow) == (300, False)


@pytest.mark.parametrize(
    "name", ["'}]", '"); import os #*', "[{'name': '*'}]", "ü☃\\", "a&type=file"]
)
def test_a_pattern_stays_a_pattern_whatever_is_in_it(lake, ada, name):
    assert run(DidsQuery(lake), ada, scope="survey", name=name, did_type="all") == []


def test_files_of_a_container_are_those_of_its_datasets(lake, ada):
    rows = run(FilesQuery(lake), ada, did="survey:everything")
    assert sorted(names(rows)) == ["deep/2026/field.fits", "m31.fits", "m51.fits"]
    assert all(len(row["adler32"]) == 8 for row in rows)


@pytest.mark.parametrize("name", ["deep/2026/field.fits", "..", "a b?c#d%2F.fits"])
def test_names_are_whole_whatever_they_mean_in_an_address(lake, ada, name):
    assert names(run(FilesQuery(lake), ada, did=f"survey:{name}")) == [name]


@pytest.mark.parametrize("did", ["survey:nothing", "../scopes:x", "survey:../../scopes/", "a/b:c"])
def test_what_is_not_there_is_said_in_rucios_words(lake, ada, did):
    with pytest.raises(UsageError, match="DataIdentifierNotFound"):
        run(FilesQuery(lake), ada, did=did)


def test_the_best_replica_of_each_file_can_be_fetched_and_is_what_it_says(lake, ada):
    rows = run(ReplicasQuery(lake), ada, did=["survey:everything"])
    assert sorted(names(rows)) == ["deep/2026/field.fits", "m31.fits", "m51.fits"]
    with requests.Session() as session:
        session.trust_env = False
        for row in rows:
            body = session.get(row["access_url"], timeout=10).content
            assert f"{zlib.adler32(body):08x}" == row["adler32"]
            assert row["access_estsize"] * 1000 >= len(body)


def test_all_replicas_come_in_the_order_of_their_priority(lake, ada):
    rows = run(ReplicasQuery(lake), ada, did=["survey:m31.fits"], only_best=False)
    assert sorted(row["rse"] for row in rows) == ["ARCHIVE", "COMPUTE"]
    assert [row["priority"] for row in rows] == [1, 2]
    assert {row["state"] for row in rows} == {"AVAILABLE"}


def test_replicas_at_one_place_are_told_from_what_is_not_there(lake, ada):
    dids = ["survey:m31.fits", "survey:many/0002.fits"]
    rows = run(ReplicasQuery(lake), ada, did=dids, rse_expression="site=compute")
    found = {row["name"]: row["rse"] for row in rows}
    assert found == {"m31.fits": "COMPUTE", "many/0002.fits": None}


def test_a_place_that_does_not_exist_is_said_in_rucios_words(lake, ada):
    with pytest.raises(UsageError, match="RSE Expression resulted in an empty set"):
        run(ReplicasQuery(lake), ada, did=["survey:dr1"], rse_expression="NOWHERE")


def test_a_file_that_http_cannot_fetch_is_listed_without_an_address(lake, ada):
    (row,) = run(ReplicasQuery(lake), ada, did=["survey:only-on-tape.fits"])
    assert (row["rse"], row["access_url"], row["pfn"]) == ("TAPE", None, None)
    (row,) = run(ReplicasQuery(lake), ada, did=["survey:only-on-tape.fits"], scheme="any")
    assert row["access_url"] is None
    assert row["pfn"].startswith("gsiftp://")

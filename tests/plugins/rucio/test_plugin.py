"""What the plugin declares, and its place among the portal's pages."""

import ast

import pytest
from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from portal.plugins import PluginContext
from portal.plugins import QueryLink
from portal.plugins.items import items_from_obscore
from portal.plugins.testing import check_archive
from portal_rucio import portal_register_archives
from portal_rucio import portal_register_row_actions
from portal_rucio.columns import DID_COLUMNS
from portal_rucio.columns import FILE_COLUMNS
from portal_rucio.columns import REPLICA_COLUMNS
from portal_rucio.columns import SCOPE_COLUMNS
from portal_rucio.dids import DidsParameters
from portal_rucio.dids import DidsQuery
from portal_rucio.files import FilesParameters
from portal_rucio.files import FilesQuery
from portal_rucio.filters import read_filters
from portal_rucio.resources import Replicas
from portal_rucio.rows import access_url
from portal_rucio.rows import replica_rows
from portal_rucio.settings import LakeSettings
from portal_rucio.settings import RucioSettings

LAKE = LakeSettings(id="escape", title="The lake", url="https://rucio.example.org/")
OTHER = LakeSettings(id="other", title="Another", url="https://other.example.org")


@pytest.fixture
def registered(tmp_path):
    return PluginContext(settings=RucioSettings(lakes=(LAKE, OTHER)), data_dir=tmp_path)


@pytest.fixture
def actions(registered):
    return {action.kind: action for action in portal_register_row_actions(registered)}


def row(columns, **values):
    return {column.name: None for column in columns} | {"lake": "escape"} | values


def test_every_lake_is_an_archive_that_keeps_the_contract(registered):
    archives = portal_register_archives(registered)
    assert [archive.id for archive in archives] == ["escape", "other"]
    for archive in archives:
        check_archive(archive)


def test_without_a_lake_there_is_no_archive(tmp_path):
    context = PluginContext(settings=RucioSettings(), data_dir=tmp_path)
    assert portal_register_archives(context) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"url": "http://rucio.example.org", "token": "t"}, "HTTPS only"),
        ({"auth_url": "http://auth.example.org", "token": "t"}, "HTTPS only"),
        ({"id": "a/b"}, "id"),
        ({"account": "a\nb"}, "account"),
        ({"pasword": "x"}, "pasword"),
        ({"url": "ftp://rucio.example.org"}, "full address"),
    ],
)
def test_settings_that_are_wrong_are_refused(settings, words):
    given = {"title": "The lake", "url": "https://rucio.example.org"} | settings
    with pytest.raises(ValidationError, match=words):
        LakeSettings.model_validate(given)


@pytest.mark.parametrize(
    ("did", "path"),
    [
        ("s:a/b", "s/a%2Fb"),
        ("s:..", "s/%2E%2E"),
        ("..:..", "%2E%2E/%2E%2E"),
        ("s:a b?c#d%2F", "s/a%20b%3Fc%23d%252F"),
        ("s:a:b", "s/a%3Ab"),
        ("s:../../scopes", "s/..%2F..%2Fscopes"),
    ],
)
def test_what_is_in_a_name_stays_in_its_segment(did, path):
    asked = FilesQuery(LAKE).text(FilesParameters(did=did))
    assert asked == f"https://rucio.example.org/dids/{path}/files"


@pytest.mark.parametrize("did", ["", "name", ":name", "scope:"])
def test_what_is_no_identifier_is_refused_at_the_form(did):
    with pytest.raises(ValidationError, match="scope:name"):
        FilesParameters(did=did)


@pytest.mark.parametrize("condition", ["project", "=M31", "a b=c", "a.gt=1", "name=x", "a="])
def test_what_is_no_condition_is_refused_at_the_form(condition):
    with pytest.raises(ValidationError, match=r"condition|twice"):
        DidsParameters(scope="s", filters=[condition])


def test_conditions_are_shown_as_rucio_reads_them():
    asked = DidsParameters(scope="s", filters=["bytes >= 5", "project='x"])
    text = DidsQuery(LAKE).text(asked)
    assert "bytes.gte%27%3A+%275%27" in text
    assert "%22%27x%22" in text  # quoted by the other kind of quotes


@given(name=st.text(), value=st.text(min_size=1))
def test_conditions_are_read_back_as_they_were_written(name, value):
    assume(value.strip())
    literal = read_filters(name, [f"project={value}"])
    assert ast.literal_eval(literal) == [{"name": name, "project": value.strip()}]


def test_a_scope_leads_to_its_data(actions):
    link = actions["dids"].link(row(SCOPE_COLUMNS, scope="s"))
    assert link == QueryLink(query_id="query.escape-dids", parameters={"scope": "s"})


def test_a_dataset_leads_to_its_files_and_a_file_has_none(actions):
    found = row(DID_COLUMNS, scope="s", name="n", did_type="DATASET")
    link = actions["files"].link(found)
    assert link == QueryLink(query_id="query.escape-files", parameters={"did": "s:n"})
    assert actions["files"].link(found | {"did_type": "FILE"}) is None


@pytest.mark.parametrize(
    ("kind", "columns"), [("replicas", FILE_COLUMNS), ("rule", REPLICA_COLUMNS)]
)
def test_data_lead_to_replicas_and_copies(actions, kind, columns):
    link = actions[kind].link(row(columns, scope="s", name="n", lake="other"))
    assert link == QueryLink(query_id=f"query.other-{kind}", parameters={"did": ["s:n"]})


def test_each_action_is_for_rows_that_it_is_about(actions):
    tables = (SCOPE_COLUMNS, DID_COLUMNS, FILE_COLUMNS, REPLICA_COLUMNS)
    assert {kind: [action.applies(one) for one in tables] for kind, action in actions.items()} == {
        "dids": [True, False, False, False],
        "files": [False, True, False, False],
        "replicas": [False, True, True, False],
        "rule": [False, True, True, True],
    }


def test_rows_of_a_lake_that_is_gone_lead_nowhere(actions):
    assert actions["dids"].link(row(SCOPE_COLUMNS, lake="gone", scope="s")) is None


def test_a_replica_in_a_basket_knows_how_it_is_fetched():
    line = {
        "scope": "s", "name": "a/b.fits", "bytes": 1001,
        "pfns": {"davs://se.example.org:443/a/b.fits": {"rse": "SE", "priority": 1}},
    }  # fmt: skip
    rows = list(replica_rows(Replicas.model_validate(line), "escape", only_best=True))
    (item,) = items_from_obscore(REPLICA_COLUMNS, rows)
    assert item.title == "a/b.fits"
    assert item.publisher_did == "rucio:escape:s:a/b.fits"
    assert item.access_url == "https://se.example.org:443/a/b.fits"
    assert item.access_estsize == 2


@pytest.mark.parametrize(
    "pfn",
    [
        "root://se.example.org//a", "javascript:alert(1)", "file:///etc/passwd", "https://", "",
        "https://user:word@se.example.org/a", "https://[::1/a", "srm://se.example.org?SFN=/a",
    ],
)  # fmt: skip
def test_an_address_that_is_none_of_http_is_no_link(pfn):
    assert access_url(pfn) is None


def test_signs_that_no_address_has_are_quoted():
    assert access_url('https://h/a "b<\n') == "https://h/a%20%22b%3C%0A"


def test_the_first_replica_that_http_fetches_is_the_best():
    line = {
        "scope": "s", "name": "n",
        "pfns": {
            "root://a/n": {"rse": "A", "priority": 1},
            "https://b/n": {"rse": "B", "priority": 2},
        },
    }  # fmt: skip
    file = Replicas.model_validate(line)
    assert [one["rse"] for one in replica_rows(file, "escape", only_best=True)] == ["B"]
    assert [one["rse"] for one in replica_rows(file, "escape", only_best=False)] == ["A", "B"]

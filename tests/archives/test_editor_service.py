"""Help with ADQL for a TAP service whose tables were read by a job."""

import pytest

import portal_vo
from tests.support.instances import settings_in
from tests.support.loopback import loopback
from tests.support.tap_metadata import TapMetadata

FORM = "/archives/vo/query.tap"
JSON = {"Accept": "application/json"}


@pytest.fixture
def plugins():
    return [("vo", portal_vo)]


@pytest.fixture
def settings(tmp_path):
    return settings_in(tmp_path, remote_allow=("127.0.0.1",))


@pytest.fixture
def service(client, work):
    """A service whose tables the portal knows."""
    with loopback() as server:
        service = TapMetadata(server)
        read = client.post(f"{FORM}/tables", query_string={"access_url": service.url})
        assert read.status_code == 303
        work()
        yield service


def offered(client, service, query):
    before, _, after = query.partition("|")
    sent = {"access_url": service.url, "query": before + after}
    response = client.post(f"{FORM}/complete?offset={len(before)}", data=sent)
    return [one["apply"] for one in response.json["options"]]


def test_its_tables_columns_and_functions_are_completed(client, service):
    assert "cat.stars" in offered(client, service, "SELECT * FROM |")
    assert "mag" in offered(client, service, "SELECT s.m| FROM cat.stars AS s")
    assert offered(client, service, "SELECT ivo| FROM cat.stars") == ["ivo_healpix_index("]


def test_a_slip_in_the_name_of_a_column_is_found_with_a_fix(client, service):
    sent = {"access_url": service.url, "query": "SELECT TOP 5 magg FROM cat.stars"}
    (finding,) = client.post(f"{FORM}/check", data=sent, headers=JSON).json["findings"]
    assert [fix["replacement"] for fix in finding["fixes"]] == ["mag"]


def test_of_a_service_that_was_not_read_nothing_is_claimed(client, service):
    sent = {"access_url": "http://127.0.0.1:1/tap", "query": "SELECT TOP 5 magg FROM cat.stars"}
    assert client.post(f"{FORM}/check", data=sent, headers=JSON).json["findings"] == []

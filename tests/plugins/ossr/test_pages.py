"""From Zenodo to the page of workflows, by the job that the schedule makes."""

import pytest

import portal_ossr
from portal.parameters import QueryParameters
from portal.uws.service import jobs
from tests.support.instances import settings_in
from tests.support.loopback import loopback
from tests.support.zenodo import record
from tests.support.zenodo import Zenodo


@pytest.fixture
def zenodo():
    with loopback() as server:
        yield Zenodo(server)


@pytest.fixture
def settings(tmp_path, zenodo):
    return settings_in(
        tmp_path,
        remote_allow=(zenodo.server.host,),
        plugins={"ossr": {"url": zenodo.url, "pause": 0}},
    )


@pytest.fixture
def plugins():
    return [("ossr", portal_ossr)]


def test_what_was_harvested_is_on_the_page_with_its_age(app, client, work, zenodo):
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)><p>It <em>fits</em> curves.</p>"
    zenodo.records = [record(1001, metadata={"title": "<b>Fit</b>", "description": hostile})]
    assert "No workflows yet" in client.get("/workflows").text
    with app.app_context():
        job_id = jobs().create_job(
            "ossr.harvest", QueryParameters(maxrec=None), owner="user:1", run=True
        )
    assert work() == 1

    with app.app_context():
        assert jobs().get_job(job_id, owner="user:1").error_message is None
    page = client.get("/workflows")
    one = client.get("/workflows/ossr/1000")
    assert "&lt;b&gt;Fit&lt;/b&gt;" in page.text
    assert "It fits curves." in page.text
    assert "alert(1)" not in page.text + one.text
    assert ">just now</time></dd>" in one.text
    assert f'href="{zenodo.url}/communities/escape2020"' in one.text
    assert "/analysis/launch?workflow=ossr:1000" in one.text

"""From the stored login to the basket, through the portal, with a real Rucio server."""

import logging
import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from sqlalchemy import inspect
from sqlalchemy import text

import portal_rucio
from portal import config
from portal.db import db
from portal.logs import JsonFormatter
from tests.services.rucio import PASSWORDS

pytestmark = [pytest.mark.peers, pytest.mark.slow]

SECRETS = re.compile(r"ada-ada-unknown|" + re.escape(PASSWORDS["ada"]))


@pytest.fixture
def plugins():
    return [("rucio", portal_rucio)]


@pytest.fixture
def settings(tmp_path, lake):
    """An instance with the real server as its lake."""
    return config.load(
        instance=tmp_path / "instance",
        remote_allow=(urlsplit(lake.url).netloc,),
        plugins={"rucio": {"lakes": [{"id": "escape", "title": "The lake", "url": lake.url}]}},
    )


@pytest.fixture
def ask(client, work):
    """Return a function that sends a form, has the job run, and gives the job and its table."""

    def ask(query, **form):
        job = client.post(f"/archives/escape/query.escape-{query}", data=form).location
        assert work() == 1
        return job, unescape(client.get(f"{job}/results/result").text)

    return ask


def href(page, words):
    return re.search(rf'href="([^"]+)"[^>]*>{words}</a>', page)[1]


def store_login(client, secret):
    form = {"service": "127.0.0.1", "user_name": "ada", "secret": secret}
    assert client.post("/account/credentials", data=form).status_code == 303


def rows_of_every_table(app):
    with app.app_context():
        for table in inspect(db.engine).get_table_names():
            for row in db.session.execute(text(f'SELECT * FROM "{table}"')):
                yield repr(tuple(row))


def test_the_way_from_a_scope_to_a_replica_in_the_basket(client, ask, app, caplog):
    caplog.set_level(logging.DEBUG)
    store_login(client, PASSWORDS["ada"])

    _, scopes = ask("scopes", pattern="survey")
    form = unescape(client.get(href(scopes, "What is in this scope")).text)
    assert re.search(r'name="scope"[^>]*value="survey"', form)
    _, dids = ask("dids", scope="survey", name="dr1")
    assert re.search(r'name="did"[^>]*value="survey:dr1"', client.get(href(dids, "Its files")).text)
    assert "survey:dr1" in client.get(href(dids, "Copy it next to the compute")).text
    assert "survey:dr1" in client.get(href(dids, "Its replicas")).text
    job, replicas = ask("replicas", did="survey:many/0003.fits")
    assert "/ARCHIVE/survey/many/0003.fits" in replicas

    added = client.post(
        "/basket/items", data={"job": job.rpartition("/")[2], "result": "result", "row": "0"}
    )
    assert added.status_code == 303
    assert "many/0003.fits" in client.get("/basket").text
    shown = [scopes, dids, replicas, client.get(job).text, client.get(f"/uws{job}").text]
    assert not any(map(SECRETS.search, shown))
    assert not [row for row in rows_of_every_table(app) if SECRETS.search(row)]
    logged = [JsonFormatter().format(record) for record in caplog.records]
    assert not [line for line in logged if SECRETS.search(line)]


def test_another_user_of_the_portal_has_nothing_of_a_stored_login(client, app, work):
    store_login(client, PASSWORDS["ada"])
    stranger = app.test_client()
    job = stranger.post("/archives/escape/query.escape-scopes", data={}).location
    assert work() == 1
    assert "Token must be set" in stranger.get(job).text


def test_a_wrong_password_is_said_on_the_page_and_no_row_has_it(client, ask, app):
    store_login(client, "wr0ng-passw0rd")
    job, _ = ask("scopes")
    page = unescape(client.get(job).text)
    assert "does not accept the user name ada with the stored password" in page
    assert not [row for row in rows_of_every_table(app) if "wr0ng-passw0rd" in row]

"""From the stored login to the table, through the portal: no secret is left on the way."""

import logging
import re
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy import text

import portal_zooniverse
from portal import config
from portal.db import db
from portal.logs import JsonFormatter
from portal_zooniverse.exports import waiting
from tests.plugins.zooniverse.conftest import PASSWORD

pytestmark = pytest.mark.slow  # through engines and pages, not of one unit

EXPORT = "projects/2/classifications_export"
SECRETS = re.compile(r"token-\d|refresh-token|secret-\d|sig=|" + re.escape(PASSWORD))


@pytest.fixture
def plugins():
    return [("zooniverse", portal_zooniverse)]


@pytest.fixture
def settings(tmp_path, team):
    """An instance whose Zooniverse is `team`."""
    return config.load(
        instance=tmp_path / "instance",
        remote_allow=(team.server.host,),
        plugins={"zooniverse": {"api_url": team.url}},
    )


@pytest.fixture
def ask(client, work):
    """Return a function that sends a form, has the job run, and gives the job's page."""

    def ask(query, **form):
        job = client.post(f"/archives/zooniverse/{query}", data=form).location
        assert work() == 1
        return job, unescape(client.get(job).text)

    return ask


def store_login(client, secret):
    form = {"service": "zooniverse", "user_name": "Ada", "secret": secret}
    assert client.post("/account/credentials", data=form).status_code == 303


def rows_of_every_table(app):
    with app.app_context():
        for table in inspect(db.engine).get_table_names():
            for row in db.session.execute(text(f'SELECT * FROM "{table}"')):
                yield table, repr(tuple(row))


@pytest.mark.slow
def test_a_private_export_leaves_no_secret_behind(
    client, ask, app, team, caplog, monkeypatch, settings
):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(waiting, "FIRST_PAUSE", 0.01)
    team.exports.text[EXPORT] = "classification_id,user_name\n1,ada\n2,bob\n"
    team.exports.first_good_link = 4
    store_login(client, PASSWORD)

    job, page = ask("query.zooniverse-export", project="ada/comets", category="classifications")

    assert "A new export was asked for" in page
    result = unescape(client.get(f"{job}/results/result").text)
    assert "bob" in result
    shown = [page, result, client.get(f"/uws{job}").text, client.get("/account").text]
    assert not any(map(SECRETS.search, shown))
    assert not [row for row in rows_of_every_table(app) if SECRETS.search(row[1])]
    logged = [JsonFormatter().format(record) for record in caplog.records]
    assert any("/store/" in line for line in logged)
    assert not [line for line in logged if SECRETS.search(line.replace("sig=***", ""))]
    kept = [path for path in Path(settings.instance).rglob("*") if path.is_file()]
    assert not [path for path in kept if SECRETS.search(path.read_bytes().decode("latin-1"))]
    addresses = [one.query for one in team.server.requests if not one.path.startswith("/store/")]
    assert not any(map(SECRETS.search, addresses))


def test_a_wrong_password_is_said_on_the_page_and_no_row_has_it(client, ask, app):
    store_login(client, "wr0ng-passw0rd")

    _, page = ask("query.zooniverse-user-projects")

    assert "does not accept the user name Ada with the stored password" in page
    assert "wr0ng-passw0rd" not in page
    assert not [row for row in rows_of_every_table(app) if "wr0ng-passw0rd" in row[1]]


def test_another_user_of_the_portal_has_nothing_of_a_stored_login(client, ask, app, work):
    store_login(client, PASSWORD)
    stranger = app.test_client()
    form = {"user": "ada"}
    job = stranger.post("/archives/zooniverse/query.zooniverse-user-projects", data=form).location
    assert work() == 1
    assert "Galaxies" in stranger.get(f"{job}/results/result").text
    assert "Secret comets" not in stranger.get(f"{job}/results/result").text
    job, _ = ask("query.zooniverse-user-projects", **form)
    assert "Secret comets" in client.get(f"{job}/results/result").text


@pytest.mark.parametrize("word", ["project_fields", "workflow_fields"])
def test_the_forms_offer_every_extra_column(client, word):
    kind = "projects" if word == "project_fields" else "workflows"
    page = client.get(f"/archives/zooniverse/query.zooniverse-user-{kind}").text
    assert page.count(f'name="{word}"') == (28 if kind == "projects" else 20)
    assert "password" not in page.casefold()


def test_a_row_leads_to_the_forms_of_its_data(client, ask):
    job, _ = ask("query.zooniverse-user-workflows", user="ada")
    table = unescape(client.get(f"{job}/results/result").text)
    for words, category in (("Classifications", "classifications"), ("Subjects", "subjects")):
        href = re.search(rf'href="([^"]+)"[^>]*>{words}</a>', table)[1]
        form = client.get(href).text
        assert 'name="project" value="1"' in form
        assert 'name="workflow" value="10"' in form
        assert re.search(rf'value="{category}"[^>]*(selected|checked)', form)
    assert "https://www.zooniverse.org/projects/somebody/project-1" in table

"""The commands that work with the database, as an operator types them."""

import json
import logging
from xml.sax.saxutils import escape

import pytest
from click.testing import CliRunner

from portal import cli
from portal import create_app
from portal.accounts.tokens import find_token
from portal.accounts.tokens import make_token
from portal.analysis.models import AnalysisSession
from portal.cli import main
from portal.db import clock
from portal.db import db
from tests.support.descriptions import ARCHIVE
from tests.support.descriptions import TAP
from tests.support.loopback import loopback
from tests.support.positional import votable


@pytest.fixture(autouse=True)
def _instance(tmp_path, monkeypatch):
    """Give the commands an instance of their own, no plugins to load, and our log handlers back."""
    monkeypatch.setenv("PORTAL_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("PORTAL_PLUGINS_DISABLED", "astron,files,vo,zooniverse")
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def run(*words):
    return CliRunner().invoke(main, words, prog_name="portal")


@pytest.fixture
def opened():
    """Return a function that looks a printed token up, in a database that is set up."""
    assert run("db", "upgrade").exit_code == 0
    app = create_app(plugins=[])

    def opened(secret):
        with app.app_context():
            return find_token(secret.strip())

    yield opened
    with app.app_context():
        db.engine.dispose()


def listed():
    header, *lines = run("token", "list").stdout.splitlines()
    names = header.split("\t")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines]


@pytest.mark.slow
def test_a_token_is_made_listed_and_revoked(opened):
    secret = run("token", "create", "alice", "--label", "her laptop").stdout

    assert opened(secret).owner == "user:alice"
    [line] = listed()
    assert (line["name"], line["scope"], line["label"]) == ("alice", "user", "her laptop")
    assert (line["last used"], line["expires"]) == ("never", "never")
    assert secret.strip() not in json.dumps(line)

    assert run("token", "revoke", line["id"]).exit_code == 0
    assert opened(secret) is None
    assert listed() == []


@pytest.mark.slow
def test_a_workers_token_ends_by_itself(opened):
    secret = run("token", "create", "cluster", "--scope", "worker", "--days", "30").stdout

    assert opened(secret).scope == "worker"
    [line] = listed()
    assert line["scope"] == "worker"
    assert line["expires"] > line["created"]


def test_the_list_names_no_browser_and_cannot_command_the_terminal(opened):
    with create_app(plugins=[]).app_context():
        make_token("a" * 32, label="red\x1b[31m\tand\nmore")
        db.engine.dispose()

    [line] = listed()

    assert line["name"] == "-"
    assert line["label"] == "red[31mandmore"
    assert "a" * 32 not in json.dumps(line)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["create", "Alice"], "lowercase letters"),
        (["create", "alice", "--days", "0"], "--days"),
        (["create", "alice", "--scope", "root"], "--scope"),
        (["revoke", "0" * 32], "no such token"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(opened, words, message):
    answer = run("token", *words)

    assert answer.exit_code != 0
    assert message in answer.output
    assert "Traceback" not in answer.output
    assert listed() == []


def test_without_tables_the_command_says_what_to_do():
    answer = run("token", "list")

    assert answer.exit_code == 1
    assert "portal db upgrade" in answer.output


WORKFLOW = """\
[[workflows]]
id = "demo"
title = "Demo"
repository = "https://git.example.org/group/demo"
"""


@pytest.fixture
def with_vo(monkeypatch):
    """Let the commands load the plugin that knows the protocols."""
    monkeypatch.setenv("PORTAL_PLUGINS_DISABLED", "astron,files,names,zooniverse")


@pytest.mark.slow
@pytest.mark.usefixtures("with_vo")
def test_the_doctor_says_what_is_well(tmp_path):
    (tmp_path / "portal.toml").write_text("port = 8081\n" + ARCHIVE + TAP, encoding="utf-8")

    answer = run("doctor")

    assert {"vo: ok, 1 archive", "portal.toml: ok, 1 archive"} <= set(answer.stdout.splitlines())
    assert answer.exit_code == 0


@pytest.mark.slow
@pytest.mark.usefixtures("with_vo")
def test_the_doctor_names_the_line_that_is_wrong(tmp_path):
    (tmp_path / "portal.toml").write_text("port = 8081\n" + ARCHIVE, encoding="utf-8")
    (tmp_path / "good.toml").write_text(ARCHIVE + TAP, encoding="utf-8")
    (tmp_path / "bad.toml").write_text(ARCHIVE + TAP + "tabel = 1\n", encoding="utf-8")

    whole, some = run("doctor"), run("doctor", "good.toml", "bad.toml")

    assert "portal.toml: line 2: queries: it is missing" in whole.stdout
    assert some.stdout.splitlines() == [
        "good.toml: ok, 1 archive",
        "bad.toml: line 12: tabel: there is no such key here; is it table?",
    ]
    assert (whole.exit_code, some.exit_code) == (1, 1)


@pytest.fixture
def service():
    """A TAP service with one table, whose TAP_SCHEMA has its columns as they are delimited."""

    def answer(exchange):
        asks_columns = "TAP_SCHEMA.columns" in exchange.form["QUERY"]
        if asks_columns and "'ivoa.obscore'" not in exchange.form["QUERY"]:
            names = []
        else:
            names = ["S_RA", "s_dec", '"B-V"', "preview"] if asks_columns else ["ivoa.obscore"]
        field = '<FIELD name="name" datatype="char" arraysize="*"/>'
        exchange.answer(votable([(escape(name),) for name in names], [field]))

    with loopback() as server:
        server.routes["/tap/sync"] = answer
        yield server


ITEMS = 'items = { thumbnail = "previw" }\ncolumns = ["s_ra", "b-v"]\n'
FIELD = '[[archives.queries.fields]]\nname = "x"\ncolumn = "no_longer_there"\n'


@pytest.mark.slow
@pytest.mark.usefixtures("with_vo")
def test_the_doctor_asks_services_for_what_files_name(tmp_path, service, monkeypatch):
    monkeypatch.setenv("PORTAL_REMOTE_ALLOW", "127.0.0.1")
    tap = TAP.replace("https://tap.example.org", service.url)
    gone = tap.replace('"obs"', '"gone"').replace("ivoa.obscore", "ivoa.obscor")
    away = tap.replace('"obs"', '"away"').replace("/tap", "/nothing")
    bad = ARCHIVE.replace('"demo"', '"bad"') + tap + ITEMS + FIELD + gone + away
    (tmp_path / "good.toml").write_text(ARCHIVE + tap, encoding="utf-8")
    (tmp_path / "bad.toml").write_text(bad, encoding="utf-8")

    silent, answer = run("doctor", "bad.toml"), run("doctor", "--ask", "good.toml", "bad.toml")

    assert silent.stdout == "bad.toml: ok, 1 archive\n"
    *said, last = answer.stdout.splitlines()
    assert said == [
        "good.toml: ok, 1 archive",
        "bad.toml: line 12: ivoa.obscore has no column previw; is it preview?",
        "bad.toml: line 16: ivoa.obscore has no column no_longer_there",
        "bad.toml: line 23: the service has no table ivoa.obscor; is it ivoa.obscore?",
    ]
    assert last.startswith("bad.toml: line 29: it could not be asked: there is no TAP service at")
    assert answer.exit_code == 1


def test_the_doctor_makes_no_database_to_look_for_sessions(tmp_path, settings, capsys):
    cli.tell_lost_sessions(settings.model_copy(update={"instance": tmp_path}), {"mybinder"})

    assert capsys.readouterr().out == ""
    assert list(tmp_path.glob("*.sqlite")) == []


def test_the_doctor_names_sessions_whose_facility_is_gone(app, settings, capsys):
    with app.app_context():
        for number, facility in enumerate(["mybinder", "cabin", "cabin"]):
            words = {"owner": "o", "title": "t", "repository": "r", "ref": "HEAD"}
            ids = {"id": f"s{number}", "job_id": f"j{number}", "facility_id": facility}
            db.session.add(AnalysisSession(creation_time=clock(), **ids, **words))
        db.session.commit()

    cli.tell_lost_sessions(settings, {"mybinder"})
    cli.tell_lost_sessions(settings, {"mybinder", "cabin"})

    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("sessions: 2 at cabin, which is no facility of this portal any more")


@pytest.mark.slow
def test_the_doctor_knows_files_of_workflows(tmp_path, monkeypatch):
    monkeypatch.setenv("PORTAL_PLUGINS_DISABLED", "astron,files,names,vo,zooniverse")
    monkeypatch.setenv("PORTAL_WORKFLOW_FILES", "good.toml")
    (tmp_path / "portal.toml").write_text("port = 8081\n" + WORKFLOW, encoding="utf-8")
    (tmp_path / "good.toml").write_text(WORKFLOW.replace("demo", "two"), encoding="utf-8")
    (tmp_path / "bad.toml").write_text(WORKFLOW + 'pat = "x"\n', encoding="utf-8")

    whole, some = run("doctor"), run("doctor", "good.toml", "bad.toml")

    assert {"portal.toml: ok, 1 workflow", "good.toml: ok, 1 workflow"} <= set(
        whole.stdout.splitlines()
    )
    assert some.stdout.splitlines() == [
        "good.toml: ok, 1 workflow",
        "bad.toml: line 5: pat: there is no such key here; is it path?",
    ]
    assert (whole.exit_code, some.exit_code) == (0, 1)


def test_the_doctor_names_a_setting_that_is_wrong(tmp_path):
    (tmp_path / "portal.toml").write_text("prot = 8081\n", encoding="utf-8")

    answer = run("doctor")

    assert answer.exit_code == 1
    assert "prot" in answer.output

import subprocess
from dataclasses import replace
from html import unescape

from sqlalchemy import delete
from sqlalchemy import update

from portal.db import db
from portal.jobs.code import put_together
from portal.plugins.snippets import Snippet
from portal.uws.models import Parameter


def test_a_job_shows_how_to_ask_its_archive_without_the_portal(client, submit):
    page = client.get(submit(rows="3", maxrec="7")).text

    assert "Ask the archive yourself" in page
    assert "Lab &lt;tool&gt;" in page
    assert "stars 3 < 7" in unescape(page)


def test_the_row_limit_of_a_job_that_names_none_is_the_portals(app, client, submit):
    most = app.config["SETTINGS"].default_maxrec

    assert f"stars 3 < {most}" in unescape(client.get(submit()).text)


def test_a_plugin_that_fails_to_say_it_takes_nothing_else_away(client, submit):
    response = client.get(submit(how="crash"))

    assert response.status_code == 200
    assert "Ask the archive yourself" not in response.text
    assert "secret detail" not in response.text


def test_a_job_of_an_earlier_version_of_its_type_is_shown_without(app, client, submit):
    address = submit()
    with app.app_context():
        db.session.execute(delete(Parameter).where(Parameter.name != "rows"))
        db.session.execute(update(Parameter).values(value="many"))
        db.session.commit()

    response = client.get(address)

    assert response.status_code == 200
    assert "Ask the archive yourself" not in response.text


def shell(text):
    return Snippet(tool="curl", title="curl", text=text)


def python(text):
    return Snippet(tool="pyvo", title="Python", text=text, language="python")


def test_the_programs_of_parts_do_what_each_of_them_does(tmp_path):
    other = replace(python("table = 'b'\n"), tool="requests")
    parts = [
        ("Here", [python("table = 'a'\n"), shell("echo a > result.vot\n")]),
        ("There\nrm -rf /", [other, shell("echo b > result.vot\n")]),
        ("Nowhere", []),
    ]

    in_python, in_shell = put_together(parts)

    names = {}
    exec(in_python.text, names)
    assert names["tables"] == ["a", "b"]
    subprocess.run(["sh", "-e", "-c", in_shell.text], cwd=tmp_path, check=True)
    assert [one.read_text() for one in sorted(tmp_path.glob("*/result.vot"))] == ["a\n", "b\n"]
    assert "# 2. There rm -rf /\n" in in_shell.text
    assert "# 3. Nowhere\n# (how to ask this without the portal is not known)" in in_python.text

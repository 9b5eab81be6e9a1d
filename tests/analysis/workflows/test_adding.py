"""Workflows that users add themselves: a repository is read, something in it chosen and kept."""

import re

import pytest

from portal.accounts.belongings import belongings
from portal.accounts.belongings import take_over_all
from portal.analysis.workflows import own
from portal.analysis.workflows.catalogue import find_workflow
from portal.analysis.workflows.inspecting.query import InspectParameters
from portal.analysis.workflows.own import add_own
from portal.analysis.workflows.own import list_own
from portal.db import db
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins.workflows import WorkflowType
from portal.problems import NotFoundError
from portal.problems import UsageError
from tests.support.git_server import git
from tests.support.git_server import Link
from tests.support.git_server import serve_git
from tests.support.instances import settings_in
from tests.support.pages import text_of

FILES = {
    "README.md": "# Demo",
    "curve.ipynb": "{}",
    "deep/<b>bold</b> curve.ipynb": "{}",
    ".ipynb_checkpoints/curve.ipynb": "{}",
    "fit.py": "",
    "out.ipynb": Link("/etc/passwd"),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serve_git(tmp_path_factory.mktemp("repositories")) as served:
        commit = served.make("demo", FILES)
        served.make("demo", {"old.ipynb": "{}"}, branch="feature/old")
        git(served.folder / "demo.git", "tag", "v1.0", commit)
        served.make("bare", {"run.sh": "true"})
        yield served


@pytest.fixture
def settings(tmp_path, server):
    return settings_in(tmp_path, remote_allow=(server.host,))


@pytest.fixture
def read(client, work, server):
    """Send the form with an address, run the job, and return the page that shows it."""

    def read(address=None, **more):
        sent = {"repository": address or server.address("demo")} | more
        location = client.post("/workflows/add", data=sent).location
        work()
        return location, client.get(location)

    return read


def values(page):
    return re.findall(r'<option value="([^"]*)"', text_of(page))


def adds(app, owner, title="Mine", repository="https://git.example.org/a/b"):
    with app.app_context():
        return add_own(
            owner,
            title=title,
            repository=repository,
            ref="main",
            path=None,
            type=WorkflowType.NOTEBOOK,
        )


def test_what_is_in_a_repository_is_offered(read):
    _, page = read()

    offered = values(page)
    assert offered[:4] == ["", "curve.ipynb", "deep/<b>bold</b> curve.ipynb", "fit.py"]
    assert "2 notebooks in this state" in page.text
    assert "<b>bold" not in page.text
    assert "out.ipynb" not in page.text
    assert {"main", "feature/old", "v1.0"} <= set(offered)
    assert "main (default)" in page.text
    assert 'value="demo"' in page.text


def test_another_branch_has_other_notebooks(read):
    _, page = read(ref="feature/old")

    assert "1 notebook in this state" in page.text
    assert '<option value="old.ipynb" selected>' in page.text


def test_the_address_of_a_notebook_chooses_it(read, server):
    page_address = f"{server.address('demo')}/-/blob/v1.0/curve.ipynb"

    _, page = read(page_address)

    assert '<option value="curve.ipynb" selected>' in page.text
    assert '<input type="hidden" name="ref" value="v1.0">' in page.text


def test_a_branch_with_a_slash_in_an_address_is_told_from_a_folder(read, server):
    _, page = read(f"{server.address('demo')}/-/blob/feature/old/old.ipynb")

    assert '<input type="hidden" name="ref" value="feature/old">' in page.text
    assert '<option value="old.ipynb" selected>' in page.text


def test_what_was_chosen_is_kept_and_found_among_all(client, read, server):
    location, _ = read(ref="v1.0")

    kept = client.post(
        location,
        data={"title": " My\u202e demo ", "ref": "v1.0", "path": "curve.ipynb", "type": "notebook"},
    )
    page = text_of(client.get(kept.location))

    assert re.fullmatch(r"/workflows/own/[0-9a-f]{32}", kept.location)
    assert "My demo" in page
    assert "curve.ipynb" in page
    assert f'href="{server.address("demo")}"' in page
    assert "/analysis/launch?workflow=own:" in page
    assert "My demo" in text_of(client.get("/workflows?q=demo&source=own"))


def test_a_repository_without_notebooks_can_be_opened_as_a_folder(read, client, server):
    location, page = read(server.address("bare"))

    assert "There is no notebook in this repository" in page.text
    kept = client.post(location, data={"title": "Shell", "ref": "HEAD", "path": "", "type": "cli"})
    assert "Command line" in client.get(kept.location).text


WRONG_CHOICES = [
    {"title": ""},
    {"title": "x" * 201},
    {"ref": "other"},
    {"ref": "--upload-pack=x"},
    {"path": "../../etc/passwd"},
    {"type": "rocket"},
]


def test_a_choice_that_cannot_be_is_said_and_nothing_kept(client, read):
    location, _ = read()

    for wrong in WRONG_CHOICES:
        sent = {"title": "Demo", "ref": "main", "path": "", "type": "notebook"} | wrong
        answer = client.post(location, data=sent)
        assert answer.status_code == 422, wrong
        assert 'class="notice error"' in answer.text, wrong

    assert "No workflows yet" in client.get("/workflows").text


@pytest.mark.parametrize(
    "address",
    [
        "",
        "git@github.com:a/b.git",
        "ssh://github.com/a/b",
        "file:///etc",
        "--upload-pack=touch /tmp/x",
        "https://a:secret@github.com/a/b",
        "ext::sh -c id",
    ],
)
def test_what_is_no_address_of_a_repository_makes_no_job(client, address):
    answer = client.post("/workflows/add", data={"repository": address})

    assert answer.status_code == 422
    assert 'id="field-repository-error"' in answer.text


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:9/a/b", "address"),
        ("http://169.254.169.254/latest/meta-data", "address"),
        ("{url}/none.git", "no repository at"),
    ],
)
def test_a_repository_that_cannot_be_read_is_said_to_be_so(read, server, address, words):
    _, page = read(address.format(url=server.url))

    assert "The repository could not be read" in page.text
    assert words in page.text


def test_a_branch_that_is_not_there_is_said_to_be_missing(read):
    _, page = read(ref="nowhere")

    assert "has no branch, tag or commit named nowhere" in page.text


@pytest.mark.slow
def test_the_page_follows_the_job_while_it_runs(client, server):
    location = client.post("/workflows/add", data={"repository": server.address("demo")}).location

    page, part = client.get(location), client.get(location, headers={"HX-Request": "true"})

    assert "The repository is being read" in page.text
    assert 'hx-trigger="every 1s"' in page.text
    assert part.text.lstrip().startswith('<section id="inspection"')
    assert client.post(location, data={"title": "x", "ref": "HEAD"}).status_code == 422


def test_nobody_else_sees_what_somebody_reads_and_keeps(app, client, read):
    location, _ = read()
    kept = client.post(location, data={"title": "Mine", "ref": "main", "type": "notebook"}).location
    stranger = app.test_client()
    stranger.post("/workflows/add", data={"repository": "https://git.example.org/a/b"})

    assert stranger.get(location).status_code == 404
    assert stranger.post(location, data={"title": "x", "ref": "main"}).status_code == 404
    assert stranger.get(kept).status_code == 404
    assert stranger.get(f"{kept}/delete").status_code == 404
    assert stranger.post(f"{kept}/delete").status_code == 404
    assert "Mine" not in stranger.get("/workflows").text
    assert client.get(kept).status_code == 200


def test_its_owner_deletes_it(client, read):
    location, _ = read()
    kept = client.post(location, data={"title": "Mine", "ref": "main", "type": "notebook"}).location

    assert "Delete Mine?" in client.get(f"{kept}/delete").text
    assert client.post(f"{kept}/delete").location == "/workflows"
    assert client.get(kept).status_code == 404


def test_no_password_is_kept_with_a_job_that_a_program_makes():
    with pytest.raises(InvalidParametersError, match="without a user name"):
        read_form(InspectParameters, [("repository", "https://ada:secret@git.example.org/a/b")])


def test_a_job_of_another_type_is_none_of_this_page(client):
    assert client.get(f"/workflows/add/{'0' * 32}").status_code == 404


def test_it_goes_along_when_somebody_signs_in_and_when_he_leaves(app):
    adds(app, "anonymous:1", title="Before")
    adds(app, "user:1", title="After")
    with app.app_context():
        take_over_all("anonymous:1", "user:1")
        db.session.commit()
        assert {one.title for one in list_own("user:1")} == {"Before", "After"}
        (room,) = [one for one in belongings() if one.id == "workflows"]
        assert [one["title"] for one in room.export("user:1")] == ["Before", "After"]
        room.delete("user:1")()
        db.session.commit()
        assert list_own("user:1") == []


def test_the_owner_is_asked_for_in_the_query(app):
    workflow_id = adds(app, "user:1")
    registry = app.extensions["plugins"]
    with app.app_context():
        assert find_workflow(registry, "user:1", f"own:{workflow_id}").workflow.title == "Mine"
        for owner in ("", "user:2"):
            with pytest.raises(NotFoundError):
                find_workflow(registry, owner, f"own:{workflow_id}")


def test_one_owner_keeps_so_many_and_no_more(app, monkeypatch):
    monkeypatch.setattr(own, "MOST_OWN", 1)
    adds(app, "user:1")

    with pytest.raises(UsageError, match="workflows of yours already"):
        adds(app, "user:1")

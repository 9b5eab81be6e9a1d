import json
import subprocess
from pathlib import Path

import pytest

from portal.analysis.repository.notebook import add_cell
from portal.analysis.repository.notebook import first_cell
from portal.analysis.repository.preparing import NO_WISHES
from portal.analysis.repository.preparing import prepare
from portal.analysis.repository.preparing import Wishes
from portal.analysis.staging.items import StagedItem
from portal.analysis.staging.script import StagedBasket
from portal.plugins.facilities import Staging
from portal.problems import UsageError
from tests.support.git_server import git
from tests.support.git_server import Link
from tests.support.git_server import Program
from tests.support.git_server import Submodule

ORIGIN = "https://git.example.org/group/x.git"
HOSTILE = "$(touch owned)`touch owned`'\";\ntouch owned\n#\u2028"
ITEM = StagedItem(name="a.fits", title=HOSTILE, url=f"http://127.0.0.1/{HOSTILE}", archive=HOSTILE)
BASKET = StagedBasket(items=[ITEM], portal="https://portal.example.org/", name=HOSTILE)
NOTEBOOK = json.dumps(
    {
        "cells": [{"cell_type": "markdown", "metadata": {}, "source": ["# My own"]}],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)
pytestmark = pytest.mark.slow


@pytest.fixture
def prepared(at_hand, tmp_path):
    """Prepare a repository of files and lay the outcome out, as a facility does."""

    def make(files, wishes=NO_WISHES):
        checkout = at_hand(files)
        made = prepare(checkout, BASKET, repository=ORIGIN, wishes=wishes)
        folder = tmp_path / "clone"
        git(tmp_path, "clone", "--quiet", str(checkout.folder), str(folder))
        assert git(folder, "rev-parse", "HEAD") == made.commit
        return made, folder

    return make


def test_the_build_fetches_the_files_where_nothing_is_configured(prepared):
    made, folder = prepared({"requirements.txt": "numpy\n"})
    assert made.staging is Staging.REPOSITORY
    assert not (folder / "binder").exists()
    assert "python3 .portal/stage.py" in (folder / "postBuild").read_text()
    assert (folder / "requirements.txt").read_text() == "numpy\n"


@pytest.mark.parametrize("name", ["binder", ".binder"])
def test_a_folder_for_the_build_is_the_one_that_counts(prepared, name):
    _, folder = prepared({f"{name}/environment.yml": "name: x\n", "postBuild": "exit 3\n"})
    assert "stage.py" in (folder / name / "postBuild").read_text()
    assert (folder / "postBuild").read_text() == "exit 3\n"


def test_a_folder_that_is_a_link_is_changed_where_it_leads(prepared):
    _, folder = prepared({"config/apt.txt": "git\n", "binder": Link("config")})
    assert (folder / "binder").is_symlink()
    assert "stage.py" in (folder / "config/postBuild").read_text()


def test_its_own_script_runs_first_by_its_own_interpreter(prepared):
    _, folder = prepared({"postBuild": "#!/usr/bin/env python3\nopen('first', 'w')\n"})
    (folder / ".portal/stage.py").write_text(
        "import os; open('second', 'w') if os.path.exists('first') else None\n"
    )
    subprocess.run(["./postBuild"], cwd=folder, check=True)
    assert (folder / "second").exists()


def test_a_build_that_fails_by_itself_still_fails(prepared):
    _, folder = prepared({"postBuild": Program("#!/bin/sh\nexit 3\n")})
    assert subprocess.run(["./postBuild"], cwd=folder, check=False).returncode == 3


def test_nothing_that_a_basket_says_is_run(prepared):
    _, folder = prepared({"a.txt": ""})
    done = subprocess.run(["./postBuild"], cwd=folder, check=False, capture_output=True)
    assert done.returncode == 0
    assert not list(folder.rglob("owned*"))
    assert "owned" not in (folder / "postBuild").read_text()
    manifest = json.loads((folder / "data/manifest.json").read_text())
    assert [one["state"] for one in manifest["files"]] == ["failed"]


@pytest.mark.parametrize(
    "files",
    [
        {"Dockerfile": "FROM scratch\n"},
        {"binder/Dockerfile": "FROM scratch\n"},
        {"binder": Link("/etc")},
        {"binder": Link("../outside")},
        {"binder": Submodule()},
        {".portal": Link("/etc")},
        {"postBuild/x": "a folder"},
    ],
)
def test_what_cannot_be_changed_is_left_as_it_is(at_hand, files):
    checkout = at_hand({**files, "a.ipynb": NOTEBOOK})
    made = prepare(checkout, BASKET, repository=ORIGIN, wishes=Wishes(notebook="a.ipynb"))
    assert (made.commit, made.staging) == (checkout.commit, Staging.SESSION)
    assert "once the session runs" in made.notes[0]


def test_a_dockerfile_beside_a_folder_for_the_build_counts_for_nothing(prepared):
    made, folder = prepared({"Dockerfile": "FROM scratch\n", "binder/apt.txt": "git\n"})
    assert made.staging is Staging.REPOSITORY
    assert (folder / "binder/postBuild").exists()


def test_two_folders_for_the_build_are_refused_as_everywhere(at_hand):
    checkout = at_hand({"binder/a": "", ".binder/a": ""})
    with pytest.raises(UsageError, match="both"):
        prepare(checkout, BASKET, repository=ORIGIN)


def test_files_of_the_repository_keep_their_names(prepared):
    made, folder = prepared({"data": Link("/etc"), "postBuild.portal-orig": "1", "postBuild": "2"})
    assert made.folder == "basket-data"
    assert (folder / "postBuild.portal-orig").read_text() == "1"
    assert (folder / "postBuild.portal-orig-2").read_text() == "2"


def test_a_manifest_of_the_repository_is_not_written_over(at_hand):
    checkout = at_hand({"data/manifest.json": "{}"})
    assert prepare(checkout, BASKET, repository=ORIGIN).folder == "basket-data"


def test_equal_contents_are_the_same_commit(at_hand):
    commits = {prepare(at_hand({"a.txt": "x"}), BASKET, repository=ORIGIN).commit for _ in range(2)}
    assert len(commits) == 1


def test_the_notebook_gets_a_first_cell_that_finds_the_data(prepared):
    wishes = Wishes(notebook="deep/er/a.ipynb", parameters={"ra": 1.5, "name": HOSTILE, "x y": 1})
    _, folder = prepared({"deep/er/a.ipynb": NOTEBOOK}, wishes)
    cells = json.loads((folder / "deep/er/a.ipynb").read_text())["cells"]
    assert [one["cell_type"] for one in cells] == ["code", "markdown"]
    names = {}
    subprocess.run(["./postBuild"], cwd=folder, check=True, capture_output=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder / "deep/er")
        exec("".join(cells[0]["source"]), names)
    assert names["manifest"]["files"][0]["name"] == "a.fits"
    assert (names["ra"], names["name"]) == (1.5, HOSTILE)


def test_a_notebook_that_is_not_there_is_said(at_hand):
    with pytest.raises(UsageError, match="has no missing"):
        prepare(
            at_hand({"a": ""}), BASKET, repository=ORIGIN, wishes=Wishes(notebook="missing.ipynb")
        )


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"nbformat": 3, "worksheets": []}', "null"])
def test_what_is_no_notebook_of_today_stays_as_it_is(content):
    assert add_cell(content.encode(), "1") is None


def test_old_notebooks_get_a_cell_without_id():
    old = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    assert "id" not in json.loads(add_cell(old.encode(), "1"))["cells"][0]
    assert first_cell("a.ipynb", "data", {}).count('Path("data")') == 1


def test_submodules_and_large_files_are_still_looked_for_where_they_were(prepared):
    made, folder = prepared(
        {
            ".gitmodules": '[submodule "a"]\n\tpath = a\n\turl = ../a.git\n',
            ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
            "big.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
        }
    )
    assert "url = https://git.example.org/group/a.git" in (folder / ".gitmodules").read_text()
    assert f'url = "{ORIGIN}/info/lfs"' in (folder / ".lfsconfig").read_text()
    assert (folder / "big.bin").read_text().startswith("version")
    assert "LFS" in made.notes[0]


def test_links_out_of_the_tree_are_neither_read_nor_written(prepared):
    victim = Path("/tmp") / "victim-of-a-link"
    _, folder = prepared({"postBuild": Link(str(victim)), ".portal/stage.py": Link(str(victim))})
    assert not victim.exists()
    assert (folder / "postBuild.portal-orig").is_symlink()
    assert not (folder / ".portal/stage.py").is_symlink()

"""The real repo2docker still builds what was prepared, and runs what fetches the files."""

import pytest

from portal.analysis.repository.fetching import Checkout
from portal.analysis.repository.fetching import list_entries
from portal.analysis.repository.preparing import prepare
from portal.analysis.repository.publishing import FOLDER
from portal.analysis.repository.publishing import publish
from portal.analysis.staging.items import StagedItem
from portal.analysis.staging.script import StagedBasket
from portal.plugins.facilities import Staging
from portal.plugins.http.watch import NO_WATCH
from tests.services import repo2docker
from tests.support.git_server import git
from tests.support.git_server import Link

BASKET = StagedBasket(
    items=[StagedItem(name="a.fits", title="A", url="http://127.0.0.1:9/a.fits")],
    portal="https://portal.example.org/",
)
NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 2}'
ENVIRONMENT = "name: x\ndependencies:\n  - python=3.11\n  - astropy\n"
# The shapes of the two workflows that ESAP's slides show: neither names a file to open.
HCG_16 = {
    "README.md": "# HCG-16\n",
    "environment.yml": ENVIRONMENT,
    "Snakefile": "rule all:\n    input: []\n",
    "Makefile": "all:\n",
    "plot_scripts/HI_map.ipynb": NOTEBOOK,
    "casa/postprocessing.py": "print(1)\n",
}
MOCPY = {
    "setup.py": "from setuptools import setup\nsetup(name='mocpy')\n",
    "requirements/contributing.txt": "pytest\n",
    "binder/environment.yml": ENVIRONMENT,
    "binder/postBuild": "#!/bin/bash\npip install .\n",
    "notebooks/00-MOCpy_introduction.ipynb": NOTEBOOK,
}
SHAPES = {
    "bare": ({"README.md": "nothing\n"}, "PythonBuildPack", "postBuild"),
    "pip": ({"requirements.txt": "numpy\n"}, "PythonBuildPack", "postBuild"),
    "conda": ({"environment.yml": ENVIRONMENT}, "CondaBuildPack", "postBuild"),
    "binder": (
        {"binder/requirements.txt": "numpy\n", "environment.yml": ENVIRONMENT},
        "PythonBuildPack",
        "binder/postBuild",
    ),
    "dotted": ({".binder/environment.yml": ENVIRONMENT}, "CondaBuildPack", ".binder/postBuild"),
    "linked": (
        {"conf/environment.yml": ENVIRONMENT, "binder": Link("conf")},
        "CondaBuildPack",
        "binder/postBuild",
    ),
    "own": (
        {"requirements.txt": "numpy\n", "postBuild": "#!/usr/bin/env python3\nprint(1)\n"},
        "PythonBuildPack",
        "postBuild",
    ),
    "ignored": (
        {"binder/apt.txt": "git\n", "Dockerfile": "FROM scratch\n"},
        "PythonBuildPack",
        "binder/postBuild",
    ),
    "hcg-16": (HCG_16, "CondaBuildPack", "postBuild"),
    "mocpy": (MOCPY, "CondaBuildPack", "binder/postBuild"),
}
DOCKER = {"Dockerfile": "FROM scratch\n", "postBuild": "echo\n"}

pytestmark = [pytest.mark.slow, pytest.mark.peers]


@pytest.fixture(scope="module")
def planned(server, tmp_path_factory):
    """Prepare every shape, lay it out, and ask repo2docker once for all of them."""
    folders = {}
    for name, (files, _, _) in {**SHAPES, "docker": (DOCKER, "", "")}.items():
        commit = server.make(name, files)
        folder = server.folder / f"{name}.git"
        entries = list_entries(folder, commit, NO_WATCH)
        checkout = Checkout(folder=folder, commit=commit, entries=entries, watch=NO_WATCH)
        made = prepare(checkout, BASKET, repository=server.address(name))
        assert made.staging is (Staging.SESSION if name == "docker" else Staging.REPOSITORY)
        folders[name] = tmp_path_factory.mktemp("shape") / "tree"
        git(folder, "clone", "--quiet", str(folder), str(folders[name]))
    return repo2docker.plans(folders)


@pytest.mark.parametrize("name", SHAPES)
def test_the_build_is_the_same_and_fetches_the_files(planned, name):
    _, pack, script = SHAPES[name]
    plan = planned[name]
    assert plan.pack == pack
    assert f"RUN chmod +x {script}\nRUN ./{script}\n" in plan.dockerfile


def test_what_was_installed_before_still_is(planned):
    assert 'pip install --no-cache-dir -r "requirements.txt"' in planned["pip"].dockerfile
    assert '-r "binder/requirements.txt"' in planned["binder"].dockerfile
    for name in ("conda", "hcg-16"):
        assert '"environment.yml"' in planned[name].dockerfile
    assert '"binder/environment.yml"' in planned["mocpy"].dockerfile


def test_a_dockerfile_is_left_alone(planned):
    assert planned["docker"].pack == "DockerBuildPack"
    assert planned["docker"].dockerfile == "FROM scratch\n"


def test_a_facility_clones_and_builds_what_the_portal_publishes(
    served, fetched, settings, tmp_path
):
    checkout = fetched({"requirements.txt": "numpy\n", "postBuild": "echo mine\n"})
    made = prepare(checkout, BASKET, repository="https://git.example.org/x")
    publication = publish(settings.instance / FOLDER, checkout.folder)
    said = repo2docker.clone_and_plan(f"{served}/git/{publication.token}.git", made.commit)
    assert f"HEAD is now at {made.commit[:7]}" in said
    assert "RUN ./postBuild" in said
    assert '-r "requirements.txt"' in said

"""The workflow that comes along: cloned from the portal itself, offered where it can be reached."""

import json
import threading

import pytest

from portal.analysis.firstlook import ExampleSource
from portal.analysis.firstlook import NOTEBOOK
from portal.analysis.repository.example import example_repository
from tests.support.camp import Camp
from tests.support.git_server import git

INSTITUTE = Camp(url="https://hub.example.org/")


@pytest.mark.parametrize(
    ("address", "facility", "is_offered"),
    [
        ("https://portal.example.org", INSTITUTE, True),
        ("http://127.0.0.1:8080", INSTITUTE, False),
        ("http://127.0.0.1:8080", Camp(), True),
    ],
)
def test_it_is_offered_where_a_facility_can_clone_it(address, facility, is_offered):
    found = ExampleSource(address, [facility]).workflows()

    assert [one.repository for one in found] == [f"{address}/git/first-look.git"] * is_offered


def test_its_repository_is_the_same_on_every_host_and_made_once(tmp_path):
    made = []
    threads = [
        threading.Thread(target=lambda: made.append(example_repository(tmp_path / "one")))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    other = example_repository(tmp_path / "two")
    assert len(set(made)) == 1
    assert [one.name for one in (tmp_path / "one").iterdir()] == [made[0].name]
    assert git(made[0], "rev-parse", "HEAD") == git(other, "rev-parse", "HEAD")


def test_its_notebook_is_one(tmp_path):
    folder = example_repository(tmp_path)

    notebook = json.loads(git(folder, "show", f"HEAD:{NOTEBOOK}"))

    assert notebook["nbformat"] == 4
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            compile("".join(cell["source"]), cell["id"], "exec")


def test_anybody_may_see_which_commit_it_is(client):
    answer = client.get("/git/first-look.git/info/refs?service=git-upload-pack")

    assert answer.status_code == 200
    assert b"refs/heads/main" in answer.data

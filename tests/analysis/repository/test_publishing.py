import gzip
import os
import subprocess
import threading
import time
from datetime import datetime
from datetime import UTC
from pathlib import Path
from wsgiref.util import setup_testing_defaults

import pytest

from portal.analysis.repository import serving
from portal.analysis.repository.preparing import prepare
from portal.analysis.repository.publishing import FOLDER
from portal.analysis.repository.publishing import list_publications
from portal.analysis.repository.publishing import publish
from portal.analysis.repository.publishing import unpublish
from portal.analysis.staging.script import StagedBasket
from portal.problems import NotFoundError
from tests.support.git_server import ENVIRONMENT
from tests.support.git_server import git

BASKET = StagedBasket(items=[], portal="http://p/")
PACKET = b"0014command=ls-refs\n0000"
V2 = {"Git-Protocol": "version=2"}


@pytest.fixture
def root(settings):
    return settings.instance / FOLDER


@pytest.fixture
def publication(at_hand, root):
    checkout = at_hand({"a.txt": "hello", "large.bin": os.urandom(400_000)})
    made = prepare(checkout, BASKET, repository="http://h/x")
    return made.commit, publish(root, checkout.folder)


@pytest.mark.slow
def test_a_publication_is_cloned_as_facilities_do(served, fetched, root, tmp_path):
    checkout = fetched({"a.txt": "hello", "large.bin": os.urandom(400_000)})
    commit = prepare(checkout, BASKET, repository="http://h/x").commit
    made = publish(root, checkout.folder)
    address = f"{served}/git/{made.token}.git"
    git(tmp_path, "clone", "--quiet", address, "whole")
    git(tmp_path, "clone", "--quiet", "--depth", "1", address, "shallow")
    git(tmp_path, "clone", "--quiet", "--no-checkout", address, "exact")
    git(tmp_path / "exact", "reset", "--quiet", "--hard", commit)
    old = ("-c", "protocol.version=0")
    git(tmp_path, *old, "clone", "--quiet", "--depth", "1", address, "old")
    for name in ("whole", "shallow", "exact", "old"):
        assert git(tmp_path / name, "rev-parse", "HEAD") == commit
        assert (tmp_path / name / "a.txt").read_text() == "hello"
    assert git(tmp_path, "ls-remote", address).splitlines() == [
        f"{commit}\tHEAD",
        f"{commit}\trefs/heads/main",
    ]

    unpublish(root, made.name)
    assert list(list_publications(root)) == []
    with pytest.raises(AssertionError, match="not found"):
        git(tmp_path, "clone", "--quiet", address, "late")


@pytest.mark.slow
def test_nothing_can_be_pushed(served, publication, tmp_path):
    _, made = publication
    git(tmp_path, "clone", "--quiet", f"{served}/git/{made.token}.git", "mine")
    git(tmp_path / "mine", "commit", "--quiet", "--allow-empty", "-m", "mine")
    pushed = subprocess.run(
        ["git", "push"], cwd=tmp_path / "mine", env=ENVIRONMENT, capture_output=True, check=False
    )
    assert b"403" in pushed.stderr


def test_requests_may_be_packed_and_get_no_cookie(client, publication):
    _, made = publication
    answer = client.post(
        f"/git/{made.token}.git/git-upload-pack",
        data=gzip.compress(PACKET),
        headers={**V2, "Content-Encoding": "gzip"},
        content_type="application/x-git-upload-pack-request",
    )
    assert answer.status_code == 200
    assert b"refs/heads/main" in answer.data
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Content-Type"] == "application/x-git-upload-pack-result"


def test_a_worker_may_be_another_system_user(client, publication, root):
    _, made = publication
    if os.geteuid() == 0:  # only root gives files away
        os.chown(root / made.name, 65534, 65534)
    address = f"/git/{made.token}.git/info/refs?service=git-upload-pack"
    assert b"refs/heads/main" in client.get(address).data


def test_other_tokens_folders_and_services_open_nothing(client, publication, root):
    _, made = publication
    for token in (made.name, "0" * 32, "..", made.token.upper(), f"new-{made.token}"):
        assert client.get(f"/git/{token}.git/info/refs?service=git-upload-pack").status_code == 404
    for path in ("", "/HEAD", "/config", "/objects/info/packs", "/git-receive-pack"):
        assert client.get(f"/git/{made.token}.git{path}").status_code in (404, 405)
    refused = client.get(f"/git/{made.token}.git/info/refs?service=git-receive-pack")
    assert refused.status_code == 403
    assert client.get(f"/git/{made.token}.git/info/refs").status_code == 403
    assert client.get("/git/").status_code == 404


def test_a_body_may_not_be_larger_than_any_clone_needs(client, publication):
    _, made = publication
    address = f"/git/{made.token}.git/git-upload-pack"
    assert client.post(address, data=b"0" * 1_100_000).status_code == 413


def test_what_is_not_whole_is_not_served(client, publication, root):
    _, made = publication
    (root / made.name).rename(root / f"new-{made.name}")
    address = f"/git/{made.token}.git/info/refs?service=git-upload-pack"
    assert client.get(address).status_code == 404
    (left,) = list_publications(root)
    assert not left.complete
    assert abs((datetime.now(UTC) - left.time).total_seconds()) < 60
    unpublish(root, left.name)
    unpublish(root, left.name)
    assert list(root.iterdir()) == []


def test_only_publications_are_deleted(root):
    for name in ("..", "", "a", "../" + "0" * 64):
        with pytest.raises(NotFoundError):
            unpublish(root, name)


def test_git_ends_when_the_facility_leaves(app, publication):
    _, made = publication
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": f"/git/{made.token}.git/info/refs",
        "QUERY_STRING": "service=git-upload-pack",
    }
    setup_testing_defaults(environ)
    answer = app(environ, lambda *_head: None)
    before = _children()
    answer.close()
    assert len(_children()) < len(before)


def test_nobody_waits_for_a_git_that_says_nothing(monkeypatch, client, publication):
    _, made = publication
    monkeypatch.setattr(serving, "SILENT_SECONDS", 0.2)
    monkeypatch.setattr(serving, "command_line", lambda *_words, **_options: ["sleep", "30"])
    begun = time.monotonic()
    address = f"/git/{made.token}.git/info/refs?service=git-upload-pack"
    assert client.get(address).status_code == 503
    assert time.monotonic() - begun < 5


def _children():
    return Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()

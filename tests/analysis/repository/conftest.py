from pathlib import Path

import pytest

from portal.analysis.repository.fetching import fetch
from portal.analysis.repository.remote import open_remote
from portal.plugins.http import HttpPolicy
from portal.plugins.http import open_session
from tests.support.git_server import serve_git


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serve_git(tmp_path_factory.mktemp("repositories")) as served:
        yield served


@pytest.fixture
def http(server):
    return open_session(HttpPolicy(allow=frozenset({server.host})))


@pytest.fixture
def fetched(server, http, tmp_path_factory):
    """Make a repository of files and fetch it, as a launch does."""

    def make(files, *, name=None, **options):
        name = name or tmp_path_factory.mktemp("x").name
        commit = server.make(name, files)
        folder = Path(tmp_path_factory.mktemp("fetched"))
        return fetch(open_remote(server.address(name), http), commit, folder, http, **options)

    return make

import threading

import pytest
from werkzeug.serving import make_server

from portal.analysis.repository.fetching import Checkout
from portal.analysis.repository.fetching import fetch
from portal.analysis.repository.fetching import list_entries
from portal.analysis.repository.remote import open_remote
from portal.plugins.http import HttpPolicy
from portal.plugins.http import open_session
from portal.plugins.http.watch import NO_WATCH
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

    def make(files, **options):
        name = tmp_path_factory.mktemp("x").name
        commit = server.make(name, files)
        folder = tmp_path_factory.mktemp("fetched")
        return fetch(open_remote(server.address(name), http), commit, folder, http, **options)

    return make


@pytest.fixture
def at_hand(server, tmp_path_factory):
    """Make a repository of files that is as if it had been fetched."""

    def make(files):
        name = tmp_path_factory.mktemp("x").name
        commit = server.make(name, files)
        folder = server.folder / f"{name}.git"
        entries = list_entries(folder, commit, NO_WATCH)
        return Checkout(folder=folder, commit=commit, entries=entries, watch=NO_WATCH)

    return make


@pytest.fixture
def served(app):
    """The app as a real server, below a path prefix, as behind a proxy."""

    def below_a_prefix(environ, start_response):
        environ["SCRIPT_NAME"] = "/portal"
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/portal")
        return app(environ, start_response)

    server = make_server("127.0.0.1", 0, below_a_prefix, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/portal"
    server.shutdown()
    thread.join()
    server.server_close()

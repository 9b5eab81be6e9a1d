"""Fixtures that start real peers, once for a whole test run."""

import os
from pathlib import Path

import pytest

from tests.services import debian
from tests.services.dachs import Dachs
from tests.services.hub import running_hub
from tests.services.postgres import PACKAGE
from tests.services.postgres import Postgres
from tests.services.rucio import running_rucio
from tests.services.state import State
from tests.services.wes import running_wes


@pytest.fixture(scope="session")
def dachs():
    """A running VO server: `dachs.url` is its root, `<root>/tap` its TAP and RegTAP service."""
    server = Dachs.find()
    started = server.start()
    yield server
    if started:
        server.stop()


@pytest.fixture(scope="session")
def postgres():
    """A running PostgreSQL for the portal's own tables: one for each process of a test run."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "")
    state = State.of(f"portal-db{process}", [Path(__file__).with_name("postgres.py")])
    server = Postgres(state)
    debian.install(PACKAGE)
    state.make()
    with state.locked():
        server.start()
        server.create_database("portal")
    yield server
    with state.locked():
        server.stop()


@pytest.fixture(scope="session")
def hub(tmp_path_factory):
    """A running JupyterHub with a BinderHub: one for each process of a test run."""
    with running_hub(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture(scope="session")
def rucio(tmp_path_factory):
    """A running Rucio server with a data lake: one for each process of a test run."""
    with running_rucio(tmp_path_factory.mktemp("rucio")) as rucio:
        yield rucio


@pytest.fixture(scope="session")
def wes(tmp_path_factory):
    """The address of a running Workflow Execution Service: one for each process of a test run."""
    with running_wes(tmp_path_factory.mktemp("wes")) as url:
        yield url

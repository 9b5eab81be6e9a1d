"""Fixtures that start real peers, once for a whole test run."""

import pytest

from tests.services.dachs import Dachs


@pytest.fixture(scope="session")
def dachs():
    """A running VO server: `dachs.url` is its root, `<root>/tap` its TAP and RegTAP service."""
    server = Dachs.find()
    started = server.start()
    yield server
    if started:
        server.stop()

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from portal_client import Portal
from tests.services.state import free_port
from tests.test_portal_up import portal

TOKEN_COMMAND = "from portal.cli import main; main(['token', 'create', 'ada'])"


@pytest.fixture(scope="package")
def running(tmp_path_factory):
    """A real portal with the echo, and a token of one of its users."""
    instance = tmp_path_factory.mktemp("portal")
    with portal(instance, free_port(), PORTAL_TEST_JOBS="1") as (_, address):
        made = subprocess.run(
            [sys.executable, "-c", TOKEN_COMMAND],
            env={**os.environ, "PORTAL_INSTANCE": str(instance)},
            capture_output=True,
            text=True,
            check=True,
        )
        yield SimpleNamespace(url=address, token=made.stdout.strip())


@pytest.fixture
def ada(running):
    """The portal as a user with a token sees it."""
    return Portal(running.url, running.token)

import ssl
import subprocess

import certifi
import pytest

from portal.plugins import RemoteCredential
from portal.plugins.testing import read_result
from portal.plugins.testing import RunningJob
from portal_zooniverse.settings import ZooniverseSettings
from tests.support.loopback import loopback
from tests.support.panoptes import Panoptes
from tests.support.panoptes import project
from tests.support.panoptes import role
from tests.support.panoptes import user
from tests.support.panoptes import workflow

PASSWORD = "corr3ct-h0rse"


@pytest.fixture
def panoptes():
    """An API without anything in it."""
    with loopback() as server:
        yield Panoptes(server)


@pytest.fixture
def zooniverse(panoptes):
    """The settings that lead to `panoptes`."""
    return ZooniverseSettings(api_url=panoptes.url, site_url="https://zoo.example.org")


@pytest.fixture
def job(panoptes, tmp_path):
    """A job that may talk to `panoptes`."""
    return RunningJob(data_dir=tmp_path, allow=frozenset([panoptes.server.host]))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """The folder of a certificate for this machine, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def team(certificate, monkeypatch):
    """An API over HTTPS with two users, whose projects are partly private."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    monkeypatch.setattr(certifi, "where", lambda: str(certificate / "cert.pem"))
    with loopback(tls=context) as server:
        api = Panoptes(server, scheme="https")
        api.accounts.users = [user(7, "Ada"), user(8, "Bob")]
        api.accounts.passwords = {"Ada": PASSWORD, "Bob": "other"}
        api.projects = [
            project(1, display_name="Galaxies"),
            project(2, display_name="Secret comets", private=True, live=False, slug="ada/comets"),
            project(3, display_name="Penguins", private=True),
            project(4, display_name="Everybody's"),
        ]
        api.accounts.roles = [
            role(11, 7, 1, "collaborator"),
            role(12, 7, 2, "owner"),
            role(13, 8, 3, "owner"),
            role(14, 8, 1, "moderator", "tester"),
            role(15, 7, 404, "owner"),
        ]
        api.workflows = [workflow(10, 1), workflow(20, 2), workflow(21, 2), workflow(30, 3)]
        yield api


@pytest.fixture
def ours(team):
    """The settings that lead to `team`."""
    return ZooniverseSettings(api_url=team.url, site_url="https://zoo.example.org")


@pytest.fixture
def member(team, tmp_path):
    """A job of Ada, who has stored her login."""
    return RunningJob(
        data_dir=tmp_path,
        allow=frozenset([team.server.host]),
        credentials={"zooniverse": RemoteCredential(user_name="Ada", secret=PASSWORD)},
    )


@pytest.fixture
def stranger(team, tmp_path):
    """A job of somebody who has stored nothing."""
    return RunningJob(data_dir=tmp_path, allow=frozenset([team.server.host]))


@pytest.fixture
def read():
    return read_result

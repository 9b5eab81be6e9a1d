"""Fixtures for everybody: an app on a database of its own, and no way out of this machine."""

import ipaddress
import os
import socket
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import config
from portal import create_app
from portal import create_runtime
from portal.db import db
from portal.plugins.discovery import Candidate
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from portal.uws.worker import execute_job


@pytest.fixture(autouse=True)
def _no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if host is not None and not _is_loopback(str(host)):
            raise RuntimeError(f"a test tried to reach {host}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("PORTAL_") and not name.startswith("PORTAL_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture
def plugins() -> list[tuple[str, ModuleType]]:
    """Name the plugins of `app`; tests override it."""
    return []


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    """Return settings of an instance of its own, without Redis."""
    return config.load(instance=tmp_path / "instance", job_lease=3.0)


@pytest.fixture
def make_app(
    settings: config.Settings, plugins: list[tuple[str, ModuleType]]
) -> Callable[[], Flask]:
    """Return a function that makes an app; its database is there and empty."""

    def make() -> Flask:
        candidates = [Candidate(name=name, load=lambda m=module: m) for name, module in plugins]
        app = create_app(settings, plugins=candidates)
        app.testing = True
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context():
            db.create_all()
        return app

    return make


@pytest.fixture
def app(make_app: Callable[[], Flask]) -> Iterator[Flask]:
    """Return an app."""
    app = make_app()
    yield app
    with app.app_context():
        db.session.remove()
        if db.engine.dialect.name != "sqlite":
            db.drop_all()  # one server for all tests
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browser without JavaScript."""
    return app.test_client()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture
def work(app: Flask) -> Callable[[], int]:
    """Return a function that runs every queued job in this process and counts them."""
    runtime = create_runtime(app)

    def work() -> int:
        with app.app_context():
            queued = select(Job.id).where(Job.phase == ExecutionPhase.QUEUED)
            ids = list(db.session.scalars(queued.order_by(Job.creation_time)))
        return sum(execute_job(job_id, runtime) for job_id in ids)

    return work

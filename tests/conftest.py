"""Fixtures for everybody: an app on a database of its own, and no way out of this machine."""

import atexit
import gc
import ipaddress
import itertools
import os
import re
import shutil
import socket
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from sqlalchemy import select

from portal import config
from portal import create_app
from portal.db import db
from portal.plugins.discovery import Candidate
from portal.runtime import create_runtime
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from portal.uws.worker import execute_job
from tests.services.fixtures import hub  # noqa: F401 - a fixture, one for a whole run
from tests.services.fixtures import postgres  # noqa: F401 - a fixture, one for a whole run
from tests.support.bytecode import RememberedTemplates
from tests.support.databases import hurry
from tests.support.instances import settings_in
from tests.support.rules import RememberedMap
from tests.support.statics import remember_files

# How long an example takes says more about the machine than about the code. Where nobody
# watches, examples are the same each time; looking for others is what `make soak` is for.
hypothesis.settings.register_profile(
    "patient",
    deadline=None,
    max_examples=1_000 if os.environ.get("PORTAL_TEST_SOAK") else 50,
    derandomize="CI" in os.environ,
)
hypothesis.settings.register_profile("quick", max_examples=10, deadline=None)
hypothesis.settings.load_profile("patient")
Flask.url_map_class = RememberedMap
remember_files()
_folders = itertools.count()
gc.disable()  # until all tests are collected


def pytest_collection_finish() -> None:
    """Spare the garbage collector the modules: they stay, and it need not look at them again."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 10)
    gc.enable()
    atexit.register(gc.unfreeze)  # some libraries count at exit what was not collected


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what is for `make soak`; count what runs a job among the slow tests."""
    if not os.environ.get("PORTAL_TEST_SOAK"):
        items[:] = [item for item in items if item.get_closest_marker("soak") is None]
    for item in items:
        if "work" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


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
def tmp_path(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """Return a folder of its own, as pytest does, but do not look through all others first."""
    name = re.sub(r"\W", "_", request.node.name)[:30]
    return tmp_path_factory.mktemp(f"{next(_folders)}-{name}", numbered=False)


@pytest.fixture
def plugins() -> list[tuple[str, ModuleType]]:
    """Name the plugins of `app`; tests override it."""
    return []


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    """Return settings of an instance of its own, without Redis."""
    return settings_in(tmp_path)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file with every table and no row, made once for all tests to copy."""
    instance = tmp_path_factory.mktemp("empty")
    app = create_app(config.load(instance=instance, database_url=None), plugins=[])
    with app.app_context():
        db.create_all()
        db.engine.dispose()
    return instance / "portal.sqlite"


@pytest.fixture(scope="session")
def compiled_templates() -> BytecodeCache:
    """Return a cache that keeps every template compiled, as one long-lived app does."""
    return RememberedTemplates()


@pytest.fixture
def make_app(
    settings: config.Settings,
    plugins: list[tuple[str, ModuleType]],
    empty_database: Path,
    compiled_templates: BytecodeCache,
) -> Callable[[], Flask]:
    """Return a function that makes an app; its database is there and empty."""

    def make() -> Flask:
        candidates = [Candidate(name=name, load=lambda m=module: m) for name, module in plugins]
        app = create_app(settings, plugins=candidates)
        app.testing = True
        app.config["WTF_CSRF_ENABLED"] = False
        app.jinja_env.bytecode_cache = compiled_templates
        app.extensions["plugin_templates"].bytecode_cache = compiled_templates
        with app.app_context():
            hurry(db.engine)
        _make_tables(app, empty_database)
        return app

    return make


def _make_tables(app: Flask, empty_database: Path) -> None:
    settings: config.Settings = app.config["SETTINGS"]
    if settings.database_url is not None:
        with app.app_context():
            db.create_all()
    elif not (settings.instance / empty_database.name).exists():
        shutil.copy(empty_database, settings.instance)


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

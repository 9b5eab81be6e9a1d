"""An archive portal: find, query, look at, collect and analyse data of astronomical archives."""

from collections.abc import Iterable
from datetime import timedelta
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from portal.config import Settings
    from portal.plugins.discovery import Candidate
    from portal.uws.worker import Runtime

MOST_FORM_BYTES = 2_000_000
MIGRATIONS = Path(__file__).parent / "migrations"


def create_app(
    settings: "Settings | None" = None, *, plugins: "Iterable[Candidate] | None" = None
) -> "Flask":
    """Join the rooms into an app; the only place where they meet.

    `plugins` replaces the installed ones. Raises SettingsError when a setting is wrong.
    """
    from flask import Flask

    from portal import config
    from portal import db
    from portal import logs

    settings = settings or config.load()
    app = Flask("portal", static_folder="static", template_folder="templates")
    app.config.from_mapping(
        SECRET_KEY=config.secret_key(settings.instance),
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url(),
        MAX_CONTENT_LENGTH=MOST_FORM_BYTES,
        PERMANENT_SESSION_LIFETIME=timedelta(days=settings.retention_days),
        VERSION=_version(),
        SETTINGS=settings,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    logs.init_app(app)
    _load_plugins(app, settings, plugins)  # first: it forks, and nothing is open yet
    db.init_app(app, directory=str(MIGRATIONS))
    _add_web_tools(app, settings)
    _add_jobs(app, settings)
    _add_uws(app)
    _add_pages(app)
    return app


def create_runtime(app: "Flask") -> "Runtime":
    """Return what jobs run with, in processes forked from this one."""
    import resource
    from functools import partial

    from portal.accounts import credentials
    from portal.db import db
    from portal.execution import QueryExecutor
    from portal.plugins.http import HttpPolicy
    from portal.uws.database import DatabaseGateway
    from portal.uws.service import EXTENSION
    from portal.uws.worker import Runtime

    settings: Settings = app.config["SETTINGS"]

    def dispose(*, close: bool) -> None:
        with app.app_context():
            db.engine.dispose(close=close)

    def limit() -> None:
        if settings.job_memory:
            resource.setrlimit(resource.RLIMIT_AS, (settings.job_memory, resource.RLIM_INFINITY))

    return Runtime(
        gateway=DatabaseGateway(
            app,
            types=app.extensions[EXTENSION].types,
            lease=timedelta(seconds=settings.job_lease),
            find_credential=credentials.resolve,
        ),
        executor=QueryExecutor(
            app.extensions["plugins"],
            app.extensions["results"],
            http_policy=HttpPolicy(
                allow=frozenset(settings.remote_allow),
                read_timeout=settings.remote_timeout,
                max_bytes=settings.remote_max_bytes,
                user_agent=f"archive-portal/{app.config['VERSION']}",
            ),
            default_maxrec=settings.default_maxrec,
            max_maxrec=settings.max_maxrec,
            max_bytes=settings.max_result_bytes,
        ),
        lease_seconds=settings.job_lease,
        let_go=partial(dispose, close=True),
        forget=partial(dispose, close=False),
        limit=limit,
        drop_other_attempts=app.extensions["results"].delete_attempts_except,
    )


def _load_plugins(
    app: "Flask", settings: "Settings", plugins: "Iterable[Candidate] | None"
) -> None:
    from portal.plugins.discovery import installed
    from portal.plugins.registry import PluginRegistry
    from portal.plugins.templates import template_loader
    from portal.results.rendering import plugin_environment

    registry = PluginRegistry()
    registry.load(
        installed(settings.plugins_disabled) if plugins is None else plugins,
        settings=settings.plugins,
        data_dir=settings.instance / "plugins",
        probing=plugins is None,
    )
    app.extensions["plugins"] = registry
    app.extensions["plugin_templates"] = plugin_environment(template_loader(registry))


def _add_web_tools(app: "Flask", settings: "Settings") -> None:
    from portal import assets
    from portal import display
    from portal import errors
    from portal import htmx
    from portal import proxy
    from portal import security

    htmx.init_app(app)
    security.init_app(app, public_url=settings.public_url)
    assets.init_app(app)
    proxy.init_app(app, settings)
    display.init_app(app)
    errors.init_app(app)


def _add_jobs(app: "Flask", settings: "Settings") -> None:
    from portal.execution import query_job_type
    from portal.results.store import ResultStore
    from portal.uws.queue import Hints
    from portal.uws.service import EXTENSION
    from portal.uws.service import JobService
    from portal.uws.service import Limits
    from portal.uws.types import JobTypes
    from portal.uws.wait import Watcher

    store = ResultStore(settings.results_dir)
    hints = Hints(settings.redis_url)
    app.extensions["results"] = store
    app.extensions["hints"] = hints
    app.extensions[EXTENSION] = JobService(
        types=JobTypes(query_job_type(query) for query in app.extensions["plugins"].queries),
        limits=Limits(
            execution_duration=settings.default_execution_duration,
            max_execution_duration=settings.max_execution_duration,
            retention=timedelta(days=settings.retention_days),
            max_active_jobs=settings.max_active_jobs,
        ),
        hint=hints.send,
        delete_results=store.delete,
    )
    app.extensions["watcher"] = Watcher(app, budget=settings.web_threads // 2, budget_per_owner=10)


def _add_uws(app: "Flask") -> None:
    from flask import url_for

    from portal.accounts.owner import uws_caller
    from portal.results.downloads import send_result
    from portal.uws import routes

    def page_href(job_id: str | None) -> str:
        return url_for("jobs.show", job_id=job_id) if job_id else url_for("jobs.index")

    routes.init_app(
        app,
        routes.Surroundings(caller=uws_caller, send_result=send_result, page_href=page_href),
    )


def _add_pages(app: "Flask") -> None:
    from portal import home
    from portal import jobs
    from portal import status
    from portal.accounts import pages as accounts
    from portal.archives import pages as archives
    from portal.basket import pages as basket
    from portal.results import pages as results

    for room in (home, archives, jobs, results, basket, accounts, status):
        app.register_blueprint(room.bp)


def _version() -> str:
    try:
        return version("archive-portal")
    except PackageNotFoundError:
        return "development"

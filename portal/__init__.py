"""An archive portal: find, query, look at, collect and analyse data of astronomical archives."""

from collections.abc import Iterable
from datetime import timedelta
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from flask import Flask

    from portal.config import Settings
    from portal.execution import QueryExecutor
    from portal.plugins.discovery import Candidate
    from portal.plugins.registry import PluginRegistry
    from portal.results.store import ResultStore
    from portal.uws.remote import HttpGateway
    from portal.uws.remote_crew import Outpost
    from portal.uws.worker import Executor
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
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True},  # what users ask stays out of logs
        MAX_CONTENT_LENGTH=MOST_FORM_BYTES,
        # A browser stays the owner of its jobs as long as the longest of them may be kept.
        PERMANENT_SESSION_LIFETIME=timedelta(days=settings.max_retention_days),
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
    _add_worker_door(app, settings)
    _add_pages(app)
    return app


def create_runtime(app: "Flask") -> "Runtime":
    """Return what jobs run with, in processes forked from this one."""
    from functools import partial

    from portal.db import db
    from portal.uws.worker import Runtime

    settings: Settings = app.config["SETTINGS"]

    def dispose(*, close: bool) -> None:
        with app.app_context():
            db.engine.dispose(close=close)

    return Runtime(
        gateway=app.extensions["gateway"],
        executor=_executor(settings, app.extensions["plugins"], app.extensions["results"]),
        lease_seconds=settings.job_lease,
        let_go=partial(dispose, close=True),
        forget=partial(dispose, close=False),
        limit=partial(_limit_memory, settings.job_memory),
        drop_attempt=app.extensions["results"].delete_attempt,
        drop_other_attempts=app.extensions["results"].delete_attempts_except,
    )


def create_outpost(settings: "Settings", *, url: str, token: str, scratch: Path) -> "Outpost":
    """Return a remote worker of the portal at `url`; it has no app, and nothing of an instance.

    `scratch` is a folder for the plugins' own files.
    """
    from functools import partial

    from portal.delivery import DeliveringExecutor
    from portal.delivery import tell_rows
    from portal.results.store import ResultStore
    from portal.uws.remote_crew import Outpost

    registry = _registry(settings, None, scratch)

    def open_executor(gateway: "HttpGateway", folder: Path) -> "Executor":
        store = ResultStore(folder)
        executor = _executor(settings, registry, store, tell_arriving=tell_rows)
        return DeliveringExecutor(executor, gateway, store)

    return Outpost(
        url=url,
        token=token,
        types=frozenset(query.id for query in registry.queries if not query.local),
        open_executor=open_executor,
        limit=partial(_limit_memory, settings.job_memory),
    )


def _executor(
    settings: "Settings", registry: "PluginRegistry", store: "ResultStore", **options: "Any"
) -> "QueryExecutor":
    from portal.execution import QueryExecutor
    from portal.plugins.http import HttpPolicy

    return QueryExecutor(
        registry,
        store,
        http_policy=HttpPolicy(
            allow=frozenset(settings.remote_allow),
            read_timeout=settings.remote_timeout,
            max_bytes=settings.remote_max_bytes,
            user_agent=f"archive-portal/{_version()}",
        ),
        default_maxrec=settings.default_maxrec,
        max_maxrec=settings.max_maxrec,
        max_bytes=settings.max_result_bytes,
        **options,
    )


def _limit_memory(most: int) -> None:
    import resource

    if most:
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


def _registry(
    settings: "Settings", plugins: "Iterable[Candidate] | None", data_dir: Path
) -> "PluginRegistry":
    from portal.plugins import echo
    from portal.plugins.discovery import Candidate
    from portal.plugins.discovery import installed
    from portal.plugins.registry import PluginRegistry

    for_tests = [Candidate(name=echo.NAME, load=lambda: echo)] if settings.test_jobs else []
    registry = PluginRegistry()
    registry.load(
        [*(installed(settings.plugins_disabled) if plugins is None else plugins), *for_tests],
        settings=settings.plugins,
        data_dir=data_dir,
        probing=plugins is None,
    )
    return registry


def _load_plugins(
    app: "Flask", settings: "Settings", plugins: "Iterable[Candidate] | None"
) -> None:
    from portal.plugins.templates import template_loader
    from portal.results.rendering import plugin_environment

    registry = _registry(settings, plugins, settings.instance / "plugins")
    app.extensions["plugins"] = registry
    app.extensions["plugin_templates"] = plugin_environment(template_loader(registry))


def _add_web_tools(app: "Flask", settings: "Settings") -> None:
    from portal import assets
    from portal import display
    from portal import errors
    from portal import htmx
    from portal import proxy
    from portal import security
    from portal.accounts.sessions import BrowserSessions

    htmx.init_app(app)
    security.init_app(app, public_url=settings.public_url)
    app.session_interface = BrowserSessions()
    assets.init_app(app)
    proxy.init_app(app, settings)
    display.init_app(app)
    errors.init_app(app)


def _add_jobs(app: "Flask", settings: "Settings") -> None:
    from portal.accounts import credentials
    from portal.execution import query_job_type
    from portal.results.store import ResultStore
    from portal.uws.database import DatabaseGateway
    from portal.uws.limits import Limits
    from portal.uws.queue import Hints
    from portal.uws.service import EXTENSION
    from portal.uws.service import JobService
    from portal.uws.types import JobTypes
    from portal.uws.uploads import UploadStore
    from portal.uws.wait import Watcher

    store = ResultStore(settings.results_dir)
    uploads = UploadStore(settings.instance / "uploads", max_bytes=settings.max_upload_bytes)
    hints = Hints(settings.redis_url)
    app.extensions["results"] = store
    app.extensions["hints"] = hints
    types = JobTypes(query_job_type(query) for query in app.extensions["plugins"].queries)
    app.extensions["gateway"] = DatabaseGateway(
        app,
        types=types,
        lease=timedelta(seconds=settings.job_lease),
        find_credential=credentials.resolve,
        find_upload=uploads.find,
    )
    app.extensions[EXTENSION] = JobService(
        types=types,
        limits=Limits(
            execution_duration=settings.default_execution_duration,
            max_execution_duration=settings.max_execution_duration,
            retention=timedelta(days=settings.retention_days),
            max_retention=timedelta(days=settings.max_retention_days),
            archive=timedelta(days=settings.archive_days),
            max_active_jobs=settings.max_active_jobs,
        ),
        hint=hints.send,
        delete_results=store.delete,
        uploads=uploads,
    )
    app.extensions["watcher"] = Watcher(
        app, budget=settings.wait_budget, budget_per_owner=settings.wait_budget_per_owner
    )


def _add_uws(app: "Flask") -> None:
    from flask import url_for

    from portal.accounts.owner import uws_caller
    from portal.results.downloads import send_result
    from portal.uws import routes

    def page_href(job_id: str | None) -> str:
        endpoint, values = ("jobs.show", {"job_id": job_id}) if job_id else ("jobs.index", {})
        return url_for(endpoint, **values, _external=True)

    routes.init_app(
        app,
        routes.Surroundings(
            caller=uws_caller,
            send_result=send_result,
            page_href=page_href,
            types_href=lambda name: url_for("status.job_types", _anchor=name),
        ),
    )


def _add_worker_door(app: "Flask", settings: "Settings") -> None:
    from portal.accounts.owner import worker_caller
    from portal.results.intake import ResultIntake
    from portal.uws import routes
    from portal.uws.board import JobBoard

    gateway = app.extensions["gateway"]
    door = routes.WorkerDoor(
        check_caller=worker_caller,
        gateway=gateway,
        board=JobBoard(app, gateway, budget=settings.web_threads // 4),
        intake=ResultIntake(app.extensions["results"], max_result_bytes=settings.max_result_bytes),
        lease_seconds=settings.job_lease,
    )
    routes.init_worker_door(app, door)


def _add_pages(app: "Flask") -> None:
    from portal import home
    from portal import status
    from portal.accounts import pages as accounts
    from portal.archives import local_pages
    from portal.archives import pages as archives
    from portal.basket import api as basket_api
    from portal.basket import pages as basket
    from portal.jobs import pages as jobs
    from portal.results import pages as results

    for room in (home, archives, local_pages, jobs, results, basket, basket_api, accounts, status):
        app.register_blueprint(room.bp)


def _version() -> str:
    try:
        return version("archive-portal")
    except PackageNotFoundError:
        return "development"

"""An archive portal: find, query, look at, collect and analyse data of astronomical archives."""

from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from portal.config import Settings
    from portal.plugins.discovery import Candidate

MOST_FORM_BYTES = 2_000_000
MIGRATIONS = Path(__file__).parent / "migrations"


def create_app(
    settings: "Settings | None" = None, *, plugins: "Iterable[Candidate] | None" = None
) -> "Flask":
    """Join the rooms into an app; the only place where they meet.

    `plugins` replaces the installed ones. Raises SettingsError when a setting is wrong.
    """
    from portal import config
    from portal import db
    from portal import engine

    settings = settings or config.load()
    app = _new_app(settings)
    _load_plugins(app, settings, plugins)  # first: it forks, and nothing is open yet
    db.init_app(app)
    _add_web_tools(app, settings)
    engine.init_app(app, settings)
    _add_people(app, settings)
    _add_belongings(app)
    _add_uws(app, settings)
    _add_worker_door(app, settings)
    _add_pages(app)
    return app


def create_database_app(settings: "Settings") -> "Flask":
    """Return an app that can bring the database up to date, and nothing else."""
    from portal import db

    app = _new_app(settings)
    db.init_app(app)
    db.init_migrations(app, directory=str(MIGRATIONS))
    return app


def _new_app(settings: "Settings") -> "Flask":
    from flask import Flask

    from portal import config
    from portal import logs
    from portal.version import portal_version

    app = Flask("portal", static_folder="static", template_folder="templates")
    app.config.from_mapping(
        SECRET_KEY=config.secret_key(settings.instance),
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url(),
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True},  # what users ask stays out of logs
        MAX_CONTENT_LENGTH=MOST_FORM_BYTES,
        # A browser stays the owner of its jobs as long as the longest of them may be kept.
        PERMANENT_SESSION_LIFETIME=timedelta(days=settings.max_retention_days),
        VERSION=portal_version(),
        SETTINGS=settings,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    logs.init_app(app)
    return app


def _load_plugins(
    app: "Flask", settings: "Settings", plugins: "Iterable[Candidate] | None"
) -> None:
    from functools import partial

    from portal.analysis.desk import open_desk
    from portal.plugins.templates import template_loader
    from portal.results.rendering import plugin_environment
    from portal.runtime import load_registry

    registry = load_registry(
        settings,
        plugins,
        settings.instance / "plugins",
        open_desk=partial(open_desk, app, settings),
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
    from portal.accounts.sessions import BrowserSessions

    htmx.init_app(app)
    security.init_app(
        app,
        public_url=settings.public_url,
        requests_per_minute=settings.requests_per_minute,
    )
    app.session_interface = BrowserSessions()
    assets.init_app(app)
    proxy.init_app(app, settings)
    display.init_app(app)
    errors.init_app(app)


def _add_people(app: "Flask", settings: "Settings") -> None:
    from portal.accounts import device_pages
    from portal.accounts import joining_pages
    from portal.accounts import login_pages
    from portal.accounts import preference_pages
    from portal.accounts import profile_pages
    from portal.accounts import session_scope
    from portal.accounts.identity import bearer
    from portal.accounts.identity import providers
    from portal.basket.reach import has_result

    providers.init_app(app, settings)
    app.extensions[login_pages.BEGINNINGS] = login_pages.new_throttle()
    app.extensions[bearer.EXTENSION] = bearer.KnownBearers()
    app.extensions[session_scope.EXTENSION] = has_result
    app.register_blueprint(joining_pages.bp)
    app.register_blueprint(login_pages.bp)
    app.register_blueprint(preference_pages.bp)
    app.register_blueprint(profile_pages.bp)
    app.register_blueprint(device_pages.bp)


def _add_belongings(app: "Flask") -> None:
    """Collect what rooms keep for owners: it changes hands when somebody signs in."""
    from functools import partial

    from portal.accounts import belongings
    from portal.accounts.keeping import CREDENTIALS
    from portal.accounts.keeping import PREFERENCES
    from portal.accounts.keeping import TOKENS
    from portal.analysis.keeping import SESSIONS
    from portal.analysis.planning.keeping import OFFERS
    from portal.analysis.workflows.keeping import WORKFLOWS
    from portal.archives.keeping import SAVED_QUERIES
    from portal.basket.keeping import BASKETS
    from portal.notifications.keeping import NOTICES
    from portal.uws import ownership
    from portal.uws.service import EXTENSION

    service = app.extensions[EXTENSION]
    jobs = belongings.Belongings(
        id="jobs",
        take_over=ownership.take_over,
        export=ownership.export,
        delete=partial(ownership.delete_all, delete_files=service.delete_files),
    )
    of_people = (TOKENS, CREDENTIALS, PREFERENCES, NOTICES)
    of_work = (SAVED_QUERIES, BASKETS, WORKFLOWS, OFFERS, SESSIONS)
    belongings.init_app(app, (jobs, *of_people, *of_work))


def _add_uws(app: "Flask", settings: "Settings") -> None:
    from flask import url_for

    from portal.accounts.owner import uws_caller
    from portal.results.downloads import send_result
    from portal.uws import routes

    def list_href(type_name: str | None, phases: "Sequence[str]", after: datetime | None) -> str:
        since = after.date().isoformat() if after else None
        return url_for("jobs.index", archive=type_name, phase=phases, since=since, _external=True)

    routes.init_app(
        app,
        routes.Surroundings(
            caller=uws_caller,
            send_result=send_result,
            page_href=lambda job_id: url_for("jobs.show", job_id=job_id, _external=True),
            list_href=list_href,
            takes_anybody=settings.uws_anonymous != "off",
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
    from portal.accounts import esap_pages as esap_tokens
    from portal.accounts import pages as accounts
    from portal.analysis import pages as analysis
    from portal.analysis.planning import accepting
    from portal.analysis.planning import broker
    from portal.analysis.repository import pages as repositories
    from portal.analysis.staging import pages as staging
    from portal.analysis.workflows import adding as own_workflows
    from portal.analysis.workflows import pages as workflows
    from portal.archives import coverage
    from portal.archives import editor
    from portal.archives import inadql
    from portal.archives import local_pages
    from portal.archives import metadata
    from portal.archives import multi
    from portal.archives import pages as archives
    from portal.archives import resolve
    from portal.archives import saved
    from portal.basket import api as basket_api
    from portal.basket import pages as basket
    from portal.basket import shelf
    from portal.basket.esap import api as esap
    from portal.jobs import pages as jobs
    from portal.notifications import choice_pages as notice_choices
    from portal.notifications import pages as notices
    from portal.openapi import pages as openapi
    from portal.results import pages as results
    from portal.results.sky import pages as sky
    from portal.samp import pages as samp

    of_archives = (archives, coverage, editor, inadql, local_pages, metadata, multi, resolve, saved)
    of_results = (results, sky, samp)
    of_baskets = (basket, basket_api, shelf, esap, esap_tokens, openapi)
    of_planning = (accepting, broker)
    of_analysis = (workflows, own_workflows, analysis, repositories, staging, *of_planning)
    of_people = (accounts, notices, notice_choices)
    work = (*of_archives, jobs, *of_results, *of_baskets, *of_analysis)
    for room in (home, *work, *of_people, status):
        app.register_blueprint(room.bp)

"""What runs here and what it offers: health, the plugins, the job types."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Blueprint
from flask import current_app
from flask import render_template
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.db import db
from portal.parameters import json_schema
from portal.plugins.registry import PluginRegistry
from portal.uws.inputs import inputs
from portal.uws.queue import Hints
from portal.uws.schedules import Timetable
from portal.uws.service import jobs

bp = Blueprint("status", __name__)
log = logging.getLogger(__name__)


@bp.get("/health")
def health() -> tuple[dict[str, Any], HTTPStatus]:
    """Answer 200 while jobs can be taken; Redis may be away without harm, so it only shows."""
    hints: Hints = current_app.extensions["hints"]
    database = _database_answers()
    waiting = hints.waiting()
    state = {
        "status": "ok" if database else "error",
        "database": "ok" if database else "error",
        "redis": "away" if waiting is None else "ok",
        "version": current_app.config["VERSION"],
    }
    return state, HTTPStatus.OK if database else HTTPStatus.SERVICE_UNAVAILABLE


@bp.get("/plugins")
def plugins() -> str:
    """List the plugins, and why some of them are set aside."""
    registry: PluginRegistry = current_app.extensions["plugins"]
    timetable: Timetable = current_app.extensions["timetable"]
    return render_template(
        "plugins.html",
        plugins=registry.plugins,
        faults=registry.guard.faults,
        standings=timetable.standings(),
    )


@bp.get("/job-types")
def job_types() -> str:
    """Show what jobs there are and what each takes, to people who write programs."""
    registry: PluginRegistry = current_app.extensions["plugins"]
    types = jobs().types.values()
    return render_template(
        "job_types.html",
        types=types,
        inputs={one.name: tuple(inputs(json_schema(one.parameters))) for one in types},
        archives={query.id: registry.archive_of(query.id) for query in registry.queries},
        forms={query.id for query in registry.queries if not query.hidden},
    )


def _database_answers() -> bool:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        log.exception("the database does not answer")
        return False
    return True

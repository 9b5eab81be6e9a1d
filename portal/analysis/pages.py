"""Pages about launches and sessions: choose what runs where, and what is running."""

import uuid
from http import HTTPStatus
from typing import Any

from flask import Blueprint
from flask import current_app
from flask import flash
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import Response
from flask import url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.owner import current_owner
from portal.accounts.owner import find_owner
from portal.analysis import sessions
from portal.analysis.choosing import FACILITY
from portal.analysis.choosing import LaunchForm
from portal.analysis.choosing import parameters_of
from portal.analysis.choosing import read_launch
from portal.analysis.ending import without_facility
from portal.analysis.launching import job_type_of
from portal.analysis.stopping import STOP
from portal.analysis.stopping import StopParameters
from portal.basket.visitors import find_visitor
from portal.config import Settings
from portal.display import instant
from portal.htmx import render
from portal.parameters import FieldError
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins.registry import PluginRegistry
from portal.problems import NotFoundError
from portal.uws.service import jobs

bp = Blueprint("analysis", __name__)


@bp.get("/analysis/launch")
def choose() -> Response:
    """Show what would be launched, and which facilities can run it."""
    form = read_launch(request.args, find_visitor())
    return render("analysis/launch.html", "analysis/_launch.html", **_variables(form))


@bp.post("/analysis/launches")
def launch() -> BaseResponse:
    """Make the job that launches it; whatever is wrong is shown beside its field."""
    facility_id = request.form.get(FACILITY, "")
    try:
        query = _registry().query(job_type_of(_registry().facility(facility_id)))
        parameters = read_form(query.Parameters, parameters_of(request.form))
    except NotFoundError:
        missing = FieldError(name=FACILITY, message="choose where it is to run")
        return _refused([missing])
    except InvalidParametersError as error:
        return _refused(error.errors)
    job_id = jobs().create_job(
        query.id,
        parameters,
        owner=current_owner(),
        run=True,
        request_key=request.form.get("request_key") or None,
    )
    return redirect(url_for("jobs.show", job_id=job_id), code=303)


@bp.get("/sessions")
def list_all() -> Response:
    """List what runs where, and what has run."""
    found = sessions.list_sessions(find_owner())
    return render(
        "analysis/sessions.html",
        "analysis/_sessions.html",
        sessions=found,
        launches=sessions.find_launches(found),
        without_facility=without_facility,
        facilities={one.id: one for one in _registry().facilities},
        most_hours=_settings().max_session_hours,
    )


@bp.get("/sessions/<session_id>/open")
def enter(session_id: str) -> BaseResponse:
    """Send the owner's browser to a session; the address there is shown nowhere else."""
    address = sessions.entrance(session_id, owner=find_owner())
    response = redirect(address, code=302)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/sessions/<session_id>/stop")
def stop(session_id: str) -> BaseResponse:
    """End a session, by a job: what the facility says is in its log."""
    owner = find_owner()
    if sessions.stop_session(session_id, owner=owner):
        jobs().create_job(
            STOP, StopParameters(session=session_id, maxrec=None), owner=owner, run=True
        )
        flash("The session is being ended.", "info")
    else:
        flash("The session was over already.", "info")
    return redirect(url_for("analysis.list_all"), code=303)


@bp.post("/sessions/<session_id>/keep")
def keep(session_id: str) -> BaseResponse:
    """Let a session last for longer."""
    settings = _settings()
    row = sessions.keep_session(
        session_id,
        owner=find_owner(),
        hours=settings.session_hours,
        most_hours=settings.max_session_hours,
    )
    if row.expires:
        flash(f"The session lasts until {instant(row.expires)} UTC.", "success")
    return redirect(url_for("analysis.list_all"), code=303)


def _refused(errors: Any) -> Response:
    form = read_launch(MultiDict(request.form), find_visitor())
    page = render_template("analysis/launch.html", **_variables(form, errors=errors))
    return make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY)


def _variables(form: LaunchForm, *, errors: Any = ()) -> dict[str, Any]:
    return {"form": form, "errors": errors, "request_key": uuid.uuid4().hex}


def _registry() -> PluginRegistry:
    registry: PluginRegistry = current_app.extensions["plugins"]
    return registry


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings

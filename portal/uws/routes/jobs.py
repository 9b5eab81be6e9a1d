"""Jobs and what hangs on them, below each root (UWS 1.1, section 2.2).

The root `jobs` has all of the caller's jobs. The name of a type is a root as well, with the
jobs of that type only, for clients that know of no types.
"""

from collections.abc import Callable

from flask import Blueprint
from flask import current_app
from flask import request
from flask import Response
from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.db import db
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.uws.callers import Caller
from portal.uws.callers import ForbiddenError
from portal.uws.models import Job
from portal.uws.routes.answers import atom
from portal.uws.routes.answers import document
from portal.uws.routes.answers import HTML
from portal.uws.routes.answers import see_other
from portal.uws.routes.answers import wanted
from portal.uws.routes.requests import read_creation
from portal.uws.routes.requests import read_filters
from portal.uws.routes.requests import read_sent
from portal.uws.routes.requests import read_wait
from portal.uws.routes.requests import Sent
from portal.uws.routes.requests import Wait
from portal.uws.routes.surroundings import surroundings
from portal.uws.serialize import instant
from portal.uws.serialize import job_json
from portal.uws.serialize import job_xml
from portal.uws.serialize import jobs_json
from portal.uws.serialize import jobs_xml
from portal.uws.serialize import parameters_json
from portal.uws.serialize import parameters_xml
from portal.uws.serialize import results_json
from portal.uws.serialize import results_xml
from portal.uws.serialize import View
from portal.uws.service import jobs
from portal.uws.service import JobService
from portal.uws.service import NO_SUCH_JOB
from portal.uws.service import Wishes
from portal.uws.wait import WAITABLE
from portal.uws.wait import Watcher

ALL = "jobs"

bp = Blueprint("uws", __name__)


@bp.get("/<root>", strict_slashes=False)
def list_jobs(root: str) -> BaseResponse:
    """List the caller's jobs, newest first, without archived ones unless they are asked for."""
    type_name = _type_of(root)
    caller = surroundings().caller()
    if wanted() == HTML:
        return see_other(surroundings().page_href(None))
    filters = read_filters()
    found = jobs().list_references(
        owner=caller.owner,
        type_name=type_name,
        phases=filters.phases,
        after=filters.after,
        last=filters.last,
    )
    view = View(root=_root_url(root), owner_name=caller.name)
    return document(lambda: jobs_xml(found, view), lambda: jobs_json(found, view))


@bp.post("/<root>", strict_slashes=False)
def create_job(root: str) -> BaseResponse:
    """Create a job of the sent parameters, and run it when PHASE=RUN comes along."""
    type_name = _type_of(root)
    caller = surroundings().caller()
    creation = read_creation(jobs().types, type_name)
    job_id = jobs().create_job(
        creation.type_name,
        creation.parameters,
        owner=caller.owner,
        address=caller.address,
        wishes=creation.wishes,
        run=creation.run,
    )
    return see_other(f"{_root_url(root)}/{job_id}")


@bp.get("/<root>/<job_id>", strict_slashes=False)
def show_job(root: str, job_id: str) -> BaseResponse:
    """Show a job; WAIT=n answers when its phase changes, and after n seconds at the latest."""
    caller = surroundings().caller()
    job = _find(root, job_id, caller)
    if wanted() == HTML:
        return see_other(surroundings().page_href(job_id))
    wait = read_wait()
    if wait is not None:
        job = _wait(root, job, caller, wait)
    view = _view(root, job, caller, queue_position=jobs().queue_position(job))
    return document(lambda: job_xml(job, view), lambda: job_json(job, view))


@bp.post("/<root>/<job_id>", strict_slashes=False)
def change_job(root: str, job_id: str) -> BaseResponse:
    """Change what is sent: parameters, control parameters, the phase; or delete the job."""
    caller = surroundings().caller()
    _find_row(root, job_id)
    sent = read_sent()
    if "action" in sent.control:
        return _act(root, job_id, caller, sent.control["action"])
    return _change(root, job_id, caller, sent)


@bp.delete("/<root>/<job_id>", strict_slashes=False)
def delete_job(root: str, job_id: str) -> BaseResponse:
    """Abort the job if it runs, delete its results and forget it."""
    caller = surroundings().caller()
    _find_row(root, job_id)
    jobs().destroy_job(job_id, owner=caller.owner)
    return see_other(_root_url(root))


@bp.get("/<root>/<job_id>/phase")
def show_phase(root: str, job_id: str) -> Response:
    """Show the phase."""
    return atom(_find_row(root, job_id).phase.value)


@bp.get("/<root>/<job_id>/executionduration")
def show_execution_duration(root: str, job_id: str) -> Response:
    """Show how many seconds the job may run."""
    return atom(str(_find_row(root, job_id).execution_duration))


@bp.get("/<root>/<job_id>/destruction")
def show_destruction(root: str, job_id: str) -> Response:
    """Show when the job and its results are deleted."""
    return atom(instant(_find_row(root, job_id).destruction))


@bp.post("/<root>/<job_id>/phase", defaults={"name": "phase"})
@bp.post("/<root>/<job_id>/executionduration", defaults={"name": "executionduration"})
@bp.post("/<root>/<job_id>/destruction", defaults={"name": "destruction"})
def set_atom(root: str, job_id: str, name: str) -> BaseResponse:
    """Set one of the values that a job's owner may set."""
    caller = surroundings().caller()
    _find_row(root, job_id)
    control = read_sent().control
    if name not in control:
        raise UsageError(f"Send the value as {name.upper()}.")
    return _change(root, job_id, caller, Sent(control={name: control[name]}, parameters=[]))


@bp.get("/<root>/<job_id>/quote")
def show_quote(root: str, job_id: str) -> Response:
    """Show when the job is expected to end; empty when nobody knows."""
    return atom(instant(_find_row(root, job_id).quote))


@bp.get("/<root>/<job_id>/error")
def show_error(root: str, job_id: str) -> Response:
    """Show what went wrong at length; empty when nothing did."""
    job = _find_row(root, job_id)
    return atom("\n\n".join(text for text in (job.error_message, job.error_detail) if text))


@bp.get("/<root>/<job_id>/owner")
def show_owner(root: str, job_id: str) -> Response:
    """Show the owner's name; empty when he has none."""
    caller = surroundings().caller()
    return atom(_view(root, _find_row(root, job_id), caller).owner_name or "")


@bp.get("/<root>/<job_id>/parameters")
def list_parameters(root: str, job_id: str) -> Response:
    """List the parameters."""
    caller = surroundings().caller()
    job = _find(root, job_id, caller)
    view = _view(root, job, caller)
    return document(lambda: parameters_xml(job, view), lambda: parameters_json(job, view))


@bp.post("/<root>/<job_id>/parameters")
def set_parameters(root: str, job_id: str) -> BaseResponse:
    """Replace the values of the parameters that are sent; only while the job is PENDING."""
    caller = surroundings().caller()
    _find_row(root, job_id)
    return _change(root, job_id, caller, read_sent())


@bp.get("/<root>/<job_id>/parameters/<path:name>")
def show_parameter(root: str, job_id: str, name: str) -> Response:
    """Show the values of one parameter, one below the other."""
    job = _find(root, job_id, surroundings().caller())
    values = [one.value for one in job.parameters if one.name.casefold() == name.casefold()]
    if not values:
        raise NotFoundError("The job has no such parameter.")
    return atom("\n".join(values))


@bp.put("/<root>/<job_id>/parameters/<path:name>")
def set_parameter(root: str, job_id: str, name: str) -> BaseResponse:
    """Replace the value of one parameter by the body; only while the job is PENDING."""
    caller = surroundings().caller()
    _find_row(root, job_id)
    try:
        value = request.get_data().decode()
    except UnicodeDecodeError:
        raise UsageError("A parameter must be text in UTF-8.") from None
    jobs().change_job(job_id, owner=caller.owner, parameters=[(name, value)])
    return see_other(f"{_root_url(root)}/{job_id}")


@bp.get("/<root>/<job_id>/results")
def list_results(root: str, job_id: str) -> Response:
    """List the results; a valid and perhaps empty list in every phase."""
    caller = surroundings().caller()
    job = _find(root, job_id, caller)
    view = _view(root, job, caller)
    return document(lambda: results_xml(job, view), lambda: results_json(job, view))


@bp.get("/<root>/<job_id>/results/<name>")
def show_result(root: str, job_id: str, name: str) -> BaseResponse:
    """Send a result."""
    caller = surroundings().caller()
    job = _find(root, job_id, caller)
    result = jobs().get_result(job_id, name, owner=caller.owner)
    if result.partial:
        raise NotFoundError("There is no such result.")
    return surroundings().send_result(job, result)


def _type_of(root: str) -> str | None:
    return None if root == ALL else jobs().types[root].name


def _root_url(root: str) -> str:
    return url_for("uws.list_jobs", root=root, _external=True)


def _find(root: str, job_id: str, caller: Caller) -> Job:
    return _below(root, jobs().get_job(job_id, owner=caller.owner))


def _find_row(root: str, job_id: str) -> Job:
    return _below(root, jobs().get_row(job_id, owner=surroundings().caller().owner))


def _below(root: str, job: Job) -> Job:
    if _type_of(root) not in (None, job.type):
        raise NotFoundError(NO_SUCH_JOB)
    return job


def _view(root: str, job: Job, caller: Caller, *, queue_position: int | None = None) -> View:
    return View(
        root=_root_url(root),
        owner_name=caller.name if job.owner == caller.owner else None,
        queue_position=queue_position,
    )


def _wait(root: str, job: Job, caller: Caller, wait: Wait) -> Job:
    phase = wait.phase or job.phase
    if job.phase not in WAITABLE or job.phase != phase:
        return job
    db.session.remove()
    watcher: Watcher = current_app.extensions["watcher"]
    watcher.wait_for_phase(job.id, owner=caller.owner, phase=phase, seconds=wait.seconds)
    return _find(root, job.id, caller)


def _act(root: str, job_id: str, caller: Caller, action: str) -> BaseResponse:
    if action.strip().upper() != "DELETE":
        raise UsageError("ACTION can be DELETE and nothing else.")
    jobs().destroy_job(job_id, owner=caller.owner)
    return see_other(_root_url(root))


def _change(root: str, job_id: str, caller: Caller, sent: Sent) -> BaseResponse:
    phase = sent.control.get("phase")
    change = _phase_change(phase) if phase is not None else None
    wishes = sent.wishes
    if sent.parameters or wishes != Wishes():
        jobs().change_job(job_id, owner=caller.owner, wishes=wishes, parameters=sent.parameters)
    elif change is None:
        raise UsageError("Nothing was sent that could be changed.")
    if change is not None and not change(jobs(), job_id, owner=caller.owner):
        job = jobs().get_job(job_id, owner=caller.owner)
        raise ForbiddenError(f"A job that is {job.phase} cannot be sent PHASE={phase}.")
    return see_other(f"{_root_url(root)}/{job_id}")


def _phase_change(phase: str) -> Callable[..., bool]:
    changes = {"RUN": JobService.run_job, "ABORT": JobService.abort_job}
    try:
        return changes[phase.strip().upper()]
    except KeyError:
        raise UsageError("PHASE can be RUN or ABORT.") from None

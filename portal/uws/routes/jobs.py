"""Jobs and what hangs on them, below each root (UWS 1.1, section 2.2).

The root `jobs` has all of the caller's jobs. The name of a type is a root as well, with the
jobs of that type only, for clients that know of no types.
"""

from flask import Blueprint
from flask import current_app
from flask import jsonify
from flask import request
from flask import Response
from werkzeug.wrappers import Response as BaseResponse

from portal.db import db
from portal.problems import UsageError
from portal.uws.browsers import HTML
from portal.uws.callers import Caller
from portal.uws.callers import ForbiddenError
from portal.uws.json_schema import UWS_SCHEMA
from portal.uws.listing import JobFilter
from portal.uws.listing import list_references
from portal.uws.listing import queue_position
from portal.uws.models import Job
from portal.uws.routes.answers import described
from portal.uws.routes.answers import document
from portal.uws.routes.answers import see_other
from portal.uws.routes.answers import wanted
from portal.uws.routes.found import change
from portal.uws.routes.found import find
from portal.uws.routes.found import find_row
from portal.uws.routes.found import root_url
from portal.uws.routes.found import type_of
from portal.uws.routes.found import view_of
from portal.uws.routes.requests import read_creation
from portal.uws.routes.requests import read_filters
from portal.uws.routes.requests import read_sent
from portal.uws.routes.requests import read_wait
from portal.uws.routes.requests import Wait
from portal.uws.routes.surroundings import surroundings
from portal.uws.sentfiles import allow_files
from portal.uws.serialize import job_json
from portal.uws.serialize import job_xml
from portal.uws.serialize import jobs_json
from portal.uws.serialize import jobs_xml
from portal.uws.serialize import View
from portal.uws.service import jobs
from portal.uws.wait import WAITABLE
from portal.uws.wait import Watcher

bp = Blueprint("uws", __name__)


@bp.url_value_preprocessor
def allow_uploads(endpoint: str | None, values: dict[str, str] | None) -> None:
    """Let a new job of a type that takes files come with them."""
    if endpoint == f"{bp.name}.create_job" and values:
        types, root = jobs().types, values["root"]
        wanted_types = [types[root]] if root in types else types.values()
        models = [one.parameters for one in wanted_types]
        allow_files(request, models, jobs().uploads.max_bytes)


@bp.get("/schema", strict_slashes=False)
def show_schema() -> Response:
    """Show the JSON Schema of the JSON documents."""
    response = jsonify(UWS_SCHEMA)
    response.mimetype = "application/schema+json"
    return response


@bp.get("/<root>", strict_slashes=False)
def list_jobs(root: str) -> BaseResponse:
    """List the caller's jobs, newest first, without archived ones unless they are asked for."""
    type_name = type_of(root)
    caller = surroundings().caller()
    filters = read_filters()
    if wanted() == HTML:
        return see_other(surroundings().list_href(type_name, filters.phases, filters.after))
    which = JobFilter(
        phases=filters.phases,
        types=None if type_name is None else {type_name},
        after=filters.after,
    )
    found = list_references(owner=caller.owner, which=which, last=filters.last)
    view = View(root=root_url(root), owner_name=caller.name)
    answer = document(lambda: jobs_xml(found, view), lambda: jobs_json(found, view))
    return described(answer, type_name)


@bp.post("/<root>", strict_slashes=False)
def create_job(root: str) -> BaseResponse:
    """Create a job of the sent parameters, and run it when PHASE=RUN comes along."""
    type_name = type_of(root)
    caller = surroundings().caller()
    creation = read_creation(jobs().types, type_name)
    job_id = jobs().create_job(
        creation.type_name,
        creation.parameters,
        owner=caller.owner,
        address=caller.address,
        wishes=creation.wishes,
        run=creation.run,
        files=creation.files,
    )
    return see_other(f"{root_url(root)}/{job_id}")


@bp.get("/<root>/<job_id>", strict_slashes=False)
def show_job(root: str, job_id: str) -> BaseResponse:
    """Show a job; WAIT=n answers when its phase changes, and after n seconds at the latest."""
    caller = surroundings().caller()
    job = find(root, job_id, caller)
    if wanted() == HTML:
        return see_other(surroundings().page_href(job_id))
    wait = read_wait()
    if wait is not None:
        job = _wait(root, job, caller, wait)
    view = view_of(root, job, caller, queue_position=queue_position(job))
    return described(document(lambda: job_xml(job, view), lambda: job_json(job, view)), job.type)


@bp.post("/<root>/<job_id>", strict_slashes=False)
def change_job(root: str, job_id: str) -> BaseResponse:
    """Change what is sent: parameters, control parameters, the phase; or delete the job."""
    caller = surroundings().caller()
    job = find_row(root, job_id, caller)
    sent = read_sent()
    if request.files:
        raise ForbiddenError("A file is sent when the job is created; make a new job.")
    if "action" in sent.control:
        return _act(root, job_id, caller, sent.control["action"])
    return change(root, job, caller, sent)


@bp.delete("/<root>/<job_id>", strict_slashes=False)
def delete_job(root: str, job_id: str) -> BaseResponse:
    """Abort the job if it runs, delete its results and forget it."""
    caller = surroundings().caller()
    find_row(root, job_id, caller)
    jobs().destroy_job(job_id, owner=caller.owner)
    return see_other(root_url(root))


def _wait(root: str, job: Job, caller: Caller, wait: Wait) -> Job:
    phase = wait.phase or job.phase
    if job.phase not in WAITABLE or job.phase != phase:
        return job
    db.session.remove()
    watcher: Watcher = current_app.extensions["watcher"]
    who = caller.owner or caller.address or ""
    watcher.wait_for_phase(job.id, owner=who, phase=phase, seconds=wait.seconds)
    return find(root, job.id, caller)


def _act(root: str, job_id: str, caller: Caller, action: str) -> BaseResponse:
    if action.strip().upper() != "DELETE":
        raise UsageError("ACTION can be DELETE and nothing else.")
    jobs().destroy_job(job_id, owner=caller.owner)
    return see_other(root_url(root))

"""Pages about jobs: the list, one job that follows itself, run, abort, delete."""

from datetime import datetime
from datetime import UTC
from typing import Any

from flask import Blueprint
from flask import current_app
from flask import flash
from flask import redirect
from flask import render_template
from flask import request
from flask import Response
from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.owner import find_owner
from portal.db import db
from portal.display import requested_page
from portal.htmx import render
from portal.htmx import trigger
from portal.htmx import wants_fragment
from portal.plugins.registry import PluginRegistry
from portal.problems import NotFoundError
from portal.uws.listing import count_jobs
from portal.uws.listing import list_jobs
from portal.uws.models import Job
from portal.uws.service import jobs
from portal.uws.wait import Watcher

bp = Blueprint("jobs", __name__, url_prefix="/jobs")
PAGE_SIZE = 50
FIRST_LOOK_SECONDS = 1.0
FOLLOW_SECONDS = 25.0


@bp.get("")
def index() -> Response:
    """List the owner's jobs, newest first."""
    owner = find_owner()
    page, pages = requested_page(count_jobs(owner=owner), PAGE_SIZE)
    found = list_jobs(owner=owner, last=PAGE_SIZE)
    return render("jobs/index.html", "jobs/_list.html", jobs=found, page=page, pages=pages)


@bp.get("/<job_id>")
def show(job_id: str) -> Response:
    """Show one job; a fragment asked for with `seen` waits until there is something new."""
    owner = find_owner()
    job = jobs().get_job(job_id, owner=owner)
    seen = request.args.get("seen", type=int)
    waited = True
    if not job.is_finished:
        job, waited = _wait(job, owner, seen)
    response = render(
        "jobs/show.html", "jobs/_job.html", job=job, waited=waited, now=datetime.now(UTC)
    )
    if wants_fragment() and job.results and job.version != seen:
        trigger(response, "result-changed")
    return response


@bp.post("/<job_id>/run")
def run(job_id: str) -> BaseResponse:
    """Queue a job that waits for it."""
    owner = find_owner()
    jobs().get_job(job_id, owner=owner)
    jobs().run_job(job_id, owner=owner)
    return redirect(url_for("jobs.show", job_id=job_id), code=303)


@bp.post("/<job_id>/abort")
def abort(job_id: str) -> BaseResponse:
    """Abort a job; one that has ended stays as it is."""
    owner = find_owner()
    jobs().get_job(job_id, owner=owner)
    if not jobs().abort_job(job_id, owner=owner):
        flash("The job had already ended.", "info")
    return redirect(url_for("jobs.show", job_id=job_id), code=303)


@bp.get("/<job_id>/delete")
def confirm_delete(job_id: str) -> str:
    """Ask before a job and its results are deleted."""
    return render_template("jobs/delete.html", job=jobs().get_job(job_id, owner=find_owner()))


@bp.post("/<job_id>/delete")
def delete(job_id: str) -> BaseResponse:
    """Delete a job and its results."""
    jobs().destroy_job(job_id, owner=find_owner())
    flash("The job and its results are deleted.", "info")
    return redirect(url_for("jobs.index"), code=303)


@bp.app_template_global("archive_of")
def archive_of(job: Job) -> str:
    """Return the title of the archive that a job asks; nothing when its plugin is gone."""
    registry: PluginRegistry = current_app.extensions["plugins"]
    try:
        return registry.archive_of(job.type).title
    except NotFoundError:
        return ""


@bp.app_template_global("form_url")
def form_url(job: Job) -> str | None:
    """Return the link to the form that this job came from, filled in; None: plugin is gone."""
    registry: PluginRegistry = current_app.extensions["plugins"]
    try:
        archive = registry.archive_of(job.type)
    except NotFoundError:
        return None
    filled: dict[str, Any] = {}
    for one in job.parameters:
        filled.setdefault(one.name, []).append(one.value)
    return url_for("archives.query_form", archive_id=archive.id, query_id=job.type, **filled)


def _wait(job: Job, owner: str, seen: int | None) -> tuple[Job, bool]:
    following = seen is not None and wants_fragment()
    seconds = FOLLOW_SECONDS if following else FIRST_LOOK_SECONDS
    version = seen if following and seen is not None else job.version
    if version < job.version:
        return job, True
    watcher: Watcher = current_app.extensions["watcher"]
    db.session.remove()
    waited = watcher.wait(job.id, owner=owner, seen=version, seconds=seconds)
    return jobs().get_job(job.id, owner=owner), waited

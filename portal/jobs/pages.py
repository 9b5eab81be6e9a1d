"""Pages about jobs: the list, one job that follows itself, and what its owner can do with it."""

from flask import Blueprint
from flask import current_app
from flask import flash
from flask import redirect
from flask import render_template
from flask import request
from flask import Response
from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.access import is_shared
from portal.accounts.owner import current_owner
from portal.accounts.owner import find_owner
from portal.db import clock
from portal.display import instant
from portal.htmx import render
from portal.htmx import trigger
from portal.htmx import wants_fragment
from portal.jobs import asked
from portal.jobs.filters import ListAddress
from portal.jobs.following import find_news
from portal.jobs.keeping import chosen_time
from portal.jobs.keeping import keep_choices
from portal.jobs.view import view_of
from portal.parameters import read_form
from portal.plugins.registry import PluginRegistry
from portal.uws.again import NOTHING_CAME
from portal.uws.limits import Wishes
from portal.uws.listing import BOTTOM
from portal.uws.listing import count_jobs
from portal.uws.listing import list_page
from portal.uws.listing import MOST_COUNTED
from portal.uws.service import jobs
from portal.uws.sharing import revoke_share
from portal.uws.sharing import share_job

bp = Blueprint("jobs", __name__)
PAGE_SIZE = 50

bp.add_app_template_global(asked.archive_of)
bp.add_app_template_global(asked.asked_of)
bp.add_app_template_global(asked.form_url)
bp.add_app_template_global(asked.kind_of)
bp.add_app_template_global(is_shared)


@bp.get("/jobs")
def index() -> Response:
    """List the owner's jobs that the address asks for, newest first."""
    owner = find_owner()
    address = ListAddress.read(request.args)
    which = address.job_filter(_registry())
    page = list_page(
        owner=owner,
        which=which,
        size=PAGE_SIZE,
        older_than=address.older,
        newer_than=address.newer,
    )
    return render(
        "jobs/index.html",
        "jobs/_list.html",
        page=page,
        count=len(page.jobs) if page.is_whole else count_jobs(owner=owner, which=which),
        most_counted=MOST_COUNTED,
        address=address,
        bottom=BOTTOM,
        archives=_registry().archives,
    )


@bp.get("/jobs/<job_id>")
@bp.get("/shared/<share_key>")
def show(**address: str) -> Response:
    """Show one job; a fragment asked for with `seen` waits until there is something new."""
    job, waited = find_news(address)
    view = view_of(job, address, waited=waited)
    response = render("jobs/show.html", "jobs/_job.html", view=view)
    is_new = job.version != request.args.get("seen", type=int)
    if wants_fragment() and job.results and not view.is_launch and is_new:
        trigger(response, "result-changed")
    return response


@bp.post("/jobs/<job_id>/run")
def run(job_id: str) -> BaseResponse:
    """Queue a job that waits for it."""
    jobs().run_job(job_id, owner=find_owner())
    return _back_to(job_id)


@bp.post("/jobs/<job_id>/abort")
def abort(job_id: str) -> BaseResponse:
    """Abort a job; one that has ended stays as it is."""
    owner = find_owner()
    jobs().get_row(job_id, owner=owner)
    if not jobs().abort_job(job_id, owner=owner):
        flash("The job had already ended.", "info")
    return _back_to(job_id)


@bp.post("/jobs/<job_id>/repeat")
def repeat(job_id: str) -> BaseResponse:
    """Make a new job with the same parameters, and run it.

    A part of a job that has brought nothing is asked again there, and its whole is shown.
    """
    job = jobs().get_job(job_id, owner=find_owner())
    request_key = request.form.get("request_key") or None
    if job.parent_id and job.phase in NOTHING_CAME:
        return _back_to(jobs().ask_again(job_id, owner=find_owner(), request_key=request_key))
    sent = [(one.name, one.value) for one in job.parameters]
    new_id = jobs().create_job(
        job.type,
        read_form(jobs().types[job.type].parameters, sent),
        owner=current_owner(),
        wishes=Wishes(execution_duration=job.execution_duration),
        run=True,
        request_key=request_key,
    )
    return _back_to(new_id)


@bp.post("/jobs/<job_id>/share")
def share(job_id: str) -> BaseResponse:
    """Make a link by which anybody may read the job; an earlier link ends."""
    share_job(job_id, owner=find_owner())
    return _back_to(job_id, opened="share")


@bp.post("/jobs/<job_id>/unshare")
def unshare(job_id: str) -> BaseResponse:
    """End the link by which the job is shared."""
    revoke_share(job_id, owner=find_owner())
    flash("The link opens nothing any more.", "info")
    return _back_to(job_id)


@bp.post("/jobs/<job_id>/keep")
def keep(job_id: str) -> BaseResponse:
    """Keep a job and its results for as many more days as were chosen."""
    owner = find_owner()
    job = jobs().get_row(job_id, owner=owner)
    choices = keep_choices(job, now=clock(), most=jobs().limits.max_retention)
    until = chosen_time(choices, request.form.get("days", type=int))
    jobs().change_job(job_id, owner=owner, wishes=Wishes(destruction=until))
    flash(f"The job is kept until {instant(until)} UTC.", "success")
    return _back_to(job_id)


@bp.get("/jobs/<job_id>/delete")
def confirm_delete(job_id: str) -> str:
    """Ask before a job and its results are deleted."""
    return render_template("jobs/delete.html", job=jobs().get_job(job_id, owner=find_owner()))


@bp.post("/jobs/<job_id>/delete")
def delete(job_id: str) -> BaseResponse:
    """Delete a job and its results."""
    jobs().destroy_job(job_id, owner=find_owner())
    flash("The job and its results are deleted.", "info")
    return redirect(url_for("jobs.index"), code=303)


@bp.after_app_request
def hide_from_search_engines(response: Response) -> Response:
    """Ask search engines to forget addresses that open to whoever has them."""
    if is_shared(request.view_args or {}):
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def _back_to(job_id: str, *, opened: str | None = None) -> BaseResponse:
    """Send the browser to the page of a job, with one of its folds open."""
    return redirect(url_for("jobs.show", job_id=job_id, open=opened, _anchor=opened), code=303)


def _registry() -> PluginRegistry:
    registry: PluginRegistry = current_app.extensions["plugins"]
    return registry

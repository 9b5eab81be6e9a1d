"""Pages to add a workflow: name a repository, see what is in it, choose, keep; and delete."""

from http import HTTPStatus

from flask import Blueprint
from flask import flash
from flask import redirect
from flask import render_template
from flask import request
from flask import Response
from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.owner import current_owner
from portal.accounts.owner import find_owner
from portal.analysis.workflows.inspecting.query import InspectParameters
from portal.analysis.workflows.inspecting.query import QUERY_ID
from portal.analysis.workflows.inspection import get_inspection
from portal.analysis.workflows.inspection import Inspection
from portal.analysis.workflows.own import add_own
from portal.analysis.workflows.own import delete_own
from portal.analysis.workflows.own import find_own
from portal.analysis.workflows.searching import TYPES
from portal.htmx import render
from portal.parameters import read_form
from portal.plugins.described.workflows import OWN
from portal.plugins.repositories import check_ref
from portal.plugins.repositories import read_repository
from portal.plugins.workflows import DEFAULT_REF
from portal.plugins.workflows import WorkflowType
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.uws.service import jobs

bp = Blueprint("own_workflows", __name__, url_prefix="/workflows")


@bp.get("/add")
def new() -> str:
    """Ask for the address of a repository."""
    address = request.args.get("repository", "")
    return render_template("analysis/workflow_add.html", address=address, ref="", error="")


@bp.post("/add")
def inspect() -> BaseResponse:
    """Make a job that reads the repository, or say what is wrong with its address."""
    address, ref = request.form.get("repository", ""), request.form.get("ref", "").strip()
    try:
        place = read_repository(address)
        wanted = check_ref(ref) if ref else place.ref or DEFAULT_REF
    except UsageError as error:
        page = render_template(
            "analysis/workflow_add.html", address=address, ref=ref, error=error.message
        )
        return Response(page, HTTPStatus.UNPROCESSABLE_ENTITY)
    asked = {"repository": place.repository, "ref": wanted, "path": place.path or ""}
    job_id = jobs().create_job(
        QUERY_ID, read_form(InspectParameters, asked.items()), owner=current_owner(), run=True
    )
    return redirect(url_for("own_workflows.show", job_id=job_id), code=303)


@bp.get("/add/<job_id>")
def show(job_id: str) -> Response:
    """Show what a job has read of a repository, or how far it is."""
    return _page(get_inspection(job_id, owner=find_owner()))


@bp.post("/add/<job_id>")
def create(job_id: str) -> BaseResponse:
    """Keep what was chosen as a workflow of the user's own."""
    inspection = get_inspection(job_id, owner=find_owner())
    form = request.form
    ref = form.get("ref", DEFAULT_REF)
    try:
        inspection.check_ref_is_there(ref)
        workflow_id = add_own(
            current_owner(),
            title=form.get("title", ""),
            repository=inspection.repository,
            ref=ref,
            path=form.get("path") or None,
            type=_type(form.get("type", "")),
        )
    except UsageError as error:
        response = _page(inspection, error=error.message)
        response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
        return response
    flash("The workflow is among yours now.", "success")
    return redirect(url_for("workflows.show", source_id=OWN, workflow_id=workflow_id), code=303)


@bp.get("/own/<workflow_id>/delete")
def confirm_delete(workflow_id: str) -> str:
    """Ask before a workflow is deleted."""
    workflow = find_own(workflow_id, owner=find_owner())
    if workflow is None:
        raise NotFoundError("There is no such workflow, or no longer.")
    return render_template("analysis/workflow_delete.html", workflow=workflow)


@bp.post("/own/<workflow_id>/delete")
def delete(workflow_id: str) -> BaseResponse:
    """Delete a workflow of the user's own."""
    delete_own(workflow_id, owner=find_owner())
    flash("The workflow is deleted. Its repository is where it was.", "info")
    return redirect(url_for("workflows.index"), code=303)


def _page(inspection: Inspection, *, error: str = "") -> Response:
    return render(
        "analysis/workflow_inspected.html",
        "analysis/_workflow_inspection.html",
        inspection=inspection,
        error=error,
        types=TYPES,
        values=request.form,
    )


def _type(name: str) -> WorkflowType:
    try:
        return WorkflowType(name)
    except ValueError:
        raise UsageError("Choose how one works with it.") from None

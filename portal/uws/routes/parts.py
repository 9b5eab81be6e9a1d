"""What a job consists of: values as text, parameters and results as lists (UWS 1.1, 2.2.1)."""

from flask import Blueprint
from flask import request
from flask import Response
from flask import send_file
from werkzeug.wrappers import Response as BaseResponse

from portal.parameters import read_reference
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.uws.attachments import get_upload
from portal.uws.browsers import HTML
from portal.uws.models import Job
from portal.uws.routes.answers import atom
from portal.uws.routes.answers import document
from portal.uws.routes.answers import see_other
from portal.uws.routes.answers import wanted
from portal.uws.routes.found import change
from portal.uws.routes.found import find
from portal.uws.routes.found import find_row
from portal.uws.routes.found import root_url
from portal.uws.routes.found import see
from portal.uws.routes.found import view_of
from portal.uws.routes.requests import CONTROL
from portal.uws.routes.requests import read_sent
from portal.uws.routes.requests import Sent
from portal.uws.routes.surroundings import surroundings
from portal.uws.sentfiles import UNKNOWN_TYPE
from portal.uws.serialize import instant
from portal.uws.serialize import parameters_json
from portal.uws.serialize import parameters_xml
from portal.uws.serialize import results_json
from portal.uws.serialize import results_xml
from portal.uws.service import jobs

# What no browser takes for a page, whatever is in it; all else is sent as bytes.
HARMLESS = frozenset({"application/fits", "application/x-votable+xml", "text/csv", "text/plain"})

bp = Blueprint("uws_parts", __name__)


@bp.get("/<root>/<job_id>/phase", strict_slashes=False)
def show_phase(root: str, job_id: str) -> Response:
    """Show the phase."""
    return atom(_row(root, job_id).phase.value)


@bp.get("/<root>/<job_id>/executionduration", strict_slashes=False)
def show_execution_duration(root: str, job_id: str) -> Response:
    """Show how many seconds the job may run."""
    return atom(str(_row(root, job_id).execution_duration))


@bp.get("/<root>/<job_id>/destruction", strict_slashes=False)
def show_destruction(root: str, job_id: str) -> Response:
    """Show when the job and its results are deleted."""
    return atom(instant(_row(root, job_id).destruction))


@bp.post(
    "/<root>/<job_id>/<any(phase, executionduration, destruction):value>", strict_slashes=False
)
def set_value(root: str, job_id: str, value: str) -> BaseResponse:
    """Set one of the values that a job's owner may set."""
    caller = surroundings().caller()
    job = find_row(root, job_id, caller)
    control = read_sent().control
    if value not in control:
        raise UsageError(f"Send the value as {value.upper()}.")
    return change(root, job, caller, Sent(control={value: control[value]}, parameters=[]))


@bp.get("/<root>/<job_id>/quote", strict_slashes=False)
def show_quote(root: str, job_id: str) -> Response:
    """Show when the job is expected to end; empty when nobody knows."""
    return atom(instant(_row(root, job_id).quote))


@bp.get("/<root>/<job_id>/error", strict_slashes=False)
def show_error(root: str, job_id: str) -> Response:
    """Show what went wrong at length; empty when nothing did."""
    job = _row(root, job_id)
    return atom("\n\n".join(text for text in (job.error_message, job.error_detail) if text))


@bp.get("/<root>/<job_id>/owner", strict_slashes=False)
def show_owner(root: str, job_id: str) -> Response:
    """Show the owner's name; empty when he has none."""
    caller = surroundings().caller()
    return atom(view_of(root, find_row(root, job_id, caller), caller).owner_name or "")


@bp.get("/<root>/<job_id>/parameters", strict_slashes=False)
def list_parameters(root: str, job_id: str) -> Response:
    """List the parameters; browsers go on to the page of the job."""
    job, view = see(root, job_id)
    if wanted() == HTML:
        return see_other(surroundings().page_href(job_id))
    return document(lambda: parameters_xml(job, view), lambda: parameters_json(job, view))


@bp.post("/<root>/<job_id>/parameters", strict_slashes=False)
def set_parameters(root: str, job_id: str) -> BaseResponse:
    """Replace the values of the parameters that are sent; only while the job is PENDING."""
    caller = surroundings().caller()
    job = find_row(root, job_id, caller)
    return change(root, job, caller, read_sent())


@bp.get("/<root>/<job_id>/parameters/<path:name>")
def show_parameter(root: str, job_id: str, name: str) -> Response:
    """Show the values of one parameter, one below the other; or send the file that it is."""
    caller = surroundings().caller()
    job = find(root, job_id, caller)
    named = [one for one in job.parameters if one.name.casefold() == name.casefold()]
    if not named:
        raise NotFoundError("The job has no such parameter.")
    if named[0].by_reference:
        return _send_upload(job_id, read_reference(named[0].value), caller.owner)
    return atom("\n".join(one.value for one in named))


def _send_upload(job_id: str, upload_id: str, owner: str) -> Response:
    """Send a stranger's file as something that browsers keep and never show."""
    upload = get_upload(job_id, upload_id, owner=owner)
    sent = send_file(
        jobs().uploads.find(job_id, upload_id),
        as_attachment=True,
        download_name=upload.name,
        etag=False,
    )
    # `send_file` would have it kept and asked for again, and call every text UTF-8.
    sent.headers["Cache-Control"] = "no-store"
    sent.content_type = upload.mime_type if upload.mime_type in HARMLESS else UNKNOWN_TYPE
    return sent


@bp.put("/<root>/<job_id>/parameters/<path:name>")
def set_parameter(root: str, job_id: str, name: str) -> BaseResponse:
    """Replace the value of one parameter by the body; only while the job is PENDING."""
    caller = surroundings().caller()
    find_row(root, job_id, caller)
    if name.casefold() in CONTROL:
        raise UsageError(f"{name} is no parameter.")
    try:
        value = request.get_data().decode()
    except UnicodeDecodeError:
        raise UsageError("A parameter must be text in UTF-8.") from None
    jobs().change_job(job_id, owner=caller.owner, parameters=[(name, value)])
    return see_other(f"{root_url(root)}/{job_id}")


@bp.get("/<root>/<job_id>/results", strict_slashes=False)
def list_results(root: str, job_id: str) -> Response:
    """List the results; a valid and perhaps empty list in every phase, for browsers the page."""
    job, view = see(root, job_id)
    if wanted() == HTML:
        return see_other(surroundings().page_href(job_id))
    return document(lambda: results_xml(job, view), lambda: results_json(job, view))


@bp.get("/<root>/<job_id>/results/<name>", strict_slashes=False)
def show_result(root: str, job_id: str, name: str) -> BaseResponse:
    """Send a result."""
    caller = surroundings().caller()
    job = find(root, job_id, caller)
    result = jobs().get_result(job_id, name, owner=caller.owner)
    if result.partial:
        raise NotFoundError("There is no such result.")
    return surroundings().send_result(job, result)


def _row(root: str, job_id: str) -> Job:
    return find_row(root, job_id, surroundings().caller())

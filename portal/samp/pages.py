"""The page that talks to the hub on the user's machine, and what it needs of the portal."""

from collections.abc import Mapping

from flask import Blueprint
from flask import current_app
from flask import jsonify
from flask import redirect
from flask import request
from flask import Response
from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.problems import NotFoundError
from portal.results.access import find_readable
from portal.results.attached import extension_of
from portal.results.chosen import read_rows
from portal.results.downloads import download_file
from portal.results.downloads import file_name
from portal.results.downloads import FORMATS
from portal.results.downloads import send_result
from portal.results.keys import ResultKey
from portal.results.store import ResultStore
from portal.samp.signing import find_table
from portal.samp.signing import job_of
from portal.samp.signing import open_file
from portal.samp.signing import SECONDS
from portal.samp.signing import sign_file
from portal.uws.models import Job
from portal.uws.models import Result

bp = Blueprint("samp", __name__, url_prefix="/samp")


@bp.get("/link")
def link() -> Response:
    """Answer an address that opens a result of the caller for a while, without a cookie."""
    job, result = _asked_result(request.args)
    extension = extension_of(result) if result.is_file else request.args.get("format", "vot")
    if result.partial or not (result.is_file or extension in FORMATS):
        raise NotFoundError("This result cannot be sent in that format, or not yet.")
    rows = request.args.get("rows", "")
    if rows:
        read_rows(rows)
    url = url_for(
        "samp.file",
        filename=f"{file_name(job.title)}.{extension}",
        sig=sign_file(result, extension, rows),
        _external=True,
    )
    return jsonify(url=url, seconds=SECONDS)


@bp.get("/files/<filename>")
def file(filename: str) -> Response:  # noqa: ARG001 - programs name what they fetch by it
    """Send what a signed address opens, whatever the name in it."""
    signed = open_file(request.args.get("sig", ""))
    job = job_of(signed.result)
    response = _content(job, signed.result, signed.extension, signed.rows)
    # Programs that run in a browser read it from pages of their own.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@bp.get("/rows")
def rows() -> BaseResponse:
    """Lead to those rows of a table that another program named, where it is the caller's."""
    result = find_table(request.args.get("table", ""))
    chosen = request.args.get("rows", "")
    read_rows(chosen)
    job, _ = find_readable({"job_id": result.job_id}, result.name)
    return redirect(url_for("results.show", job_id=job.id, name=result.name, rows=chosen))


def _asked_result(arguments: Mapping[str, str]) -> tuple[Job, Result]:
    return find_readable({"job_id": arguments.get("job", "")}, arguments.get("result", ""))


def _content(job: Job, result: Result, extension: str, rows: str) -> Response:
    if result.is_file:
        return send_result(job, result)
    store: ResultStore = current_app.extensions["results"]
    opened = store.open(ResultKey(job.id, result.token, result.name))
    chosen = read_rows(rows) if rows else None
    return download_file(opened, extension, title=job.title, rows=chosen)

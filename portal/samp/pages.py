"""The page that talks to the hub on the user's machine, and what it needs of the portal."""

import math
from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint
from flask import flash
from flask import jsonify
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import Response
from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.owner import current_owner
from portal.basket.adding import add_received
from portal.basket.reach import get_basket
from portal.basket.reach import Visitor
from portal.basket.sharing import find_share
from portal.basket.table import basket_votable
from portal.basket.table import MEDIA_TYPE
from portal.basket.visitors import find_visitor
from portal.links import safe_href
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins.samp import NAME
from portal.plugins.samp import ReceivedTable
from portal.plugins.samp import TableParameters
from portal.plugins.types import DataItem
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.results.access import find_readable
from portal.results.attached import extension_of
from portal.results.chosen import read_rows
from portal.results.chosen import write_rows
from portal.results.downloads import file_name
from portal.results.downloads import FORMATS
from portal.results.signed import send_signed
from portal.samp.sending import position
from portal.samp.sending import Thing
from portal.samp.sending import thing_at
from portal.samp.sending import things_in
from portal.samp.sending import things_of
from portal.samp.signing import find_table
from portal.samp.signing import open_basket
from portal.samp.signing import open_file
from portal.samp.signing import SECONDS
from portal.samp.signing import sign_basket
from portal.samp.signing import sign_file
from portal.security import CONTENT_SECURITY_POLICY
from portal.uws.models import Job
from portal.uws.models import Result
from portal.uws.sentfiles import allow_files
from portal.uws.sentfiles import read_files
from portal.uws.service import jobs

bp = Blueprint("samp", __name__, url_prefix="/samp")
HUBS = "http://127.0.0.1:21012 http://localhost:21012"  # SAMP 1.3, section 5.2
TEXT_LENGTH = 200


@bp.get("")
def show() -> Response:
    """Show what the address says is to be sent, and the hub, which only this page may reach."""
    job, things = _asked_things(request.args)
    page = render_template(
        "samp/show.html",
        things=things,
        job=job,
        name=request.args.get("result", ""),
        max_bytes=jobs().uploads.max_bytes,
    )
    response = make_response(page)
    policy = CONTENT_SECURITY_POLICY.replace("connect-src 'self'", f"connect-src 'self' {HUBS}")
    response.headers["Content-Security-Policy"] = policy
    return response


@bp.post("/choose")
def choose() -> BaseResponse:
    """Lead to the page that sends the ticked rows of a result."""
    try:
        numbers = [int(one) for one in request.form.getlist("row")]
    except ValueError as error:
        raise UsageError("A row is named by its number.") from error
    if not numbers:
        raise UsageError("Tick the rows that you want to send first.")
    job_id, name = (request.form.get(field, "") for field in ("job", "result"))
    return redirect(
        url_for("samp.show", job=job_id, result=name, rows=write_rows(numbers)), code=303
    )


@bp.post("/tables")
def receive() -> BaseResponse:
    """Make a job of a table that came as a file: it becomes a result of the caller."""
    pairs = [(name, request.form.get(name, "")[:TEXT_LENGTH]) for name in ("name", "sender")]
    try:
        read = read_files(TableParameters, pairs, request.files.items(multi=True))
        parameters = read_form(TableParameters, read.pairs)
    except InvalidParametersError as error:
        raise UsageError("Choose a file with a table: a VOTable, or FITS.") from error
    job_id = jobs().create_job(
        ReceivedTable.id, parameters, owner=current_owner(), run=True, files=read.files
    )
    address = url_for("jobs.show", job_id=job_id)
    if request.accept_mimetypes.best == "application/json":
        return make_response(jsonify(job=address), HTTPStatus.CREATED)
    return redirect(address, code=HTTPStatus.SEE_OTHER)


@bp.url_value_preprocessor
def allow_tables(endpoint: str | None, _values: object) -> None:
    """Let a table be as large as the files of any job."""
    if endpoint == f"{bp.name}.receive":
        allow_files(request, [TableParameters], jobs().uploads.max_bytes)


@bp.post("/items")
def keep() -> BaseResponse:
    """Put an image or a spectrum that a program sent the address of into the basket."""
    url = request.form.get("url", "")
    if safe_href(url) is None:
        raise UsageError("Only what has an address of its own on the web can be kept.")
    item = DataItem(
        title=request.form.get("title", "")[:TEXT_LENGTH] or url,
        access_url=url,
        access_format=request.form.get("format", "")[:TEXT_LENGTH] or None,
        dataproduct_type=request.form.get("kind", "")[:TEXT_LENGTH] or None,
    )
    added = add_received(current_owner(), [item], sender=request.form.get("sender", NAME))
    words = "Put into the basket." if added.new else "The basket has it already."
    if request.accept_mimetypes.best == "application/json":
        return make_response(jsonify(words=words), HTTPStatus.CREATED)
    flash(words, "success" if added.new else "info")
    return redirect(url_for("samp.show"), code=HTTPStatus.SEE_OTHER)


@bp.get("/link")
def link() -> Response:
    """Answer an address that opens a result or a basket of the caller without a cookie."""
    if "basket" in request.args:
        ref, visitor = request.args["basket"], find_visitor()
        basket = get_basket(ref, visitor)
        signature = sign_basket(basket, find_share(basket, ref, visitor))
        name = f"{file_name(basket.name)}.vot"
        url = url_for("samp.basket", filename=name, sig=signature, _external=True)
        return jsonify(url=url, seconds=SECONDS)
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
    response = send_signed(open_file(request.args.get("sig", "")))
    # Programs that run in a browser read it from pages of their own.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@bp.get("/baskets/<filename>")
def basket(filename: str) -> Response:  # noqa: ARG001 - programs name what they fetch by it
    """Send the basket that a signed address opens, as a table, whatever the name in it."""
    opened = open_basket(request.args.get("sig", ""))
    votable = basket_votable(opened.id, Visitor(owner=opened.owner))
    if votable is None:
        raise NotFoundError("This basket is empty, or gone.")
    response = Response(votable, content_type=MEDIA_TYPE)
    name = f"{file_name(opened.name)}.vot"
    response.headers.set("Content-Disposition", "attachment", filename=name)
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


def _asked_things(arguments: Mapping[str, str]) -> tuple[Job | None, list[Thing]]:
    """Return what an address asks to be sent, and the job that it is of."""
    job: Job | None = None
    things: list[Thing] = []
    if "job" in arguments:
        job, result = _asked_result(arguments)
        if result.partial:
            raise NotFoundError("This result is still arriving; it can be sent when it is whole.")
        things += things_of(job, result, arguments.get("rows", ""))
    if "basket" in arguments:
        visitor = find_visitor()
        basket = get_basket(arguments["basket"], visitor)
        things += things_in(basket, arguments["basket"], visitor)
    if "url" in arguments:
        title = arguments.get("title", "")
        if (found := thing_at(arguments["url"], arguments.get("as", ""), title)) is None:
            raise UsageError("There is nothing at this address that could be sent.")
        things.append(found)
    if "ra" in arguments:
        things.append(position(*_coordinates(arguments)))
    return job, things


def _coordinates(arguments: Mapping[str, str]) -> tuple[float, float]:
    try:
        ra, dec = float(arguments["ra"]), float(arguments["dec"])
    except (KeyError, ValueError) as error:
        raise UsageError("A position is given by ra and dec, in degrees.") from error
    if not (math.isfinite(ra) and -90 <= dec <= 90):  # noqa: PLR2004 - the poles
        raise UsageError("There is no such position on the sky.")
    return ra % 360, dec


def _asked_result(arguments: Mapping[str, str]) -> tuple[Job, Result]:
    return find_readable({"job_id": arguments.get("job", "")}, arguments.get("result", ""))

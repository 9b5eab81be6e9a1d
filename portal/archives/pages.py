"""Pages about archives: the list, one archive, and the form of each of its queries."""

import uuid
from collections.abc import Mapping
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint
from flask import current_app
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import Response
from flask import url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.owner import current_owner
from portal.parameters import FieldError
from portal.parameters import form_fields
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.parameters import write_defaults
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import Archive
from portal.plugins.types import Query
from portal.problems import NotFoundError
from portal.uws.sentfiles import allow_files
from portal.uws.sentfiles import read_files
from portal.uws.service import jobs

bp = Blueprint("archives", __name__, url_prefix="/archives")
REQUEST_KEY = "request_key"
CONTROL_FIELDS = frozenset({"csrf_token", REQUEST_KEY})


@bp.get("")
def index() -> str:
    """List the archives."""
    return render_template("archives/index.html", archives=_registry().archives)


@bp.get("/<archive_id>")
def show(archive_id: str) -> str:
    """Show one archive and what it can be asked."""
    return render_template("archives/show.html", archive=_registry().archive(archive_id))


@bp.get("/<archive_id>/<query_id>")
def query_form(archive_id: str, query_id: str) -> Response:
    """Show the form of a query, filled in from the address."""
    archive, query = _find(archive_id, query_id)
    sent = list(request.args.items(multi=True)) or write_defaults(query.Parameters)
    return _form_page(archive, query, sent)


@bp.post("/<archive_id>/<query_id>")
def submit(archive_id: str, query_id: str) -> BaseResponse:
    """Make a job of a filled-in form, or show the form again with what is wrong."""
    archive, query = _find(archive_id, query_id)
    pairs = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in CONTROL_FIELDS
    ]
    try:
        job_id = _create_job(query, pairs)
    except InvalidParametersError as error:
        response = _form_page(archive, query, pairs, errors=error.errors)
        response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
        return response
    return redirect(url_for("jobs.show", job_id=job_id), code=303)


@bp.url_value_preprocessor
def allow_uploads(endpoint: str | None, values: dict[str, str] | None) -> None:
    """Let the form of a query that takes files come with them."""
    if endpoint == f"{bp.name}.submit" and values and values["query_id"] in jobs().types:
        models = [jobs().types[values["query_id"]].parameters]
        allow_files(request, models, jobs().uploads.max_bytes)


def _create_job(query: Query, pairs: Sequence[tuple[str, str]]) -> str:
    read = read_files(query.Parameters, pairs, request.files.items(multi=True))
    return jobs().create_job(
        query.id,
        read_form(query.Parameters, read.pairs),
        owner=current_owner(),
        run=True,
        request_key=request.form.get(REQUEST_KEY) or None,
        files=read.files,
    )


def _registry() -> PluginRegistry:
    registry: PluginRegistry = current_app.extensions["plugins"]
    return registry


def _find(archive_id: str, query_id: str) -> tuple[Archive, Query]:
    archive = _registry().archive(archive_id)
    query = _registry().query(query_id)
    if query not in archive.queries or query.hidden:
        raise NotFoundError("This archive has no such query.")
    return archive, query


def _form_page(
    archive: Archive,
    query: Query,
    sent: Sequence[tuple[str, str]],
    *,
    errors: Sequence[FieldError] = (),
) -> Response:
    fields = form_fields(query.Parameters, _registry().choices(query))
    names = {field.name.casefold(): field.name for field in fields}
    values = MultiDict((names.get(name.casefold(), name), value) for name, value in sent)
    variables: Mapping[str, Any] = {
        "archive": archive,
        "query": query,
        "fields": fields,
        "values": values,
        "errors": errors,
        "request_key": uuid.uuid4().hex,
    }
    return make_response(render_template("archives/query.html", **variables))

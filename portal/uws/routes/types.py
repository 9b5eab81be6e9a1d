"""What job types there are, what each takes, and how the service describes itself; for anybody.

Each answer has an ETag, so that a client asks for what it knows without being sent it again.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from datetime import UTC
from typing import Any

from flask import Blueprint
from flask import current_app
from flask import request
from flask import Response
from flask import url_for
from flask.blueprints import BlueprintSetupState
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from portal.db import db
from portal.problems import PortalError
from portal.problems import UsageError
from portal.uws import views
from portal.uws.answers import problem_answer
from portal.uws.browsers import HTML
from portal.uws.descriptors import Addresses
from portal.uws.descriptors import descriptor
from portal.uws.descriptors import process
from portal.uws.descriptors import schema_document
from portal.uws.descriptors import SCHEMA_TYPE
from portal.uws.descriptors import type_list
from portal.uws.routes.answers import JSON
from portal.uws.routes.answers import see_other
from portal.uws.routes.answers import wanted
from portal.uws.routes.answers import XML
from portal.uws.routes.requests import read_creation
from portal.uws.routes.surroundings import surroundings
from portal.uws.service import jobs
from portal.uws.types import JobType

SERVICE_DESCRIPTOR = "application/x-votable+xml;content=datalink"
UP_SINCE = "uws_up_since"
FORMAT = frozenset({"format", "responseformat"})  # without regard to case (DALI 1.1, 2.1)

bp = Blueprint("uws_types", __name__)


@bp.record
def _note_start(state: BlueprintSetupState) -> None:
    state.app.extensions[UP_SINCE] = datetime.now(UTC)


@bp.get("/types", strict_slashes=False)
def index() -> Response:
    """List the job types."""
    if page := _page(None):
        return page
    return _json(type_list(jobs().types.values(), _addresses()))


@bp.get("/types/<type_name>", strict_slashes=False)
def show(type_name: str) -> Response:
    """Describe a job type; `format` is json, votable (DataLink) or process (OGC API)."""
    job_type = jobs().types[type_name]
    wished = [value for name, value in request.args.items() if name.casefold() in FORMAT]
    if not wished and (page := _page(job_type.name)):
        return page
    addresses = _addresses()
    match wished[-1].casefold() if wished else "json":
        case "json":
            answer = _json(_descriptor(job_type, addresses))
        case "votable":
            answer = _answer(views.service_descriptor(job_type, addresses), SERVICE_DESCRIPTOR)
        case "process":
            answer = _json(process(job_type, addresses))
        case other:
            raise UsageError(f"There is no format {other}; ask for json, votable or process.")
    answer.headers["Content-Location"] = addresses.type(job_type)
    answer.headers["Link"] = f'<{addresses.schema(job_type)}>; rel="describedby"'
    return answer


def _descriptor(job_type: JobType, addresses: Addresses) -> dict[str, Any]:
    service = jobs()
    return descriptor(
        job_type,
        addresses=addresses,
        limits=service.limits,
        upload_bytes=service.uploads.max_bytes,
    )


@bp.get("/types/<type_name>/schema", strict_slashes=False)
def show_schema(type_name: str) -> Response:
    """Show the JSON Schema of a type's parameters."""
    document = schema_document(jobs().types[type_name], _addresses())
    return _json(document, media_type=SCHEMA_TYPE)


@bp.post("/types/<type_name>/validate", strict_slashes=False)
def validate(type_name: str) -> Response:
    """Check parameters, as a form or as JSON, without making a job of them."""
    types = jobs().types
    job_type = types[type_name]
    parameters = read_creation(types, job_type.name).parameters.model_dump(mode="json")
    answer = {"valid": True, "type": job_type.name, "parameters": parameters}
    return Response(_written(answer), mimetype=JSON)


@bp.get("/capabilities", strict_slashes=False)
def show_capabilities() -> Response:
    """Show the VOSI capabilities."""
    types, takes_anybody = jobs().types.values(), surroundings().takes_anybody
    return _answer(views.capabilities(types, _addresses(), takes_anybody=takes_anybody), XML)


@bp.get("/availability", strict_slashes=False)
def show_availability() -> Response:
    """Show the VOSI availability: jobs can be made while the database answers."""
    up_since = current_app.extensions[UP_SINCE]
    try:
        db.session.execute(select(1))
    except DBAPIError:
        db.session.rollback()
        note = "The database does not answer."
        return _answer(views.availability(available=False, up_since=up_since, note=note), XML)
    return _answer(views.availability(available=True, up_since=up_since), XML)


@bp.errorhandler(PortalError)
def _show_problem(error: PortalError) -> Response:
    return problem_answer(error.problem())


def _page(type_name: str | None) -> Response | None:
    """Send a browser on to the page that shows types to people, where there is one."""
    types_href = surroundings().types_href
    if types_href is None or wanted() != HTML:
        return None
    response = see_other(types_href(type_name))
    response.vary.add("Accept")
    return response


def _addresses() -> Addresses:
    types = url_for(f"{bp.name}.index", _external=True)
    return Addresses(types.removesuffix("/types"))


def _json(document: Mapping[str, Any], *, media_type: str = JSON) -> Response:
    return _answer(_written(document), media_type)


def _written(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _answer(body: bytes, media_type: str) -> Response:
    response = Response(body, content_type=media_type)
    response.headers["Cache-Control"] = "no-cache"  # ask again, with the ETag
    response.vary.add("Accept")
    response.add_etag()
    response.make_conditional(request)
    return response

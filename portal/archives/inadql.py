"""From a filled-in form to the form in ADQL that asks the same."""

from functools import partial
from http import HTTPStatus

from flask import Blueprint
from flask import redirect
from flask.globals import request_ctx
from werkzeug.wrappers import Response

from portal.archives.forms import find_query
from portal.archives.forms import form_page
from portal.archives.forms import registry
from portal.archives.forms import sent_pairs
from portal.archives.forms import without_files
from portal.parameters import FieldError
from portal.parameters import InvalidParametersError
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.plugins.links import QueryLink
from portal.plugins.types import Query
from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.results.rendering import link_href

bp = Blueprint("inadql", __name__, url_prefix="/archives")
NOT_YET = "what this asks is not known before the job runs: give a position in coordinates"


@bp.app_template_test("with_adql")
def has_adql(query: Query) -> bool:
    """Say whether a filled-in form of this query may be opened in ADQL."""
    return type(query).in_adql is not Query.in_adql


@bp.post("/<archive_id>/<query_id>/adql")
def open_in_adql(archive_id: str, query_id: str) -> Response:
    """Lead to the editor with the query that the form stands for; makes no job."""
    archive, query = find_query(archive_id, query_id)
    if not has_adql(query) or (urls := request_ctx.url_adapter) is None:
        raise NotFoundError("This query has no form in ADQL.")
    pairs = without_files(query, sent_pairs())
    refused = HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        parameters = read_form(query.Parameters, pairs)
    except InvalidParametersError as error:
        return form_page(archive, query, pairs, errors=error.errors, status=refused)
    link = registry().call(query, partial(_find_link, query, parameters), otherwise=None)
    address = link and link_href(link, registry(), urls)
    if not address:
        errors = [FieldError(name="ADQL", message=NOT_YET)]
        return form_page(archive, query, pairs, errors=errors, status=refused)
    return redirect(address, code=HTTPStatus.SEE_OTHER)


def _find_link(query: Query, parameters: Parameters) -> QueryLink | None:
    try:
        return query.in_adql(parameters)
    except PortalError:  # what the job would say, too: there is no such table, say
        return None

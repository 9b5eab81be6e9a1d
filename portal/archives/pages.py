"""Pages about archives: the list, one archive, and the form of each of its queries."""

from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint
from flask import redirect
from flask import render_template
from flask import request
from flask import Response
from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.owner import current_owner
from portal.accounts.owner import find_owner
from portal.accounts.preferences import preferences_of
from portal.accounts.preferences import preferred_first
from portal.archives.earlier import brought_results
from portal.archives.earlier import recent_results
from portal.archives.forms import BASKET
from portal.archives.forms import find_query
from portal.archives.forms import form_page
from portal.archives.forms import refuse_unread_files
from portal.archives.forms import registry
from portal.archives.forms import REQUEST_KEY
from portal.archives.forms import sent_pairs
from portal.archives.forms import with_defaults
from portal.archives.health import find_health
from portal.archives.history import get_parameters
from portal.links import with_query
from portal.parameters import Example
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins.datasets import Dataset
from portal.plugins.multi.coverage import read_coverage
from portal.plugins.types import Archive
from portal.plugins.types import Query
from portal.uws.limits import Wishes
from portal.uws.sentfiles import allow_files
from portal.uws.sentfiles import read_files
from portal.uws.service import jobs

bp = Blueprint("archives", __name__, url_prefix="/archives")
bp.add_app_template_global(find_health)
bp.add_app_template_global(recent_results)


@bp.app_template_global()
def example_href(archive: Archive, query: Query, example: Example) -> str:
    """Return the address of a query's form that is filled in as in an example."""
    form = url_for("archives.query_form", archive_id=archive.id, query_id=query.id)
    return with_query(form, example.parameters)


@bp.app_template_global()
def dataset_href(archive: Archive, dataset: Dataset) -> str:
    """Return the address of the form that asks for a data set and nothing else."""
    form = url_for("archives.query_form", archive_id=archive.id, query_id=dataset.query_id)
    return with_query(form, dataset.parameters)


@bp.app_template_filter()
def sky_share(coverage: str) -> str | None:
    """Say how much of the sky a MOC covers; None when it cannot be read."""
    moc = read_coverage(coverage)
    if moc is None:
        return None
    percent = 100 * moc.sky_fraction
    return f"{percent:.0f} % of the sky" if percent >= 1 else "less than 1 % of the sky"


@bp.get("")
def index() -> str:
    """List the archives."""
    preferred = preferences_of(find_owner()).archives
    archives = preferred_first(registry().archives, preferred)
    return render_template("archives/index.html", archives=archives)


@bp.get("/<archive_id>")
def show(archive_id: str) -> str:
    """Show one archive and what it can be asked."""
    return render_template("archives/show.html", archive=registry().archive(archive_id))


@bp.get("/<archive_id>/<query_id>")
def query_form(archive_id: str, query_id: str) -> Response:
    """Show the form of a query, filled in from the address."""
    archive, query = find_query(archive_id, query_id)
    sent = list(request.args.items(multi=True))
    return form_page(archive, query, with_defaults(query, sent))


@bp.get("/<archive_id>/<query_id>/asked/<job_id>")
def asked(archive_id: str, query_id: str, job_id: str) -> Response:
    """Show the form of a query as it was for an earlier job of the owner."""
    archive, query = find_query(archive_id, query_id)
    return form_page(archive, query, get_parameters(find_owner(), job_id, query.id))


@bp.post("/<archive_id>/<query_id>")
def submit(archive_id: str, query_id: str) -> BaseResponse:
    """Make a job of a filled-in form, or show the form again with what is wrong."""
    archive, query = find_query(archive_id, query_id)
    pairs = sent_pairs()
    try:
        job_id = _create_job(query, pairs)
    except InvalidParametersError as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return form_page(archive, query, pairs, errors=error.errors, status=status)
    return redirect(url_for("jobs.show", job_id=job_id), code=303)


@bp.url_value_preprocessor
def allow_uploads(endpoint: str | None, values: dict[str, str] | None) -> None:
    """Let the form of a query that takes files come with them."""
    if endpoint == f"{bp.name}.submit" and values and values["query_id"] in jobs().types:
        models = [jobs().types[values["query_id"]].parameters]
        allow_files(request, models, jobs().uploads.max_bytes)


def _create_job(query: Query, pairs: Sequence[tuple[str, str]]) -> str:
    refuse_unread_files(pairs)
    with brought_results(query.Parameters, pairs, owner=find_owner()) as (brought, results):
        read = read_files(query.Parameters, brought, request.files.items(multi=True))
        return jobs().create_job(
            query.id,
            read_form(query.Parameters, read.pairs),
            owner=current_owner(),
            wishes=Wishes(on_completion=request.form.get(BASKET)),
            run=True,
            request_key=request.form.get(REQUEST_KEY) or None,
            files=[*results, *read.files],
        )

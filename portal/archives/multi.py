"""The page that asks all archives: who can answer about these places, and a job of those chosen."""

import uuid
from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint
from flask import redirect
from flask import request
from flask import Response
from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.owner import current_owner
from portal.accounts.owner import find_owner
from portal.accounts.preferences import preferences_of
from portal.archives.candidates import by_archive
from portal.archives.candidates import Candidate
from portal.archives.candidates import list_candidates
from portal.archives.forms import BASKET
from portal.archives.forms import registry
from portal.archives.multiform import ARCHIVES
from portal.archives.multiform import POSITIONS
from portal.archives.multiform import SearchForm
from portal.archives.multiform import WAITS
from portal.archives.resolve import split_name
from portal.archives.rowplaces import position_lines
from portal.archives.rowplaces import ticked_rows
from portal.htmx import render
from portal.htmx import wants_fragment
from portal.parameters import FieldError
from portal.parameters import InvalidParametersError
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.plugins.multi import ARCHIVE_ID
from portal.plugins.multi.lookup import LOOKUP_ID
from portal.plugins.multi.lookup import LookupParameters
from portal.plugins.multi.query import QUERY_ID
from portal.problems import UsageError
from portal.results.access import open_readable
from portal.uws.limits import Wishes
from portal.uws.service import jobs

bp = Blueprint("multi", __name__)
REQUEST_KEY = "request_key"


@bp.get(f"/archives/{ARCHIVE_ID}")  # where other archives have their page
@bp.get("/search")
def show() -> Response:
    """Show the form as its address says, and which archives can answer."""
    archives = {archive.id for archive in registry().archives}
    preferred = archives.intersection(preferences_of(find_owner()).archives)
    form = SearchForm.read(request.values, preferred=preferred)
    response = _page(form, form.errors_so_far())
    if wants_fragment():
        response.headers["HX-Replace-Url"] = form.address(_candidates(form))
    return response


@bp.post("/search")
def submit() -> BaseResponse:
    """Make a job that asks the chosen archives, or show the form again with what is wrong."""
    form = SearchForm.read(request.values, request.files, asks_others=True)
    parameters, errors = form.parameters()
    candidates = _candidates(form)
    chosen = [one for one in candidates if one.is_ticked and not one.reason]
    if not errors and not chosen:
        errors.append(FieldError(name=ARCHIVES, message="tick one that can be asked"))
    if errors or parameters is None:
        return _page(form, errors)
    is_all = all(one.is_ticked for one in candidates)
    archives = [] if is_all else [one.target.id for one in chosen]
    try:
        job_id = _create_job(parameters.model_copy(update={ARCHIVES: archives}), form.wait)
    except UsageError as error:
        return _page(form, [FieldError(name=ARCHIVES, message=error.message)])
    return redirect(url_for("jobs.show", job_id=job_id), code=HTTPStatus.SEE_OTHER)


@bp.post("/search/positions")
def look_up() -> BaseResponse:
    """Make a job that asks everybody where the objects of the list are."""
    form = SearchForm.read(request.values, request.files)
    names = [split_name(line)[1] for line in (form.texts.get("position", ""), *form.lines) if line]
    if not names:
        return _page(form, [FieldError(name="position", message="give a name, or several")])
    try:
        parameters = read_form(LookupParameters, [("names", name) for name in names])
    except InvalidParametersError as error:
        wrong = {"position" if one.index == 0 else POSITIONS: one.message for one in error.errors}
        return _page(form, [FieldError(name=name, message=why) for name, why in wrong.items()])
    job_id = jobs().create_job(
        LOOKUP_ID,
        parameters,
        owner=current_owner(),
        run=True,
        request_key=request.args.get(REQUEST_KEY),
    )
    return redirect(url_for("jobs.show", job_id=job_id), code=HTTPStatus.SEE_OTHER)


@bp.route("/search/around", methods=["GET", "POST"])
def around() -> BaseResponse:
    """Lead to the form with the positions of a result's rows: the ticked ones, or all."""
    asked = request.values
    _, _, opened = open_readable({"job_id": asked.get("job", "")}, asked.get("result", ""))
    lines = position_lines(opened, ticked_rows(asked.getlist("row"), opened))
    first, *others = lines
    address = url_for("multi.show", position=first, positions=others or None)
    return redirect(address, code=HTTPStatus.SEE_OTHER)


def _create_job(parameters: Parameters, seconds: int) -> str:
    return jobs().create_job(
        QUERY_ID,
        parameters,
        owner=current_owner(),
        wishes=Wishes(execution_duration=seconds, on_completion=request.values.get(BASKET)),
        run=True,
        request_key=request.args.get(REQUEST_KEY),
    )


def _candidates(form: SearchForm) -> Sequence[Candidate]:
    """Return what can be asked; as much as is known of the question decides."""
    return list_candidates(
        registry(), form.known_parameters(), places=form.known_places, ticked=form.ticked
    )


def _page(form: SearchForm, errors: Sequence[FieldError]) -> Response:
    response = render(
        "multi/show.html",
        "multi/_archives.html",
        form=form,
        errors=errors,
        groups=by_archive(_candidates(form)),
        waits=WAITS,
        request_key=uuid.uuid4().hex,
    )
    if errors and not wants_fragment():
        response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return response

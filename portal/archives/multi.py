"""The page that asks all archives about one place: who can answer, and a job of those chosen."""

import uuid
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint
from flask import redirect
from flask import request
from flask import Response
from flask import url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.owner import current_owner
from portal.archives.candidates import by_archive
from portal.archives.candidates import Candidate
from portal.archives.candidates import list_candidates
from portal.archives.forms import registry
from portal.archives.resolve import find_place
from portal.archives.resolve import Place
from portal.htmx import render
from portal.htmx import wants_fragment
from portal.parameters import FieldError
from portal.parameters import form_fields
from portal.parameters import InvalidParametersError
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.parameters import write_defaults
from portal.plugins.multi.query import MultiParameters
from portal.plugins.multi.query import QUERY_ID
from portal.problems import UsageError
from portal.uws.limits import Wishes
from portal.uws.service import jobs

bp = Blueprint("multi", __name__)
SHOWN = ("position", "radius", "band", "time", "rows")
ARCHIVES, WAIT, REQUEST_KEY = "archives", "wait", "request_key"
LISTED = f"{ARCHIVES}.present"  # the boxes were there, even if none of them is ticked
WAITS = {60: "1 minute", 300: "5 minutes", 900: "15 minutes", 3600: "1 hour"}
USUAL_WAIT = 300


@bp.get("/search")
def show() -> Response:
    """Show the form as its address says, and which archives can answer."""
    place = find_place(_sent("position"), with_others=False)
    values = _values(place)
    _, errors = _read({**values, "position": values["position"] or ["0 0"]})
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    response = _page(place, errors)
    response.status_code = status if not wants_fragment() else HTTPStatus.OK
    if wants_fragment():
        response.headers["HX-Replace-Url"] = _address()
    return response


@bp.post("/search")
def submit() -> BaseResponse:
    """Make a job that asks the chosen archives, or show the form again with what is wrong."""
    place = find_place(_sent("position"), with_others=True)
    parameters, errors = _read(_values(place))
    if place.position is None and place.name:
        errors = [one for one in errors if one.name != "position"]
        errors.append(FieldError(name="position", message=_why_nowhere(place)))
    candidates = _candidates(place)
    chosen = [one for one in candidates if one.is_ticked and not one.reason]
    if not errors and not chosen:
        errors.append(FieldError(name=ARCHIVES, message="tick one that can be asked"))
    if errors or parameters is None:
        return _refused(place, errors)
    is_all = all(one.is_ticked for one in candidates)
    archives = [] if is_all else [one.target.id for one in chosen]
    try:
        job_id = _create_job(parameters.model_copy(update={ARCHIVES: archives}))
    except UsageError as error:
        return _refused(place, [FieldError(name=ARCHIVES, message=error.message)])
    return redirect(url_for("jobs.show", job_id=job_id), code=HTTPStatus.SEE_OTHER)


def _create_job(parameters: Parameters) -> str:
    return jobs().create_job(
        QUERY_ID,
        parameters,
        owner=current_owner(),
        wishes=Wishes(execution_duration=_wait()),
        run=True,
        request_key=request.args.get(REQUEST_KEY),
    )


def _refused(place: Place, errors: Sequence[FieldError]) -> Response:
    response = _page(place, errors)
    response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return response


def _page(place: Place, errors: Sequence[FieldError]) -> Response:
    fields = {field.name: field for field in form_fields(MultiParameters)}
    return render(
        "multi/show.html",
        "multi/_archives.html",
        fields=[fields[name] for name in SHOWN],
        values=_shown_values(),
        errors=errors,
        place=place,
        groups=by_archive(_candidates(place)),
        waits=WAITS,
        wait=_wait(),
        request_key=uuid.uuid4().hex,
    )


def _candidates(place: Place) -> Sequence[Candidate]:
    """Return what can be asked; as much as is known of the question decides."""
    values = _values(place)
    parameters, _ = _read({**values, "position": values["position"] or ["0 0"]})
    known = parameters if isinstance(parameters, MultiParameters) else None
    found = place.position
    return list_candidates(
        registry(),
        known,
        place=None if found is None else (found.ra, found.dec),
        ticked=_ticked(),
    )


def _values(place: Place) -> dict[str, list[str]]:
    """Return the strings of the form; of a name, where it is and the name."""
    values = {name: [_sent(name)] if _sent(name) else [] for name in SHOWN}
    found = place.position
    if found is None:
        values["position"] = []
    elif found.name or found.resolver != "coordinates":
        values["position"] = [f"{found.ra:.6f} {found.dec:+.6f}"]
        values["name"] = [place.name]
    return values


def _read(
    values: Mapping[str, Iterable[str]],
) -> tuple[Parameters | None, list[FieldError]]:
    pairs = [(name, one) for name, sent in values.items() for one in sent]
    try:
        return read_form(MultiParameters, pairs), []
    except InvalidParametersError as error:
        return None, list(error.errors)


def _shown_values() -> MultiDict[str, str]:
    defaults = dict(write_defaults(MultiParameters))
    if request.values:
        defaults = {name: text for name, text in defaults.items() if name not in request.values}
    given = {name: _sent(name) for name in SHOWN if name in request.values}
    return MultiDict({**defaults, **given})


def _ticked() -> frozenset[str] | None:
    """Return the ids that are ticked, of archives or of what they have; None stands for all."""
    ticked = frozenset(request.values.getlist(ARCHIVES))
    return ticked if ticked or LISTED in request.values else None


def _wait() -> int:
    wait = request.values.get(WAIT, USUAL_WAIT, type=int)
    return wait if wait in WAITS else USUAL_WAIT


def _sent(name: str) -> str:
    return request.values.get(name, "").strip()


def _why_nowhere(place: Place) -> str:
    hint = f" Did you mean {' or '.join(place.suggested)}?" if place.suggested else ""
    return place.message + ("" if "Did you mean" in place.message else hint)


def _address() -> str:
    """Return the address of what is filled in; all archives are ticked if it names none."""
    pairs = [(name, _sent(name)) for name in (*SHOWN, WAIT) if _sent(name)]
    ticked = _ticked()
    if ticked is not None:
        known = list_candidates(registry(), None, place=None, ticked=ticked)
        if not all(one.is_ticked for one in known):
            pairs += [(ARCHIVES, one.target.id) for one in known if one.is_ticked]
            pairs += [(LISTED, "1")] if not any(one.is_ticked for one in known) else []
    path = f"{request.script_root}{request.path}"
    return f"{path}?{urlencode(pairs)}" if pairs else path

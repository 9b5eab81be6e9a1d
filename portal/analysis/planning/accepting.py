"""Whether the portal, or one of its facilities, runs a task (ExecutionPlanner note of 2022).

The words of the answers are the note's, "reponseword" as well.
"""

import re
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from flask import Blueprint
from flask import current_app
from flask import request
from flask import Response
from flask import url_for

from portal.analysis.planning.asking import ask
from portal.analysis.planning.asking import FacilityAnswer
from portal.analysis.planning.documents import answer
from portal.analysis.planning.documents import check_accepted
from portal.analysis.planning.documents import check_size
from portal.analysis.planning.documents import FORM_TYPES
from portal.analysis.planning.documents import read_sent
from portal.analysis.planning.fields import Fields
from portal.analysis.planning.tasks import GIBIBYTE
from portal.analysis.planning.tasks import gibibytes
from portal.analysis.planning.tasks import kind_name
from portal.analysis.planning.tasks import LONGEST_URI
from portal.analysis.planning.tasks import Needs
from portal.analysis.planning.tasks import NOTEBOOKS
from portal.analysis.planning.tasks import read_task
from portal.analysis.planning.tasks import Task
from portal.plugins.facilities import Facility
from portal.plugins.facilities import Mode
from portal.plugins.registry import PluginRegistry
from portal.problems import PortalError
from portal.security import changes_nothing
from portal.uws.answers import problem_answer

RESOURCES = ("mincores", "minmemory", "minstorage", "maxstartup", "minduration")
SECONDS = re.compile(
    r"\d{1,9}(?:\.\d{1,3})?"
    r"|P(?=.)(?:\d{1,6}D)?(?:T(?=.)(?:\d{1,6}H)?(?:\d{1,6}M)?(?:\d{1,6}(?:\.\d{1,3})?S)?)?"
)
PROMISES_NOTHING = {
    "maxstartup": "How long it takes to start is not known before.",
    "minduration": "How long a session may last is said when it has started.",
}

bp = Blueprint("accepting", __name__)


@bp.errorhandler(PortalError)
def show_problem(error: PortalError) -> Response:
    """Answer every error as JSON (RFC 9457), whatever the caller says that it accepts."""
    response = problem_answer(error.problem())
    for name, value in error.headers:
        response.headers.add(name, value)
    return response


@bp.route("/accepts", methods=["GET", "POST"])
@changes_nothing
def accepts() -> Response:
    """Say whether any facility runs a task; without a question, what can be asked."""
    check_accepted()
    sent = _sent()
    facilities = _registry().facilities
    if not sent:
        return answer(_questions(facilities))
    task = _read(Fields(sent))
    answers = list(ask(_registry(), task, facilities))
    chosen = next((one for one in answers if one.answer.accepts), None)
    whole: dict[str, Any] = {"reponseword": "NO"}
    if chosen is not None:
        whole = _said(chosen, task)
    reasons = _reasons(chosen, task) if chosen else _refusals(answers, task)
    whole["reponseinfo"] = {"reasons": reasons}
    whole["interfaces"] = [_interface(one, task) for one in answers]
    return answer(whole)


@bp.route("/facilities/<facility_id>/accepts", methods=["GET", "POST"])
@changes_nothing
def facility_accepts(facility_id: str) -> Response:
    """Say whether one facility runs a task."""
    check_accepted()
    facility = _registry().facility(facility_id)
    sent = _sent()
    if not sent:
        return answer(_questions([facility]))
    task = _read(Fields(sent))
    return answer(_interface(next(ask(_registry(), task, [facility])), task))


def _sent() -> Mapping[str, Any]:
    """Return the question: from the query string, a form, or a document."""
    if request.method != "POST":
        return _nested(request.args)
    check_size()
    if request.mimetype in FORM_TYPES:
        return _nested(request.form)
    return read_sent()


def _nested(flat: Mapping[str, str]) -> dict[str, Any]:
    """Return a form's values as the document has them: "taskinfo.ref" is inside taskinfo."""
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        outer, dot, inner = name.partition(".")
        if name in RESOURCES:
            nested.setdefault("resources", {})[name] = value
        elif dot and outer in ("taskinfo", "resources"):
            nested.setdefault(outer, {})[inner] = value
        elif outer not in ("taskinfo", "resources"):
            nested[name] = value
    return nested


def _read(question: Fields) -> Task:
    """Return what is asked about; raises FieldError."""
    uri = question.text("tasktype", most=LONGEST_URI)
    if uri is None:
        raise question.error("tasktype", "Say of which kind the task is.")
    resources = question.inner("resources")
    needs = Needs(
        cores=resources.amount("mincores"),
        memory=gibibytes(resources.amount("minmemory")),
        storage=gibibytes(resources.amount("minstorage")),
    )
    task = read_task(kind_name(uri), question.inner("taskinfo"), needs)
    warnings = [words for name, words in PROMISES_NOTHING.items() if _is_asked(resources, name)]
    return task.warned(*warnings)


def _is_asked(resources: Fields, name: str) -> bool:
    """Say whether a duration is asked for; raises FieldError for what is none."""
    if name not in resources:
        return False
    try:
        value = resources.text(name)
    except PortalError:
        return resources.amount(name) is not None
    if value is not None and not SECONDS.fullmatch(value):
        raise resources.error(name, "Give seconds, or a duration as in PT30M.")
    return value is not None


def _interface(said: FacilityAnswer, task: Task) -> dict[str, Any]:
    """Return the answer of one facility."""
    document = {"facility": said.facility.id, "title": said.facility.title}
    if not said.answer.accepts:
        reasons = [said.answer.reason or "The facility refuses it."]
        return document | {"reponseword": "NO", "reponseinfo": {"reasons": reasons}}
    return document | _said(said, task) | {"reponseinfo": {"reasons": _reasons(said, task)}}


def _said(said: FacilityAnswer, task: Task) -> dict[str, Any]:
    workflow = task.workflow
    needs = {
        "mincores": workflow.cores,
        "minmemory": _in_gibibytes(workflow.memory),
        "minstorage": _in_gibibytes(workflow.storage),
    }
    return {
        "reponseword": "YES",
        "servicetype": _service_type(said),
        "serviceinfo": {"endpoint": _endpoint(said, task)},
        "resources": {name: value for name, value in needs.items() if value is not None},
    }


def _service_type(said: FacilityAnswer) -> str:
    return "binder-link" if said.answer.mode is Mode.REDIRECT else "execution-broker"


def _endpoint(said: FacilityAnswer, task: Task) -> str:
    """Return where one goes on: the portal starts it, or a browser goes to the facility."""
    facility, workflow = said.facility, task.workflow
    if said.answer.mode is not Mode.REDIRECT:
        return url_for("broker.offer", _external=True)

    def link() -> str | None:
        return facility.link(workflow.repository, workflow.ref, workflow.path)

    if task.is_general:
        return facility.url
    return _registry().call(facility, link, otherwise=None) or facility.url


def _reasons(said: FacilityAnswer, task: Task) -> list[str]:
    general = "No repository was named, so this is about none in particular."
    words = [general if task.is_general else "", said.answer.warning, *task.warnings]
    return [one for one in words if one]


def _refusals(answers: Sequence[FacilityAnswer], task: Task) -> list[str]:
    if task.refusal:
        return [task.refusal]
    said = [f"{one.facility.title}: {one.answer.reason}" for one in answers]
    return said or ["This portal knows no facility."]


def _questions(facilities: Sequence[Facility]) -> dict[str, Any]:
    """Return what can be asked, for somebody who asks nothing."""
    return {
        "tasktypes": list(NOTEBOOKS),
        "taskinfo": ["repository", "ref", "path", "notebook", "name"],
        "resources": list(RESOURCES),
        "facilities": [{"facility": one.id, "title": one.title} for one in facilities],
    }


def _in_gibibytes(count: int | None) -> float | None:
    return None if count is None else round(count / GIBIBYTE, 6)


def _registry() -> PluginRegistry:
    registry: PluginRegistry = current_app.extensions["plugins"]
    return registry

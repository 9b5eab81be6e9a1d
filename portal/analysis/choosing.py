"""What is to be launched and where: a form whose every state has an address."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from werkzeug.datastructures import MultiDict

from portal.accounts.preferences import preferences_of
from portal.accounts.preferences import preferred_first
from portal.analysis.asking import find_states
from portal.analysis.models import FacilityState
from portal.analysis.parameters import LaunchParameters
from portal.analysis.reach import is_here
from portal.analysis.reach import reach_problem
from portal.analysis.variables import write_variables
from portal.analysis.workflows.catalogue import find_workflow
from portal.analysis.workflows.catalogue import FoundWorkflow
from portal.analysis.workflows.catalogue import list_workflows
from portal.basket.baskets import BasketSummary as OwnBasket
from portal.basket.baskets import list_baskets
from portal.basket.contents import total
from portal.basket.reach import get_basket
from portal.basket.reach import Visitor
from portal.config import Settings
from portal.links import safe_href
from portal.parameters import form_fields
from portal.parameters import FormField
from portal.parameters import write_defaults
from portal.plugins.facilities import Answer
from portal.plugins.facilities import BasketSummary
from portal.plugins.facilities import Facility
from portal.plugins.facilities import Mode
from portal.plugins.facilities import Staging
from portal.plugins.registry import PluginRegistry
from portal.plugins.workflows import Workflow
from portal.plugins.workflows import WorkflowType

FACILITY = "facility"
REPOSITORY_HERE = "The repository is on a machine that the facility cannot reach."
BASKET = "basket_id"
TYPE = "workflow_type"
NO_ANSWER: tuple[Answer, str | None] = (
    Answer(accepts=False, reason="Its plugin failed to answer. Try another facility."),
    None,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityChoice:
    """One facility, and whether it can run what is chosen.

    `link` starts it there without the portal, where nothing has to come along. `fields` are
    the options of the facility; their values are among those of the form.
    """

    facility: Facility
    answer: Answer
    state: FacilityState | None
    link: str | None
    fields: Sequence[FormField]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchForm:
    """The form as it is filled in; `workflow` is None as long as no repository is named.

    `listed` is the workflow of the catalogue that it began with; without one there are all that
    are `known` to choose from.
    """

    values: "MultiDict[str, str]"
    fields: Mapping[str, FormField]
    workflow: Workflow | None
    listed: Workflow | None
    known: Sequence[FoundWorkflow]
    baskets: Sequence[OwnBasket]
    basket_name: str
    summary: BasketSummary
    choices: Sequence[FacilityChoice]
    chosen: FacilityChoice | None


def read_launch(sent: "MultiDict[str, str]", visitor: Visitor) -> LaunchForm:
    """Return the form for what an address says; raises NotFoundError for what is not there."""
    listed = _listed(sent.get("workflow", ""), visitor)
    baskets = list_baskets(visitor.owner)
    values = _filled_in(sent, listed, baskets)
    workflow = _workflow(values, listed)
    ref = values.get(BASKET, "")
    basket = get_basket(ref, visitor) if ref else None
    summary = _summary(ref, visitor) if ref else BasketSummary()
    is_changed = bool(values.get("parameters", "").strip()) or values.get("first_cell") == "true"
    choices = _choices(workflow, summary, visitor.owner, is_changed=is_changed) if workflow else []
    chosen = _chosen(values.get(FACILITY, ""), choices)
    if chosen:
        _add_defaults(values, chosen.facility)
    return LaunchForm(
        values=values,
        fields={field.name: field for field in form_fields(LaunchParameters)},
        workflow=workflow,
        listed=listed,
        known=() if listed else list_workflows(_registry(), visitor.owner).found,
        baskets=baskets,
        basket_name=basket.name if basket else "",
        summary=summary,
        choices=choices,
        chosen=chosen,
    )


def parameters_of(sent: "MultiDict[str, str]") -> list[tuple[str, str]]:
    """Return what the form sent, without what is no parameter of a launch."""
    known = set(LaunchParameters.model_fields) | set(_option_names(sent.get(FACILITY, "")))
    return [
        (name, value)
        for name, value in sent.items(multi=True)
        if name.removesuffix(".present") in known
    ]


def _listed(ref: str, visitor: Visitor) -> Workflow | None:
    return find_workflow(_registry(), visitor.owner, ref).workflow if ref else None


def _filled_in(
    sent: "MultiDict[str, str]", listed: Workflow | None, baskets: Sequence[OwnBasket]
) -> "MultiDict[str, str]":
    """Return what was sent, over what the workflow says, over the defaults.

    What is in the current basket comes along if nobody says otherwise.
    """
    values: MultiDict[str, str] = MultiDict(write_defaults(LaunchParameters))
    current = [one.basket.id for one in baskets if one.is_current and one.count]
    values.setlist(BASKET, current)
    if listed:
        known = {
            "repository": listed.repository,
            "ref": listed.ref,
            "path": listed.path or "",
            "definition": listed.definition or "",
            TYPE: listed.type.value,
            "title": listed.title,
            "parameters": write_variables(listed.parameters),
        }
        for name, value in known.items():
            values[name] = value
    for name in sent:
        values.setlist(name, sent.getlist(name))
    return values


def _add_defaults(values: "MultiDict[str, str]", facility: Facility) -> None:
    """Fill in the options of a facility that was not shown before."""
    shown = {name.removesuffix(".present") for name in values}
    for name, value in write_defaults(facility.Options):
        if name not in shown:
            values.add(name, value)


def _workflow(values: "MultiDict[str, str]", listed: Workflow | None) -> Workflow | None:
    """Return what would be run, for facilities to say whether they can."""
    repository = safe_href(values.get("repository"))
    if repository is None:
        return None
    changed: dict[str, Any] = {
        "repository": repository,
        "ref": values.get("ref") or "HEAD",
        "path": values.get("path") or None,
        "definition": values.get("definition") or None,
    }
    kind = values.get(TYPE, "")
    if kind in set(WorkflowType):
        changed["type"] = WorkflowType(kind)
    known = {} if listed is None else {n: getattr(listed, n) for n in Workflow.__slots__}
    return Workflow(**({"id": repository, "title": repository} | known | changed))


def _summary(ref: str, visitor: Visitor) -> BasketSummary:
    whole = total(ref, visitor)
    return BasketSummary(files=whole.count, bytes=whole.bytes, unsized=whole.unknown)


def _choices(
    workflow: Workflow, summary: BasketSummary, owner: str, *, is_changed: bool
) -> list[FacilityChoice]:
    """Ask the facilities; those that can run it come first, and preferred ones before others."""
    states = find_states()
    preferred = preferences_of(owner).facilities
    found = [
        _choice(facility, workflow, summary, states.get(facility.id), is_changed=is_changed)
        for facility in preferred_first(_registry().facilities, preferred)
    ]
    return sorted(found, key=lambda choice: not choice.answer.accepts)


def _choice(
    facility: Facility,
    workflow: Workflow,
    summary: BasketSummary,
    state: FacilityState | None,
    *,
    is_changed: bool,
) -> FacilityChoice:
    """Return how a facility would run it; `is_changed` says that the notebook will be."""

    def ask() -> tuple[Answer, str | None]:
        link = facility.link(workflow.repository, workflow.ref, workflow.path)
        return facility.accepts(workflow, summary), link

    answer, link = _registry().call(facility, ask, otherwise=NO_ANSWER)
    needs_us = bool(summary.files) or (is_changed and answer.staging is Staging.REPOSITORY)
    if answer.accepts and (problem := _problem(facility, workflow, needs_us=needs_us)):
        answer = Answer(accepts=False, reason=problem)
    is_redirect = answer.accepts and answer.mode is Mode.REDIRECT and not needs_us
    return FacilityChoice(
        facility=facility,
        answer=answer,
        state=state,
        link=safe_href(link) if is_redirect else None,
        fields=form_fields(facility.Options),
    )


def _problem(facility: Facility, workflow: Workflow, *, needs_us: bool) -> str:
    """Return what a facility cannot reach of what it would need, or nothing."""
    if is_here(workflow.repository) and not is_here(facility.url):
        return REPOSITORY_HERE
    settings: Settings = current_app.config["SETTINGS"]
    return reach_problem(settings, facility.url) if needs_us else ""


def _chosen(facility_id: str, choices: Sequence[FacilityChoice]) -> FacilityChoice | None:
    possible = [one for one in choices if one.answer.accepts]
    named = [one for one in possible if one.facility.id == facility_id]
    up = [one for one in possible if one.state is None or one.state.is_up]
    roomy = [one for one in up if one.state is None or not one.state.is_full]
    return next(iter([*named, *roomy, *up, *possible]), None)


def _option_names(facility_id: str) -> Sequence[str]:
    found = [one for one in _registry().facilities if one.id == facility_id]
    return tuple(found[0].Options.model_fields) if found else ()


def _registry() -> PluginRegistry:
    registry: PluginRegistry = current_app.extensions["plugins"]
    return registry

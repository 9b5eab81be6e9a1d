"""Pages about workflows: the list that is narrowed down as one types, and one of them."""

from collections.abc import Mapping
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint
from flask import current_app
from flask import render_template
from flask import request
from flask import Response
from flask import url_for

from portal.accounts.owner import find_owner
from portal.analysis.workflows.catalogue import Catalogue
from portal.analysis.workflows.catalogue import find_workflow
from portal.analysis.workflows.catalogue import FoundWorkflow
from portal.analysis.workflows.catalogue import list_workflows
from portal.analysis.workflows.catalogue import SEPARATOR
from portal.analysis.workflows.citing import citation_of
from portal.analysis.workflows.searching import facets
from portal.analysis.workflows.searching import narrow
from portal.analysis.workflows.searching import TYPES
from portal.analysis.workflows.searching import WorkflowSearch
from portal.display import requested_page
from portal.htmx import render
from portal.htmx import wants_fragment
from portal.links import with_query
from portal.parameters import FieldError
from portal.parameters import form_fields
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins.registry import PluginRegistry

bp = Blueprint("workflows", __name__, url_prefix="/workflows")
bp.add_app_template_global(citation_of)
PAGE_SIZE = 24


@bp.app_template_global()
def workflow_href(**chosen: str) -> str:
    """Return the address of the list, narrowed down."""
    return with_query(url_for("workflows.index"), chosen)


@bp.app_template_global()
def run_href(found: FoundWorkflow) -> str:
    """Return the address where one chooses what a workflow runs on."""
    return url_for("analysis.choose", workflow=found.ref)


@bp.app_template_filter()
def type_title(kind: str) -> str:
    """Return what the type of a workflow is called."""
    return next((title for known, title in TYPES.items() if known == kind), kind)


@bp.get("")
def index() -> Response:
    """List workflows, narrowed down by what the address says."""
    catalogue = list_workflows(_registry(), find_owner())
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
    errors: Sequence[FieldError] = ()
    found: Sequence[FoundWorkflow] = ()
    try:
        search: Any = read_form(WorkflowSearch, asked)
        found = narrow(catalogue.found, search)
    except InvalidParametersError as error:
        errors = error.errors
    page, pages = requested_page(len(found), PAGE_SIZE)
    first = (page - 1) * PAGE_SIZE
    values = dict(asked)
    response = render(
        "analysis/workflows.html",
        "analysis/_workflow_list.html",
        fields=_fields(catalogue),
        values=values,
        errors=errors,
        failed=catalogue.failed,
        total=len(catalogue.found),
        count=len(found),
        first=first + 1,
        shown=found[first : first + PAGE_SIZE],
        links=_page_links(values, page, pages),
        swapped=wants_fragment(),
    )
    response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    if wants_fragment():
        response.headers["HX-Replace-Url"] = _address(values, page)
    return response


@bp.get("/<source_id>/<workflow_id>")
def show(source_id: str, workflow_id: str) -> str:
    """Show all that is known of one workflow."""
    ref = f"{source_id}{SEPARATOR}{workflow_id}"
    found = find_workflow(_registry(), find_owner(), ref)
    return render_template("analysis/workflow.html", found=found, workflow=found.workflow)


def _registry() -> PluginRegistry:
    registry: PluginRegistry = current_app.extensions["plugins"]
    return registry


def _fields(catalogue: Catalogue) -> list[object]:
    """Return the fields of the form; a source is no question where there is only one."""
    there = facets(catalogue.found)
    choices = {
        "type": there.types,
        "platform": there.platforms,
        "keyword": there.keywords,
        "source": there.sources,
    }
    fields = form_fields(WorkflowSearch, {name: one for name, one in choices.items() if one})
    return [one for one in fields if one.name != "source" or len(there.sources) > 1]


def _page_links(values: Mapping[str, str], page: int, pages: int) -> dict[str, str]:
    targets = {"first": 1, "previous": page - 1, "next": page + 1, "last": pages}
    return {
        name: _address(values, target)
        for name, target in targets.items()
        if 1 <= target <= pages and target != page
    }


def _address(values: Mapping[str, str], page: int) -> str:
    """Return the one address of a state: without what is not filled in."""
    pairs = [(name, value) for name, value in values.items() if value]
    pairs += [("page", str(page))] if page > 1 else []
    here = url_for("workflows.index")
    return f"{here}?{urlencode(pairs)}" if pairs else here

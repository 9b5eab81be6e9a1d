"""What can be done with a project or a workflow."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from portal.plugins import Column
from portal.plugins import ExternalLink
from portal.plugins import QueryLink
from portal.plugins import RowAction

PROJECTS = frozenset({"project_id", "project_url", "slug"})
WORKFLOWS = frozenset({"workflow_id", "project_id", "project_url", "project_slug"})


class WorkflowsOfProject(RowAction):
    """Leads from a project to the form that lists its workflows."""

    id = "zooniverse-workflows"
    title = "Workflows of this project"

    def applies(self, columns: Sequence[Column]) -> bool:
        """Say whether the rows are projects."""
        return _names(columns) >= PROJECTS

    def link(self, row: Mapping[str, Any]) -> QueryLink:
        """Return the form with the number of the project filled in."""
        project = str(row["project_id"])
        return QueryLink(query_id="query.zooniverse-workflows", parameters={"project": project})


class ProjectPage(RowAction):
    """Leads to where volunteers meet a project."""

    id = "zooniverse-page"
    title = "Its page in the Zooniverse"

    def applies(self, columns: Sequence[Column]) -> bool:
        """Say whether the rows are projects or workflows."""
        return _are_ours(columns)

    def link(self, row: Mapping[str, Any]) -> ExternalLink | None:
        """Return the address of the page."""
        url = row["project_url"]
        return ExternalLink(url=str(url)) if url else None


class Classifications(RowAction):
    """Leads to the form that fetches what volunteers said."""

    id = "zooniverse-classifications"
    title = "Classifications"

    def applies(self, columns: Sequence[Column]) -> bool:
        """Say whether the rows are projects or workflows."""
        return _are_ours(columns)

    def link(self, row: Mapping[str, Any]) -> QueryLink:
        """Return the form for the classifications of this row."""
        return _export(row, "classifications")


class Subjects(RowAction):
    """Leads to the form that fetches what volunteers were shown."""

    id = "zooniverse-subjects"
    title = "Subjects"

    def applies(self, columns: Sequence[Column]) -> bool:
        """Say whether the rows are projects or workflows."""
        return _are_ours(columns)

    def link(self, row: Mapping[str, Any]) -> QueryLink:
        """Return the form for the subjects of this row."""
        return _export(row, "subjects")


def _export(row: Mapping[str, Any], category: str) -> QueryLink:
    workflow = row.get("workflow_id")
    parameters: dict[str, str | list[str]] = {
        "project": str(row["project_id"]),
        "category": category,
    }
    if workflow is not None:
        parameters["workflow"] = str(workflow)
    return QueryLink(query_id="query.zooniverse-export", parameters=parameters)


def _are_ours(columns: Sequence[Column]) -> bool:
    names = _names(columns)
    return names >= PROJECTS or names >= WORKFLOWS


def _names(columns: Sequence[Column]) -> set[str]:
    return {column.name for column in columns}

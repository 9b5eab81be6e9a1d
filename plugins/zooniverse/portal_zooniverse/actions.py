"""What can be done with a project."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from portal.plugins import Column
from portal.plugins import QueryLink
from portal.plugins import RowAction

NEEDED = frozenset({"project_id", "project_slug"})


class WorkflowsOfProject(RowAction):
    """Leads from a project to the form that lists its workflows."""

    id = "zooniverse-workflows"
    title = "Workflows of this project"

    def applies(self, columns: Sequence[Column]) -> bool:
        """Say whether the rows are projects."""
        return {column.name for column in columns} >= NEEDED

    def link(self, row: Mapping[str, Any]) -> QueryLink:
        """Return the form with the number of the project filled in."""
        project = str(row["project_id"])
        return QueryLink(query_id="query.zooniverse-workflows", parameters={"project": project})

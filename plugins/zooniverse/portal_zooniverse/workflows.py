"""The workflows of one project."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from portal.plugins import Choice
from portal.plugins import Column
from portal.plugins import DataItem
from portal.plugins import Example
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal_zooniverse.columns import CATEGORY
from portal_zooniverse.columns import WORKFLOW_COLUMNS
from portal_zooniverse.connector import Panoptes
from portal_zooniverse.fields import Category
from portal_zooniverse.fields import category_field
from portal_zooniverse.fields import chosen
from portal_zooniverse.fields import field_choices
from portal_zooniverse.fields import WORKFLOW_FIELDS
from portal_zooniverse.fields import workflow_fields
from portal_zooniverse.fields import WorkflowField
from portal_zooniverse.lookup import find_project
from portal_zooniverse.lookup import project_address
from portal_zooniverse.lookup import ProjectReference
from portal_zooniverse.lookup import workflows_address
from portal_zooniverse.panoptes import PanoptesQuery
from portal_zooniverse.resources import Workflow
from portal_zooniverse.rows import workflow_items
from portal_zooniverse.rows import workflow_row
from portal_zooniverse.tables import paged_table

UNKNOWN_ID = "{projects.id}"  # as the links of the API write it


class WorkflowsParameters(QueryParameters):
    """A project, and which of its workflows."""

    project: ProjectReference = parameter(
        title="Project",
        description="Its number, or its short name as in the address of its page",
        placeholder="zooniverse/gravity-spy",
        max_length=200,
    )
    active: bool = parameter(
        default=True,
        title="Only active workflows",
        description="Those that volunteers are given at present",
    )
    workflow_fields: list[WorkflowField] = workflow_fields()
    category: Category = category_field()


class WorkflowsQuery(PanoptesQuery):
    """List the workflows of a project."""

    id = "query.zooniverse-workflows"
    title = "Workflows of a project"
    description = (
        "List the workflows of a project, with how far volunteers have come. The login that you "
        "store for zooniverse opens private ones, too."
    )
    Parameters = WorkflowsParameters
    examples = (
        Example(title="Gravity Spy", parameters={"project": "zooniverse/gravity-spy"}),
        Example(
            title="All of Galaxy Zoo, past and present",
            parameters={"project": "zookeeper/galaxy-zoo", "active": "false"},
        ),
    )

    def text(self, parameters: WorkflowsParameters) -> str:
        """Return both addresses that are asked: the project, which must exist, and the list."""
        known = parameters.project.isdecimal()
        project_id = parameters.project if known else UNKNOWN_ID
        workflows = self._workflows_address(parameters, project_id)
        return f"{project_address(self._settings, parameters.project)}\n{workflows}"

    def job_title(self, parameters: WorkflowsParameters) -> str:
        """Return whose workflows are listed."""
        return f"Workflows of {parameters.project}"

    def choices(self, field_name: str) -> Sequence[Choice]:
        """Return columns in words."""
        return field_choices(field_name)

    def run(self, parameters: WorkflowsParameters, context: JobContext) -> ResultTable:
        """Look the project up, and read the list of its workflows page by page.

        The API gives an empty list for a project that does not exist; this raises UsageError.
        """
        panoptes = Panoptes.logged_in(context, self._settings)
        context.report(None, "looking the project up")
        project = find_project(panoptes, self._settings, parameters.project)
        address = self._workflows_address(parameters, str(project.id))
        rows = (
            [
                workflow_row(workflow, project, self._settings, parameters.category)
                for workflow in page
            ]
            for page in panoptes.pages(Workflow, address)
        )
        columns = chosen((*WORKFLOW_COLUMNS, CATEGORY), WORKFLOW_FIELDS, parameters.workflow_fields)
        return paged_table(columns, rows, maxrec=context.maxrec)

    def to_items(
        self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]
    ) -> list[DataItem]:
        """Return workflows as items of a basket."""
        return workflow_items(rows)

    def _workflows_address(self, parameters: WorkflowsParameters, project_id: str) -> str:
        return workflows_address(
            self._settings,
            project_id,
            fields=parameters.workflow_fields,
            active=parameters.active,
        )

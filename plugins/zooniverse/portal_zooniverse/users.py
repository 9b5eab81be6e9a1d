"""The projects of a user, and their workflows."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from portal.plugins import Choice
from portal.plugins import Column
from portal.plugins import DataItem
from portal.plugins import Example
from portal.plugins import JobContext
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal_zooniverse.columns import CATEGORY
from portal_zooniverse.columns import PROJECT_COLUMNS
from portal_zooniverse.columns import ROLES
from portal_zooniverse.columns import WORKFLOW_COLUMNS
from portal_zooniverse.connector import Panoptes
from portal_zooniverse.fields import Category
from portal_zooniverse.fields import category_field
from portal_zooniverse.fields import chosen
from portal_zooniverse.fields import field_choices
from portal_zooniverse.fields import PROJECT_FIELDS
from portal_zooniverse.fields import project_fields
from portal_zooniverse.fields import ProjectField
from portal_zooniverse.fields import WORKFLOW_FIELDS
from portal_zooniverse.fields import workflow_fields
from portal_zooniverse.fields import WorkflowField
from portal_zooniverse.lookup import workflows_address
from portal_zooniverse.members import find_projects
from portal_zooniverse.members import member_addresses
from portal_zooniverse.members import Members
from portal_zooniverse.members import PROJECT_IDS
from portal_zooniverse.members import user_field
from portal_zooniverse.members import UserName
from portal_zooniverse.panoptes import PanoptesQuery
from portal_zooniverse.resources import Workflow
from portal_zooniverse.rows import project_items
from portal_zooniverse.rows import project_row
from portal_zooniverse.rows import workflow_items
from portal_zooniverse.rows import workflow_row
from portal_zooniverse.tables import paged_table


class UserProjectsParameters(QueryParameters):
    """Whose projects, and what of them."""

    user: UserName | None = user_field()
    project_fields: list[ProjectField] = project_fields()
    category: Category = category_field()


class UserProjectsQuery(PanoptesQuery):
    """List the projects that a user has a part in."""

    id = "query.zooniverse-user-projects"
    title = "Projects of a user"
    description = (
        "List the projects that a user owns or takes part in. The login that you store for "
        "zooniverse opens private ones, too."
    )
    Parameters = UserProjectsParameters
    examples = (Example(title="The Galaxy Zoo team", parameters={"user": "zookeeper"}),)

    def text(self, parameters: UserProjectsParameters) -> str:
        """Return the addresses that are asked one after the other."""
        return "\n".join(member_addresses(self._settings, parameters.user))

    def job_title(self, parameters: UserProjectsParameters) -> str:
        """Return whose projects are listed."""
        return f"Projects of {parameters.user}" if parameters.user else "My projects"

    def choices(self, field_name: str) -> Sequence[Choice]:
        """Return columns in words."""
        return field_choices(field_name)

    def run(self, parameters: UserProjectsParameters, context: JobContext) -> ResultTable:
        """Look the user up, and read their projects, some at a time."""
        panoptes = Panoptes.logged_in(context, self._settings)
        found = find_projects(panoptes, self._settings, parameters.user)
        rows = (
            [
                project_row(project, self._settings, parameters.category) | {"roles": roles}
                for project, roles in some
            ]
            for some in found
        )
        columns = chosen(
            (*PROJECT_COLUMNS, ROLES, CATEGORY), PROJECT_FIELDS, parameters.project_fields
        )
        return paged_table(columns, rows, maxrec=context.maxrec)

    def to_items(
        self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]
    ) -> list[DataItem]:
        """Return projects as items of a basket."""
        return project_items(rows)


class UserWorkflowsParameters(QueryParameters):
    """Whose workflows, and what of them."""

    user: UserName | None = user_field()
    workflow_fields: list[WorkflowField] = workflow_fields()
    category: Category = category_field()


class UserWorkflowsQuery(PanoptesQuery):
    """List the workflows of all projects that a user has a part in."""

    id = "query.zooniverse-user-workflows"
    title = "Workflows of a user"
    description = (
        "List the workflows of all projects that a user owns or takes part in. The login that "
        "you store for zooniverse opens private ones, too."
    )
    Parameters = UserWorkflowsParameters
    examples = (Example(title="The Galaxy Zoo team", parameters={"user": "zookeeper"}),)

    def text(self, parameters: UserWorkflowsParameters) -> str:
        """Return the addresses that are asked one after the other."""
        found = member_addresses(self._settings, parameters.user)
        return "\n".join([*found, self._workflows_address(parameters, PROJECT_IDS)])

    def job_title(self, parameters: UserWorkflowsParameters) -> str:
        """Return whose workflows are listed."""
        return f"Workflows of {parameters.user}" if parameters.user else "My workflows"

    def choices(self, field_name: str) -> Sequence[Choice]:
        """Return columns in words."""
        return field_choices(field_name)

    def run(self, parameters: UserWorkflowsParameters, context: JobContext) -> ResultTable:
        """Look the user's projects up, and read the workflows of some at a time."""
        panoptes = Panoptes.logged_in(context, self._settings)
        rows = (
            page
            for some in find_projects(panoptes, self._settings, parameters.user)
            for page in self._pages(panoptes, parameters, some)
        )
        columns = chosen((*WORKFLOW_COLUMNS, CATEGORY), WORKFLOW_FIELDS, parameters.workflow_fields)
        return paged_table(columns, rows, maxrec=context.maxrec)

    def to_items(
        self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]
    ) -> list[DataItem]:
        """Return workflows as items of a basket."""
        return workflow_items(rows)

    def _pages(
        self, panoptes: Panoptes, parameters: UserWorkflowsParameters, some: Members
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield the workflows of some projects, each with its own project."""
        projects = {project.id: project for project, _ in some}
        if not projects:
            return
        address = self._workflows_address(parameters, ",".join(map(str, projects)))
        for page in panoptes.pages(Workflow, address):
            yield [
                workflow_row(
                    workflow, projects[workflow.links.project], self._settings, parameters.category
                )
                for workflow in page
                if workflow.links.project in projects
            ]

    def _workflows_address(self, parameters: UserWorkflowsParameters, numbers: str) -> str:
        return workflows_address(self._settings, numbers, fields=parameters.workflow_fields)

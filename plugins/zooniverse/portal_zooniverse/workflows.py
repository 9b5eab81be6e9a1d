"""The workflows of one project."""

import re
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Annotated
from typing import Any

from pydantic import AfterValidator

from portal.plugins import Column
from portal.plugins import DataItem
from portal.plugins import Example
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import UsageError
from portal_zooniverse.columns import WORKFLOW_COLUMNS
from portal_zooniverse.connector import Panoptes
from portal_zooniverse.resources import Project
from portal_zooniverse.resources import Workflow
from portal_zooniverse.settings import ZooniverseSettings
from portal_zooniverse.tables import paged_table

PAGE_SIZE = "25"  # the most that Panoptes gives of workflows
FIELDS = ",".join(Workflow.model_fields)  # without their tasks, which can be very long
UNKNOWN_ID = "{projects.id}"  # as the links of the API write it
REFERENCE = re.compile(r"[0-9]{1,18}|[\w.-]+/[\w.-]+")


def _check_reference(text: str) -> str:
    if not REFERENCE.fullmatch(text):
        raise ValueError("give the number of a project, or its short name: owner/name")
    return text


class WorkflowsParameters(QueryParameters):
    """A project, and which of its workflows."""

    project: Annotated[str, AfterValidator(_check_reference)] = parameter(
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


class WorkflowsQuery(Query):
    """List the workflows of a project."""

    id = "query.zooniverse-workflows"
    title = "Workflows of a project"
    description = "List the workflows of a public project, with how far volunteers have come."
    Parameters = WorkflowsParameters
    examples = (
        Example(title="Gravity Spy", parameters={"project": "zooniverse/gravity-spy"}),
        Example(
            title="All of Galaxy Zoo, past and present",
            parameters={"project": "zookeeper/galaxy-zoo", "active": "false"},
        ),
    )

    def __init__(self, settings: ZooniverseSettings) -> None:
        self._settings = settings

    def text(self, parameters: WorkflowsParameters) -> str:
        """Return both addresses that are asked: the project, which must exist, and the list."""
        known = parameters.project.isdecimal()
        project_id = parameters.project if known else UNKNOWN_ID
        workflows = self._workflows_address(parameters, project_id)
        return f"{self._project_address(parameters)}\n{workflows}"

    def job_title(self, parameters: WorkflowsParameters) -> str:
        """Return whose workflows are listed."""
        return f"Workflows of {parameters.project}"

    def run(self, parameters: WorkflowsParameters, context: JobContext) -> ResultTable:
        """Look the project up, and read the list of its workflows page by page.

        The API gives an empty list for a project that does not exist; this raises UsageError.
        """
        panoptes = Panoptes(context.http, context.report)
        context.report(None, "looking the project up")
        project = panoptes.find(Project, self._project_address(parameters))
        if project is None:
            raise UsageError(f"There is no public project {parameters.project} in the Zooniverse.")
        address = self._workflows_address(parameters, str(project.id))
        pages = panoptes.pages(Workflow, address)
        rows = ([self._row(workflow, project) for workflow in page] for page in pages)
        return paged_table(WORKFLOW_COLUMNS, rows, maxrec=context.maxrec)

    def to_items(
        self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]
    ) -> list[DataItem]:
        """Return workflows as items: their names, number and the page of their project."""
        return [
            DataItem(
                title=f"{row['project_name']}: {row['display_name']}",
                obs_id=str(row["workflow_id"]),
                obs_collection="Zooniverse",
                access_url=row["project_url"],
                access_format="text/html",
            )
            for row in rows
        ]

    def _project_address(self, parameters: WorkflowsParameters) -> str:
        if parameters.project.isdecimal():
            return self._settings.api_address(f"projects/{parameters.project}")
        return self._settings.api_address("projects", {"slug": parameters.project})

    def _workflows_address(self, parameters: WorkflowsParameters, project_id: str) -> str:
        query = {"project_id": project_id} | ({"active": "true"} if parameters.active else {})
        return self._settings.api_address(
            "workflows", query | {"sort": "id", "fields": FIELDS, "page_size": PAGE_SIZE}
        )

    def _row(self, workflow: Workflow, project: Project) -> dict[str, Any]:
        return workflow.model_dump() | {
            "workflow_id": workflow.id,
            "project_id": project.id,
            "project_name": project.display_name,
            "project_url": self._settings.project_page(project.slug),
        }

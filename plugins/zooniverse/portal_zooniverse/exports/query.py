"""The form that fetches the classifications or the subjects of a project or workflow."""

import json
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
from portal.plugins import UsageError
from portal_zooniverse.connector import Panoptes
from portal_zooniverse.exports.download import download
from portal_zooniverse.exports.reading import read_export
from portal_zooniverse.exports.waiting import ExportJob
from portal_zooniverse.fields import CATEGORIES
from portal_zooniverse.fields import Category
from portal_zooniverse.fields import field_choices
from portal_zooniverse.lookup import find_project
from portal_zooniverse.lookup import project_address
from portal_zooniverse.lookup import ProjectReference
from portal_zooniverse.panoptes import PanoptesQuery
from portal_zooniverse.resources import Workflow
from portal_zooniverse.rows import COLLECTION

PROJECT_ID = "{projects.id}"  # as the links of the API write it
NOUNS = {"classification_id": "classification", "subject_id": "subject"}


class ExportParameters(QueryParameters):
    """Which data, and how new."""

    project: ProjectReference = parameter(
        title="Project",
        description="Its number, or its short name as in the address of its page",
        placeholder="zooniverse/gravity-spy",
        max_length=200,
    )
    workflow: int | None = parameter(
        None,
        title="Workflow",
        description="Number of one of its workflows; all of them without it",
        ge=1,
        lt=2**63,
    )
    category: Category = parameter("classifications", title="Data")
    renew: bool = parameter(
        default=False,
        title="Have a new export made",
        description=(
            "Otherwise the last one is taken, however old it is, and one is made only where "
            "there is none. That takes minutes, and up to a day for a large project"
        ),
    )


class ExportQuery(PanoptesQuery):
    """Fetch classifications or subjects, by way of an export that the Zooniverse makes."""

    id = "query.zooniverse-export"
    title = "Classifications and subjects"
    description = (
        "Fetch what volunteers said, or what they were shown. The Zooniverse gives it to the "
        "owner and the collaborators of a project: store your login for zooniverse under "
        "Account, Logins at archives."
    )
    documentation_url = "https://help.zooniverse.org/next-steps/data-exports/"
    Parameters = ExportParameters
    examples = (
        Example(title="Classifications of a project of yours", parameters={}),
        Example(
            title="Subjects, from a new export",
            parameters={"category": "subjects", "renew": "true"},
        ),
    )

    def text(self, parameters: ExportParameters) -> str:
        """Return the addresses that are asked: project, workflow, export."""
        addresses = [project_address(self._settings, parameters.project)]
        if parameters.workflow is not None:
            addresses.append(self._workflow_address(parameters.workflow))
        number = parameters.project if parameters.project.isdecimal() else PROJECT_ID
        addresses.append(self._export_address(parameters, number))
        return "\n".join(addresses)

    def job_title(self, parameters: ExportParameters) -> str:
        """Return whose data are fetched."""
        data = f"{CATEGORIES[parameters.category]} of {parameters.project}"
        return data if parameters.workflow is None else f"{data}, workflow {parameters.workflow}"

    def choices(self, field_name: str) -> Sequence[Choice]:
        """Return the kinds of data in words."""
        return field_choices(field_name)

    def run(self, parameters: ExportParameters, context: JobContext) -> ResultTable:
        """Have the export made where that is needed, wait for it, and read it."""
        panoptes = Panoptes.logged_in(context, self._settings)
        context.report(None, "looking the project up")
        project = find_project(panoptes, self._settings, parameters.project)
        if parameters.workflow is not None:
            self._check_workflow(panoptes, parameters.workflow, project.id)
        address = self._export_address(parameters, str(project.id))
        job = ExportJob(panoptes=panoptes, context=context, address=address, renew=parameters.renew)
        export = job.obtain()
        context.log(f"The export is of {export.updated_at or 'an unknown time'}")
        path = download(panoptes, context, export, job.refresh)
        is_part = parameters.category == "subjects"  # of an export of the whole project
        return read_export(
            path,
            category=parameters.category,
            workflow=parameters.workflow if is_part else None,
            maxrec=context.maxrec,
            infos=(("export_time", export.updated_at or ""),),
        )

    def to_items(
        self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]
    ) -> list[DataItem]:
        """Return classifications by their numbers, and subjects with their first files."""
        names = {column.name for column in columns}
        main = next(name for name in NOUNS if name in names)
        return [_item(row, main) for row in rows]

    def _check_workflow(self, panoptes: Panoptes, number: int, project_id: int) -> None:
        workflow = panoptes.find(Workflow, self._workflow_address(number))
        if workflow is None or workflow.links.project != project_id:
            raise UsageError(f"Workflow {number} is not one of project {project_id}.")

    def _workflow_address(self, number: int) -> str:
        return self._settings.api_address(f"workflows/{number}")

    def _export_address(self, parameters: ExportParameters, project_id: str) -> str:
        """Return where the export is: the API has subjects by project only."""
        if parameters.workflow is not None and parameters.category == "classifications":
            return self._settings.api_address(
                f"workflows/{parameters.workflow}/classifications_export"
            )
        return self._settings.api_address(f"projects/{project_id}/{parameters.category}_export")


def _item(row: Mapping[str, Any], main: str) -> DataItem:
    noun, number = NOUNS[main], row[main]
    return DataItem(
        title=f"{noun.capitalize()} {number}",
        publisher_did=f"zooniverse://{noun}/{number}",
        obs_id=str(number),
        obs_collection=COLLECTION,
        access_url=_first_file(row.get("locations")),
    )


def _first_file(locations: Any) -> str | None:
    """Return the first of the addresses in a subject's `locations`, if they can be read."""
    try:
        found = json.loads(locations or "{}")
    except ValueError:
        return None
    addresses = found.values() if isinstance(found, dict) else ()
    return next((one for one in addresses if isinstance(one, str)), None)

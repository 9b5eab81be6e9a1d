"""What a launch is asked for, and the workflow and the title that come of it."""

from typing import Any
from urllib.parse import urlsplit

from pydantic import field_validator
from pydantic import ValidationInfo

from portal.analysis.models import TITLE_LENGTH
from portal.analysis.variables import read_variables
from portal.parameters import parameter
from portal.parameters import QueryParameters
from portal.parameters import ServiceUrl
from portal.plugins.repositories import check_path
from portal.plugins.workflows import DEFAULT_REF
from portal.plugins.workflows import Workflow
from portal.plugins.workflows import WorkflowType
from portal.problems import UsageError


class LaunchParameters(QueryParameters):
    """What is launched, and what comes along."""

    repository: ServiceUrl = parameter(
        title="Repository", description="A git repository that can be cloned without a login."
    )
    ref: str = parameter(
        DEFAULT_REF, title="Branch, tag or commit", max_length=250, pattern=r"^[^-\s][^\s]*$"
    )
    path: str | None = parameter(
        None, title="File to open", description="Relative to the repository.", max_length=1000
    )
    workflow_type: WorkflowType = parameter(WorkflowType.NOTEBOOK, title="How one works with it")
    definition: str | None = parameter(
        None,
        title="Batch workflow",
        description="The CWL or Nextflow file that a batch service runs.",
        max_length=1000,
    )
    workflow: str | None = parameter(
        None, title="Workflow", description="As the portal lists it.", max_length=500
    )
    title: str = parameter("", title="Title", max_length=TITLE_LENGTH)
    basket_id: str | None = parameter(
        None, title="Basket", description="Whose files come along.", max_length=32
    )
    parameters: str = parameter(
        "",
        title="Parameters",
        description="One in each line, name = value: variables of the notebook that is opened.",
        widget="textarea",
        max_length=10_000,
    )
    first_cell: bool = parameter(
        False,  # noqa: FBT003 - its default
        title="Add a first cell",
        description="One that reads the basket, in front of the notebook that is opened.",
    )

    @field_validator("path", "definition")
    @classmethod
    def _is_inside(cls, path: str | None) -> str | None:
        """Refuse what leads out: a path ends in an address that has a token in it."""
        inside = (path or "").strip("/")
        try:
            return check_path(inside) if inside else None
        except UsageError as error:
            raise ValueError(error.message) from error

    @field_validator("parameters")
    @classmethod
    def _are_variables(cls, text: str, info: ValidationInfo) -> str:
        if read_variables(text) and not (info.data.get("path") or info.data.get("definition")):
            raise ValueError("they are variables of a notebook: say which file is opened")
        return text


def title_of(parameters: Any) -> str:
    """Return what the session is called: its title, or the name of its repository."""
    name = urlsplit(parameters.repository).path.strip("/").rpartition("/")[2]
    title: str = parameters.title or name.removesuffix(".git") or parameters.repository
    return title[:TITLE_LENGTH]


def workflow_of(parameters: Any) -> Workflow:
    """Return the workflow that a job launches, as its parameters say it."""
    return Workflow(
        id=parameters.workflow or parameters.repository,
        title=title_of(parameters),
        repository=parameters.repository,
        ref=parameters.ref,
        path=parameters.path,
        type=parameters.workflow_type,
        definition=parameters.definition,
    )

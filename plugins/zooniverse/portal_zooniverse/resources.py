"""What Panoptes sends: a model of each kind of resource, with the attributes that are kept."""

import json
from typing import Annotated
from typing import Any
from typing import ClassVar

from pydantic import BaseModel
from pydantic import BeforeValidator
from pydantic import ConfigDict
from pydantic import Field


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _joined(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return value


Count = Annotated[int, Field(ge=0, lt=2**63)]
JsonText = Annotated[str | None, BeforeValidator(_json)]
Words = Annotated[str, BeforeValidator(_joined)]


class Resource(BaseModel):
    """What all have in common: `id`, and in `kind` the name that their lists go by."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, hide_input_in_errors=True)

    kind: ClassVar[str]
    id: Count


class Project(Resource):
    """A citizen science project; `slug` is "owner/name", the end of its page's address."""

    kind = "projects"
    display_name: str
    slug: str
    created_at: str | None = None
    updated_at: str | None = None
    live: bool | None = None
    available_languages: Words = ""
    launch_date: str | None = None
    title: str | None = None
    description: str | None = None
    introduction: str | None = None
    workflow_description: str | None = None
    researcher_quote: str | None = None
    state: str | None = None
    private: bool | None = None
    tags: Words = ""
    classifications_count: Count | None = None
    classifiers_count: Count | None = None
    subjects_count: Count | None = None
    retired_subjects_count: Count | None = None
    completeness: float | None = None
    activity: int | None = Field(None, ge=-(2**63), lt=2**63)
    primary_language: str | None = None
    beta_requested: bool | None = None
    beta_approved: bool | None = None
    launch_requested: bool | None = None
    launch_approved: bool | None = None
    featured: bool | None = None
    mobile_friendly: bool | None = None
    migrated: bool | None = None
    run_subject_set_completion_events: bool | None = None
    redirect: str | None = None
    href: str | None = None
    experimental_tools: Words = ""
    configuration: JsonText = None
    urls: JsonText = None


class WorkflowLinks(BaseModel):
    """What a workflow is part of."""

    model_config = ConfigDict(frozen=True)

    project: Count | None = None


class Workflow(Resource):
    """A series of tasks that volunteers of a project go through for each of its subjects."""

    kind = "workflows"
    display_name: str
    created_at: str | None = None
    updated_at: str | None = None
    active: bool | None = None
    finished_at: str | None = None
    version: str | None = None
    classifications_count: Count | None = None
    subjects_count: Count | None = None
    retired_set_member_subjects_count: Count | None = None
    completeness: float | None = None
    primary_language: str | None = None
    content_language: str | None = None
    first_task: str | None = None
    prioritized: bool | None = None
    grouped: bool | None = None
    pairwise: bool | None = None
    mobile_friendly: bool | None = None
    public_gold_standard: bool | None = None
    href: str | None = None
    tasks: JsonText = None
    steps: JsonText = None
    retirement: JsonText = None
    configuration: JsonText = None
    links: WorkflowLinks = WorkflowLinks()


class User(Resource):
    """Somebody with an account."""

    kind = "users"
    login: str


class RoleLinks(BaseModel):
    """What a role is about."""

    model_config = ConfigDict(frozen=True)

    project: Count


class ProjectRole(Resource):
    """What one user is in one project: its owner, a collaborator, ..."""

    kind = "project_roles"
    roles: tuple[str, ...] = ()
    links: RoleLinks


class ExportMetadata(BaseModel):
    """How far an export is: creating, requeued, ready or failed."""

    model_config = ConfigDict(frozen=True)

    state: str | None = None


class Export(Resource):
    """A file that Panoptes makes of classifications or subjects; `src` leads to it for a while.

    Such an address is signed: whoever has it has the file.
    """

    kind = "media"
    src: str | None = Field(None, repr=False)
    updated_at: str | None = None
    metadata: ExportMetadata = ExportMetadata()

    @property
    def state(self) -> str:
        """How far it is, in the API's word."""
        return self.metadata.state or "unknown"


class PageInfo(BaseModel):
    """Which page a list goes on with, or None at its end, and how many there are."""

    next_page: Count | None
    page_count: Count

"""What Panoptes sends: a model of each kind of resource, with the attributes that are kept."""

from typing import Annotated
from typing import ClassVar

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

Count = Annotated[int, Field(ge=0, lt=2**63)]


class Resource(BaseModel):
    """What all have in common: `id`, and in `kind` the name that their lists go by."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    kind: ClassVar[str]
    id: Count
    display_name: str
    created_at: str | None = None
    updated_at: str | None = None
    classifications_count: Count | None = None
    completeness: float | None = None
    primary_language: str | None = None


class Project(Resource):
    """A citizen science project; `slug` is "owner/name", the end of its page's address."""

    kind = "projects"
    slug: str
    description: str | None = None
    state: str | None = None
    launch_approved: bool | None = None
    launch_date: str | None = None
    tags: tuple[str, ...] = ()
    available_languages: tuple[str, ...] = ()
    classifiers_count: Count | None = None
    subjects_count: Count | None = None
    retired_subjects_count: Count | None = None


class Workflow(Resource):
    """A series of tasks that volunteers of a project go through for each of its subjects."""

    kind = "workflows"
    active: bool | None = None
    version: str | None = None
    finished_at: str | None = None
    subjects_count: Count | None = None
    retired_set_member_subjects_count: Count | None = None


class PageInfo(BaseModel):
    """Which page a list goes on with, or None at its end, and how many there are."""

    next_page: Count | None
    page_count: Count

"""The columns that a user may choose from: what the API knows of projects and workflows.

They are written down, and not asked of the API, which would be a request for every form.
"""

from collections.abc import Sequence
from typing import Any
from typing import get_args
from typing import Literal

from portal.plugins import Choice
from portal.plugins import Column
from portal.plugins import parameter

ProjectField = Literal[
    "title", "description", "introduction", "workflow_description", "researcher_quote", "state",
    "private", "tags", "classifications_count", "classifiers_count", "subjects_count",
    "retired_subjects_count", "completeness", "activity", "primary_language", "beta_requested",
    "beta_approved", "launch_requested", "launch_approved", "featured", "mobile_friendly",
    "migrated", "run_subject_set_completion_events", "redirect", "href", "experimental_tools",
    "configuration", "urls",
]  # fmt: skip
WorkflowField = Literal[
    "active", "finished_at", "version", "classifications_count", "subjects_count",
    "retired_set_member_subjects_count", "completeness", "primary_language", "content_language",
    "first_task", "prioritized", "grouped", "pairwise", "mobile_friendly", "public_gold_standard",
    "href", "tasks", "steps", "retirement", "configuration",
]  # fmt: skip
PROJECT_FIELDS: tuple[str, ...] = get_args(ProjectField)
WORKFLOW_FIELDS: tuple[str, ...] = get_args(WorkflowField)
FIELDS = {"project_fields": PROJECT_FIELDS, "workflow_fields": WORKFLOW_FIELDS}
Category = Literal["classifications", "subjects"]
CATEGORIES = {"classifications": "Classifications", "subjects": "Subjects"}


def project_fields() -> Any:
    """Declare the choice of the columns of projects."""
    return parameter([], title="Extra columns of projects", description="All of them by default")


def workflow_fields() -> Any:
    """Declare the choice of the columns of workflows."""
    return parameter([], title="Extra columns of workflows", description="All of them by default")


def category_field() -> Any:
    """Declare what a basket is to keep of a row."""
    return parameter(
        "classifications",
        title="In a basket, a row stands for its",
        description="What programs that work through the basket are to download",
    )


def field_choices(field_name: str) -> Sequence[Choice]:
    """Return what the fields of this module offer, in words."""
    if field_name == "category":
        return [Choice(value=value, title=title) for value, title in CATEGORIES.items()]
    names = FIELDS.get(field_name, ())
    return [Choice(value=name, title=name.replace("_", " ").capitalize()) for name in names]


def chosen(
    columns: Sequence[Column], optional: Sequence[str], wanted: Sequence[str]
) -> tuple[Column, ...]:
    """Return the columns that are always there, and those of the optional ones that are wanted.

    Without a wish there are all of them.
    """
    left_out = set(optional) - set(wanted or optional)
    return tuple(column for column in columns if column.name not in left_out)

"""Where the API has projects and workflows, and how somebody names a project."""

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator

from portal.plugins import UsageError
from portal_zooniverse.connector import Panoptes
from portal_zooniverse.fields import WORKFLOW_FIELDS
from portal_zooniverse.resources import Project
from portal_zooniverse.settings import ZooniverseSettings

WORKFLOWS_PER_PAGE = "25"  # their tasks can be long
ALWAYS_ASKED = ("id", "display_name", "created_at", "updated_at")
REFERENCE = re.compile(r"[0-9]{1,18}|[\w.-]+/[\w.-]+")


def _check_reference(text: str) -> str:
    if not REFERENCE.fullmatch(text):
        raise ValueError("give the number of a project, or its short name: owner/name")
    return text


ProjectReference = Annotated[str, AfterValidator(_check_reference)]


def project_address(settings: ZooniverseSettings, reference: str) -> str:
    """Return where a project is, by its number or its short name."""
    if reference.isdecimal():
        return settings.api_address(f"projects/{reference}")
    return settings.api_address("projects", {"slug": reference})


def find_project(panoptes: Panoptes, settings: ZooniverseSettings, reference: str) -> Project:
    """Return a project; raises UsageError when whoever asks does not see it."""
    project = panoptes.find(Project, project_address(settings, reference))
    if project is None:
        others = "" if panoptes.login else " public"
        raise UsageError(f"There is no{others} project {reference} in the Zooniverse.")
    return project


def workflows_address(
    settings: ZooniverseSettings,
    project_ids: str,
    *,
    fields: Sequence[str] = (),
    active: bool = False,
) -> str:
    """Return where the workflows of projects are listed, with the fields that are wanted."""
    query = {"project_id": project_ids} | ({"active": "true"} if active else {})
    names = ",".join((*ALWAYS_ASKED, *(fields or WORKFLOW_FIELDS)))
    return settings.api_address(
        "workflows", query | {"sort": "id", "fields": names, "page_size": WORKFLOWS_PER_PAGE}
    )

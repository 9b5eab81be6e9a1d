"""Projects and workflows as rows, and such rows as items of a basket."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from portal.plugins import DataItem
from portal_zooniverse.resources import Project
from portal_zooniverse.resources import Workflow
from portal_zooniverse.settings import ZooniverseSettings

COLLECTION = "Zooniverse"


def project_row(project: Project, settings: ZooniverseSettings, category: str) -> dict[str, Any]:
    """Return the values of a project by column."""
    return project.model_dump() | {
        "project_id": project.id,
        "project_url": settings.project_page(project.slug),
        "category": category,
    }


def workflow_row(
    workflow: Workflow, project: Project, settings: ZooniverseSettings, category: str
) -> dict[str, Any]:
    """Return the values of a workflow by column, with those of its own project."""
    return workflow.model_dump() | {
        "workflow_id": workflow.id,
        "project_id": project.id,
        "project_name": project.display_name,
        "project_slug": project.slug,
        "project_url": settings.project_page(project.slug),
        "category": category,
    }


def project_items(rows: Iterable[Mapping[str, Any]]) -> list[DataItem]:
    """Return projects as items: name, short name, page, and which of their data is meant."""
    return [
        DataItem(
            title=f"{row['display_name']}: {row['category']}",
            publisher_did=f"zooniverse://project/{row['project_id']}/{row['category']}",
            obs_id=row["slug"],
            obs_collection=COLLECTION,
            access_url=row["project_url"],
            access_format="text/html",
        )
        for row in rows
    ]


def workflow_items(rows: Iterable[Mapping[str, Any]]) -> list[DataItem]:
    """Return workflows as items: names, number, page, and which of their data is meant."""
    return [
        DataItem(
            title=f"{row['project_name']}: {row['display_name']}: {row['category']}",
            publisher_did=(
                f"zooniverse://project/{row['project_id']}"
                f"/workflow/{row['workflow_id']}/{row['category']}"
            ),
            obs_id=str(row["workflow_id"]),
            obs_collection=COLLECTION,
            access_url=row["project_url"],
            access_format="text/html",
        )
        for row in rows
    ]

"""Projects as readable cards."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from portal.plugins import Column
from portal.plugins import Renderer
from portal_zooniverse.actions import Classifications
from portal_zooniverse.actions import PROJECTS
from portal_zooniverse.actions import Subjects
from portal_zooniverse.actions import WorkflowsOfProject

ACTIONS = (WorkflowsOfProject(), Classifications(), Subjects())
SHOWN = ("display_name", "description", "state", "tags", "roles", "project_url")


class ProjectCards(Renderer):
    """Shows projects as cards: what they are about, how far they are, and the ways to them."""

    id = "zooniverse-projects"
    title = "Projects"
    template = "zooniverse/projects.html"
    preferred = True

    def can_render(self, columns: Sequence[Column]) -> bool:
        """Say whether the rows are projects."""
        return {column.name for column in columns} >= {*PROJECTS, "display_name"}

    def context(
        self, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        """Return the projects, each with its progress in words and the ways to its data.

        Columns that the user did not choose are not there.
        """
        projects = [
            {name: row.get(name) for name in SHOWN}
            | {
                "progress": _progress(row),
                "links": [{"title": one.title, "link": one.link(row)} for one in ACTIONS],
            }
            for row in rows
        ]
        return {"projects": projects}


def _progress(row: Mapping[str, Any]) -> str:
    """Return "1,234 classifications by 56 volunteers, 78 % complete", as far as it is known."""
    counts = [
        f"{row[name]:,} {noun}"
        for name, noun in (
            ("classifications_count", "classifications"),
            ("classifiers_count", "volunteers"),
        )
        if row.get(name) is not None
    ]
    completeness = row.get("completeness")
    parts = [" by ".join(counts)] if counts else []
    return ", ".join(parts + ([] if completeness is None else [f"{completeness:.0%} complete"]))

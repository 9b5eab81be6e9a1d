"""The search for public projects."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Literal

from portal.plugins import Choice
from portal.plugins import Column
from portal.plugins import DataItem
from portal.plugins import Example
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal_zooniverse.columns import PROJECT_COLUMNS
from portal_zooniverse.connector import Panoptes
from portal_zooniverse.resources import Project
from portal_zooniverse.settings import ZooniverseSettings
from portal_zooniverse.tables import paged_table

PAGE_SIZE = "100"  # the most that Panoptes gives
# The tags under which the Zooniverse itself files projects.
DISCIPLINES = {
    "arts": "Arts",
    "biology": "Biology",
    "climate": "Climate",
    "history": "History",
    "language": "Language",
    "literature": "Literature",
    "medicine": "Medicine",
    "nature": "Nature",
    "physics": "Physics",
    "social science": "Social science",
    "astronomy": "Space",
}
STATES = {"live": "Live", "paused": "Paused", "finished": "Finished"}
ORDERS = {
    "-launch_date": "Newest first",
    "launch_date": "Oldest first",
    "display_name": "By name",
    "-activity": "Busiest first",
    "-classifiers_count": "Most volunteers first",
    "completeness": "Least complete first",
    "-updated_at": "Last changed first",
}
CHOICES = {"discipline": DISCIPLINES, "state": STATES, "sort": ORDERS}


class ProjectsParameters(QueryParameters):
    """Which projects, and in which order; without any of these all approved ones."""

    keywords: str = parameter(
        "",
        title="Words in the name",
        widget="search",
        placeholder="galaxy",
        max_length=200,
    )
    discipline: (
        Literal[
            "arts", "biology", "climate", "history", "language", "literature", "medicine",
            "nature", "physics", "social science", "astronomy",
        ]
        | None
    ) = parameter(None, title="Discipline")  # fmt: skip
    state: Literal["live", "paused", "finished"] | None = parameter(None, title="State")
    launch_approved: bool = parameter(
        default=True,
        title="Only projects that the Zooniverse has approved",
        description="Anybody can set up a project; most of the others are trials.",
    )
    sort: Literal[
        "-launch_date", "launch_date", "display_name", "-activity", "-classifiers_count",
        "completeness", "-updated_at",
    ] = parameter("-launch_date", title="Order")  # fmt: skip


class ProjectsQuery(Query):
    """Search the public projects."""

    id = "query.zooniverse-projects"
    title = "Find projects"
    description = "Search the public projects of the Zooniverse."
    Parameters = ProjectsParameters
    examples = (
        Example(title="Space", parameters={"discipline": "astronomy"}),
        Example(title="Galaxies", parameters={"keywords": "galaxy", "sort": "-classifiers_count"}),
        Example(
            title="Finished projects on nature",
            parameters={"discipline": "nature", "state": "finished"},
        ),
    )

    def __init__(self, settings: ZooniverseSettings) -> None:
        self._settings = settings

    def text(self, parameters: ProjectsParameters) -> str:
        """Return the address that is asked; pages after the first have `page` added to it."""
        query = {
            # "key:value" is a filter to Panoptes, and one that it does not know finds all.
            "search": " ".join(parameters.keywords.replace(":", " ").split()),
            "tags": parameters.discipline,
            "state": parameters.state,
            "launch_approved": "true" if parameters.launch_approved else None,
            "sort": parameters.sort,
            "page_size": PAGE_SIZE,
        }
        given = {name: value for name, value in query.items() if value}
        return self._settings.api_address("projects", given)

    def job_title(self, parameters: ProjectsParameters) -> str:
        """Return what is looked for."""
        wanted = (parameters.keywords, parameters.discipline, parameters.state)
        return f"{self.title}: {', '.join(one for one in wanted if one) or 'all'}"

    def choices(self, field_name: str) -> Sequence[Choice]:
        """Return disciplines, states and orders in words."""
        offered = CHOICES.get(field_name, {})
        return [Choice(value=value, title=title) for value, title in offered.items()]

    def run(self, parameters: ProjectsParameters, context: JobContext) -> ResultTable:
        """Read the list page by page, each as it arrives."""
        pages = Panoptes(context.http, context.report).pages(Project, self.text(parameters))
        rows = ([self._row(project) for project in page] for page in pages)
        return paged_table(PROJECT_COLUMNS, rows, maxrec=context.maxrec)

    def to_items(
        self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]
    ) -> list[DataItem]:
        """Return projects as items: their name, short name and page."""
        return [
            DataItem(
                title=row["display_name"],
                obs_id=row["project_slug"],
                obs_collection="Zooniverse",
                access_url=row["project_url"],
                access_format="text/html",
            )
            for row in rows
        ]

    def _row(self, project: Project) -> dict[str, Any]:
        return project.model_dump() | {
            "project_id": project.id,
            "project_slug": project.slug,
            "project_url": self._settings.project_page(project.slug),
            "tags": ", ".join(project.tags),
            "available_languages": ", ".join(project.available_languages),
        }

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
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal_zooniverse.columns import CATEGORY
from portal_zooniverse.columns import PROJECT_COLUMNS
from portal_zooniverse.connector import Panoptes
from portal_zooniverse.fields import Category
from portal_zooniverse.fields import category_field
from portal_zooniverse.fields import chosen
from portal_zooniverse.fields import field_choices
from portal_zooniverse.fields import PROJECT_FIELDS
from portal_zooniverse.fields import project_fields
from portal_zooniverse.fields import ProjectField
from portal_zooniverse.panoptes import PanoptesQuery
from portal_zooniverse.resources import Project
from portal_zooniverse.rows import project_items
from portal_zooniverse.rows import project_row
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
    project_fields: list[ProjectField] = project_fields()
    category: Category = category_field()


class ProjectsQuery(PanoptesQuery):
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
        """Return disciplines, states, orders and columns in words."""
        if field_name not in CHOICES:
            return field_choices(field_name)
        offered = CHOICES[field_name]
        return [Choice(value=value, title=title) for value, title in offered.items()]

    def run(self, parameters: ProjectsParameters, context: JobContext) -> ResultTable:
        """Read the list page by page, each as it arrives."""
        pages = Panoptes(context).pages(Project, self.text(parameters))
        rows = (
            [project_row(project, self._settings, parameters.category) for project in page]
            for page in pages
        )
        columns = chosen((*PROJECT_COLUMNS, CATEGORY), PROJECT_FIELDS, parameters.project_fields)
        return paged_table(columns, rows, maxrec=context.maxrec)

    def to_items(
        self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]
    ) -> list[DataItem]:
        """Return projects as items of a basket."""
        return project_items(rows)

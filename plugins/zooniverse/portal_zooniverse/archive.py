"""The Zooniverse as an archive of the portal."""

from portal.plugins import Archive
from portal.plugins import Dataset
from portal.plugins import ExternalLink
from portal.plugins import QueryLink
from portal_zooniverse.availability import AvailabilityQuery
from portal_zooniverse.exports import ExportQuery
from portal_zooniverse.projects import ProjectsQuery
from portal_zooniverse.settings import ZooniverseSettings
from portal_zooniverse.users import UserProjectsQuery
from portal_zooniverse.users import UserWorkflowsQuery
from portal_zooniverse.workflows import WorkflowsQuery

DATASETS = (
    Dataset(
        id="zooniverse_projects",
        title="Zooniverse projects",
        category="Projects",
        query_id=UserProjectsQuery.id,
        description="The projects of a user, private ones among them for those who log in",
    ),
    Dataset(
        id="zooniverse_workflows",
        title="Zooniverse workflows",
        category="Workflows",
        query_id=UserWorkflowsQuery.id,
        description="The workflows of a user's projects",
    ),
    Dataset(
        id="classifications",
        title="Classifications",
        category="Classifications",
        level="raw",
        query_id=ExportQuery.id,
        parameters={"category": "classifications"},
        description="What volunteers said about each subject",
    ),
    Dataset(
        id="subjects",
        title="Subjects",
        category="Subjects",
        query_id=ExportQuery.id,
        parameters={"category": "subjects"},
        description="What volunteers are shown, and how far they have come with it",
    ),
)


def zooniverse_archive(settings: ZooniverseSettings) -> Archive:
    """Return the archive behind the API that `settings` names."""
    return Archive(
        id="zooniverse",
        title="Zooniverse",
        description=(
            "Citizen science: volunteers all over the world classify images, sounds and texts "
            "for research, from galaxies to ship's logs. Find projects and their workflows, and "
            "fetch what volunteers found in yours."
        ),
        institute="The Zooniverse",
        documentation_url="https://www.zooniverse.org/about",
        queries=(
            ProjectsQuery(settings),
            WorkflowsQuery(settings),
            UserProjectsQuery(settings),
            UserWorkflowsQuery(settings),
            ExportQuery(settings),
            AvailabilityQuery(settings),
        ),
        datasets=DATASETS,
        retrieval=(
            "Classifications and subjects are given to a project's owner and collaborators. "
            "Store your Zooniverse login for zooniverse under Account, Logins at archives. Then "
            "the portal asks for an export, waits for it, and keeps it as a table."
        ),
        links=(
            ("All projects", ExternalLink(url=f"{settings.site_url.rstrip('/')}/projects")),
            (
                "How to work with exports",
                ExternalLink(url="https://help.zooniverse.org/next-steps/data-exports/"),
            ),
        ),
        health=QueryLink(query_id=AvailabilityQuery.id),
        order=20,
    )

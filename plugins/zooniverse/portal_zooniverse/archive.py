"""The Zooniverse as an archive of the portal."""

from portal.plugins import Archive
from portal_zooniverse.projects import ProjectsQuery
from portal_zooniverse.settings import ZooniverseSettings
from portal_zooniverse.workflows import WorkflowsQuery


def zooniverse_archive(settings: ZooniverseSettings) -> Archive:
    """Return the archive behind the API that `settings` names."""
    return Archive(
        id="zooniverse",
        title="Zooniverse",
        description=(
            "Citizen science: volunteers all over the world classify images, sounds and texts "
            "for research, from galaxies to ship's logs. Find public projects and their workflows."
        ),
        institute="The Zooniverse",
        documentation_url="https://www.zooniverse.org/about",
        queries=(ProjectsQuery(settings), WorkflowsQuery(settings)),
        order=20,
    )

"""The plugin `workflow`: a job that reads which branches, tags and files a repository has.

It is a part of the portal; its archive is not listed, and the page to add a workflow makes
its jobs.
"""

from portal.analysis.workflows.inspecting.query import InspectRepository
from portal.plugins.hookspecs import hookimpl
from portal.plugins.types import Archive

NAME = "workflow"


@hookimpl
def portal_register_archives() -> list[Archive]:
    """Register the query, below an archive that no list shows."""
    return [
        Archive(
            id=NAME,
            title="Repositories of workflows",
            description="What is in a repository that somebody wants to run.",
            queries=(InspectRepository(),),
            visible=False,
        )
    ]

"""The Zooniverse as an archive of the portal: citizen science projects and their data."""

from collections.abc import Iterable

from portal.plugins import Archive
from portal.plugins import hookimpl
from portal.plugins import PluginContext
from portal.plugins import Renderer
from portal.plugins import RowAction
from portal_zooniverse.actions import Classifications
from portal_zooniverse.actions import ProjectPage
from portal_zooniverse.actions import Subjects
from portal_zooniverse.actions import WorkflowsOfProject
from portal_zooniverse.archive import zooniverse_archive
from portal_zooniverse.renderers import ProjectCards
from portal_zooniverse.settings import ZooniverseSettings


@hookimpl
def portal_register_settings() -> type[ZooniverseSettings]:
    """Return the settings in `[plugins.zooniverse]`."""
    return ZooniverseSettings


@hookimpl
def portal_register_archives(context: PluginContext) -> Iterable[Archive]:
    """Return the Zooniverse as one archive."""
    return [zooniverse_archive(ZooniverseSettings.model_validate(context.settings))]


@hookimpl
def portal_register_renderers() -> Iterable[Renderer]:
    """Return the view of projects as cards."""
    return [ProjectCards()]


@hookimpl
def portal_register_row_actions() -> Iterable[RowAction]:
    """Return the ways from a project to its workflows, its data and its page."""
    return [Classifications(), Subjects(), WorkflowsOfProject(), ProjectPage()]

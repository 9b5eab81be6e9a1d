"""The plugin `ossr`: the ESCAPE software repository, a community of Zenodo."""

from collections.abc import Iterable
from datetime import timedelta

from portal.plugins import Archive
from portal.plugins import hookimpl
from portal.plugins import PluginContext
from portal.plugins import Schedule
from portal.plugins import WorkflowSource
from portal_ossr.catalogue import CatalogueFile
from portal_ossr.catalogue import Ossr
from portal_ossr.harvest import HarvestQuery
from portal_ossr.harvest import QUERY_ID
from portal_ossr.settings import OssrSettings


@hookimpl
def portal_register_settings() -> type[OssrSettings]:
    """Return the settings in `[plugins.ossr]`."""
    return OssrSettings


@hookimpl
def portal_register_archives(context: PluginContext) -> Iterable[Archive]:
    """Return the archive whose one query harvests the community; it is in no list."""
    settings = OssrSettings.model_validate(context.settings)
    return [
        Archive(
            id="ossr",
            title="ESCAPE software repository",
            description="Software of the ESCAPE community on Zenodo, copied for the workflows.",
            documentation_url=settings.page,
            queries=(HarvestQuery(settings, CatalogueFile(context.data_dir)),),
            visible=False,
        )
    ]


@hookimpl
def portal_register_schedules(context: PluginContext) -> Iterable[Schedule]:
    """Return how often the community is harvested."""
    settings = OssrSettings.model_validate(context.settings)
    every = timedelta(hours=settings.every)
    title = "Copy of the ESCAPE software repository"
    return [Schedule(id="ossr-harvest", title=title, every=every, query=QUERY_ID)]


@hookimpl
def portal_register_workflows(context: PluginContext) -> Iterable[WorkflowSource]:
    """Return the software of the community, as it was harvested last."""
    settings = OssrSettings.model_validate(context.settings)
    return [Ossr(settings.page, CatalogueFile(context.data_dir))]

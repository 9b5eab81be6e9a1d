"""The plugin `analysis`: the jobs that launch, look after and end sessions.

It is a part of the portal, and is loaded after all plugins; its archive is not listed.
"""

from types import ModuleType

from portal.analysis.firstlook import ExampleSource
from portal.analysis.launching import launch_queries
from portal.analysis.launching import LaunchDesk
from portal.analysis.stopping import StopQuery
from portal.analysis.watching import WatchQuery
from portal.plugins.hookspecs import hookimpl
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import Archive
from portal.plugins.workflows import WorkflowSource

NAME = "analysis"


def analysis_plugin(registry: PluginRegistry, desk: LaunchDesk) -> ModuleType:
    """Return the plugin that launches at the facilities of `registry`."""
    module = ModuleType(f"{__name__}.of_registry")

    @hookimpl
    def portal_register_archives() -> list[Archive]:
        return [
            Archive(
                id=NAME,
                title="Analysis",
                description="Sessions at facilities.",
                queries=(
                    *launch_queries(registry.facilities, desk),
                    StopQuery(desk.ender),
                    WatchQuery(registry, desk),
                ),
                visible=False,
            )
        ]

    @hookimpl
    def portal_register_workflows() -> list[WorkflowSource]:
        return [ExampleSource(desk.address, registry.facilities)]

    vars(module)["portal_register_archives"] = portal_register_archives
    vars(module)["portal_register_workflows"] = portal_register_workflows
    return module

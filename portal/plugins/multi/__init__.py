"""The plugin `multi`: one place asked of every archive that can answer, as a job like others.

It is a part of the portal, and is loaded after all plugins; its archive is not listed.
"""

from types import ModuleType

from portal.plugins.hookspecs import hookimpl
from portal.plugins.multi.lookup import LookupQuery
from portal.plugins.multi.query import MultiQuery
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import Archive

NAME = "multi"
ARCHIVE_ID = "all"


def multi_plugin(registry: PluginRegistry) -> ModuleType:
    """Return the plugin that asks the archives of `registry`."""
    module = ModuleType(f"{__name__}.of_registry")

    @hookimpl
    def portal_register_archives() -> list[Archive]:
        return [
            Archive(
                id=ARCHIVE_ID,
                title="All archives",
                esap_name="multi_query",
                description="One place on the sky, asked of every archive that can answer.",
                queries=(MultiQuery(registry), LookupQuery()),
                visible=False,
            )
        ]

    vars(module)["portal_register_archives"] = portal_register_archives
    return module

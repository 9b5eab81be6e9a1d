"""The hooks that a plugin may implement; each is called once, while the app is created."""

from collections.abc import Iterable
from pathlib import Path

import pluggy
from pydantic import BaseModel

from portal.plugins.described.protocol import Protocol
from portal.plugins.facilities import Facility
from portal.plugins.resolvers import NameResolver
from portal.plugins.schedules import Schedule
from portal.plugins.types import Archive
from portal.plugins.types import PluginContext
from portal.plugins.types import Renderer
from portal.plugins.types import RowAction
from portal.plugins.workflows import WorkflowSource

PROJECT = "portal"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def portal_register_settings() -> type[BaseModel]:
    """Return the model of the plugin's own settings, read from `[plugins.<name>]`."""


@hookspec
def portal_register_archives(context: PluginContext) -> Iterable[Archive]:
    """Return the archives that the plugin adds."""


@hookspec
def portal_register_renderers(context: PluginContext) -> Iterable[Renderer]:
    """Return the views of results that the plugin adds."""


@hookspec
def portal_register_row_actions(context: PluginContext) -> Iterable[RowAction]:
    """Return what the plugin lets a user do with a row."""


@hookspec
def portal_register_resolvers(context: PluginContext) -> Iterable[NameResolver]:
    """Return what turns names of objects into positions."""


@hookspec
def portal_register_schedules(context: PluginContext) -> Iterable[Schedule]:
    """Return the jobs that the portal makes by itself, again and again."""


@hookspec
def portal_register_archive_files(context: PluginContext) -> Iterable[Path]:
    """Return the files in TOML with descriptions of archives that the plugin brings."""


@hookspec
def portal_register_protocols(context: PluginContext) -> Iterable[Protocol]:
    """Return how described queries are asked."""


@hookspec
def portal_register_workflows(context: PluginContext) -> Iterable[WorkflowSource]:
    """Return what knows software that can be run."""


@hookspec
def portal_register_facilities(context: PluginContext) -> Iterable[Facility]:
    """Return the places where software can be run."""

"""One plugin from its module to what it adds: settings, hooks, and the rules of the plugin API."""

import re
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy
from pydantic import BaseModel

from portal.parameters import check_declaration
from portal.parameters import read_form
from portal.plugins import hookspecs
from portal.plugins.described.protocol import Protocol
from portal.plugins.discovery import Candidate
from portal.plugins.facilities import Facility
from portal.plugins.facilities import LAUNCH_NAMES
from portal.plugins.page import Page
from portal.plugins.resolvers import NameResolver
from portal.plugins.schedules import Schedule
from portal.plugins.types import Archive
from portal.plugins.types import PluginContext
from portal.plugins.types import Query
from portal.plugins.types import Renderer
from portal.plugins.types import RowAction
from portal.plugins.workflows import Workflow
from portal.plugins.workflows import WorkflowSource

API_ATTRIBUTE = "PORTAL_API"
HOOK_PREFIX = "portal_"
SETTINGS_HOOK = "portal_register_settings"
HYPHENATED = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class UnusablePluginError(Exception):
    """A plugin breaks a rule of the plugin API; the message says which."""


class HookManager(pluggy.PluginManager):
    """Looks for specifications among the hooks only, not at all that their module imports."""

    def __init__(self) -> None:
        super().__init__(hookspecs.PROJECT)
        self.add_hookspecs(hookspecs)

    def parse_hookspec_opts(self, module_or_class: Any, name: str) -> pluggy.HookspecOpts | None:
        """Return the options of a specification; None when the name is not one of a hook."""
        if not name.startswith(HOOK_PREFIX):
            return None
        return super().parse_hookspec_opts(module_or_class, name)


class NoSettings(BaseModel):
    """The settings of a plugin that has none."""


@dataclass(slots=True, kw_only=True)
class Plugin:
    """One plugin, or one file with descriptions: what it adds, or why it was set aside.

    `reason` has a line for each thing that is wrong.
    """

    name: str
    distribution: str = ""
    version: str = ""
    reason: str | None = None
    module: ModuleType | None = None
    file: Path | None = None
    archives: list[Archive] = field(default_factory=list)
    renderers: list[Renderer] = field(default_factory=list)
    row_actions: list[RowAction] = field(default_factory=list)
    resolvers: list[NameResolver] = field(default_factory=list)
    schedules: list[Schedule] = field(default_factory=list)
    protocols: list[Protocol] = field(default_factory=list)
    archive_files: list[Path] = field(default_factory=list)
    workflow_sources: list[WorkflowSource] = field(default_factory=list)
    workflows: list[Workflow] = field(default_factory=list)
    facilities: list[Facility] = field(default_factory=list)

    @property
    def queries(self) -> list[Query]:
        """Every query of its archives."""
        return [query for archive in self.archives for query in archive.queries]


def load_plugin(
    plugin: Plugin, candidate: Candidate, given: Mapping[str, Any], data_dir: Path
) -> None:
    """Import a plugin and fill in what it adds; `given` are its settings, unread.

    Raises UnusablePluginError, or whatever the plugin raises.
    """
    plugin.module = candidate.load()
    manager = HookManager()
    _check_api_version(plugin.module)
    manager.register(plugin.module, name=candidate.name)
    manager.check_pending()
    _check_spelling(plugin.module)
    data_dir.mkdir(parents=True, exist_ok=True)
    context = PluginContext(settings=_settings(manager, given), data_dir=data_dir)
    hook = manager.hook
    plugin.archives = _collect(hook.portal_register_archives, context, Archive)
    plugin.renderers = _collect(hook.portal_register_renderers, context, Renderer)
    plugin.row_actions = _collect(hook.portal_register_row_actions, context, RowAction)
    plugin.resolvers = _collect(hook.portal_register_resolvers, context, NameResolver)
    plugin.schedules = _collect(hook.portal_register_schedules, context, Schedule)
    plugin.protocols = _collect(hook.portal_register_protocols, context, Protocol)
    plugin.archive_files = _collect(hook.portal_register_archive_files, context, Path)
    plugin.workflow_sources = _collect(hook.portal_register_workflows, context, WorkflowSource)
    plugin.facilities = _collect(hook.portal_register_facilities, context, Facility)
    _check_queries(plugin)
    _check_pages(plugin)
    _check_datasets(plugin)
    _check_schedules(plugin)
    _check_facilities(plugin)
    _check_workflow_sources(plugin)


def names_of(query: Query) -> list[str]:
    """Return the names of a query as a job type, case-folded."""
    return [name.casefold() for name in (query.id, *query.aliases)]


def has_parts(query: Query) -> bool:
    """Say whether jobs of this query may be made of others."""
    return type(query).parts is not Query.parts


def _check_queries(plugin: Plugin) -> None:
    for query in plugin.queries:
        if not isinstance(query, Query):
            raise UnusablePluginError(f"{query!r} is not a Query")
        check_declaration(query.Parameters, names=names_of(query), version=query.version)
        if has_parts(query) and not query.local:
            raise UnusablePluginError(f"{query.id} is made of parts, and so has to be local")


def _check_pages(plugin: Plugin) -> None:
    for archive in plugin.archives:
        wrong = [page for page in archive.pages if not isinstance(page, Page)]
        if wrong:
            raise UnusablePluginError(f"{wrong[0]!r} is not a Page")
        ids = [page.id for page in archive.pages]
        if len(set(ids)) < len(ids):
            raise UnusablePluginError(f"two pages of the archive {archive.id} have the same id")


def _check_datasets(plugin: Plugin) -> None:
    for archive in plugin.archives:
        forms = [query.id for query in archive.queries if not query.hidden]
        for dataset in archive.datasets:
            if dataset.query_id not in forms:
                raise UnusablePluginError(
                    f"the data set {dataset.id} is for {dataset.query_id}, no form of {archive.id}"
                )


def _check_schedules(plugin: Plugin) -> None:
    known = {name: query for query in plugin.queries for name in names_of(query)}
    for schedule in plugin.schedules:
        query = known.get(schedule.query.casefold())
        if query is None:
            raise UnusablePluginError(
                f"the schedule {schedule.id} is for {schedule.query}, no query of this plugin"
            )
        if schedule.every.total_seconds() <= 0:
            raise UnusablePluginError(f"the schedule {schedule.id} has no period")
        read_form(query.Parameters, schedule.parameters.items())


def _check_facilities(plugin: Plugin) -> None:
    for facility in plugin.facilities:
        if not HYPHENATED.fullmatch(facility.id):
            raise UnusablePluginError(f"{facility.id!r} cannot be the id of a facility")
        check_declaration(facility.Options, names=[facility.id], version="1")
        taken = LAUNCH_NAMES & set(facility.Options.model_fields)
        if taken:
            raise UnusablePluginError(f"no option of {facility.id} can be called {min(taken)}")


def _check_workflow_sources(plugin: Plugin) -> None:
    for source in plugin.workflow_sources:
        if not HYPHENATED.fullmatch(source.id):
            raise UnusablePluginError(f"{source.id!r} cannot be the id of a workflow source")


def _settings(manager: pluggy.PluginManager, given: Mapping[str, Any]) -> BaseModel:
    models = getattr(manager.hook, SETTINGS_HOOK)()
    if not models:
        if given:
            raise UnusablePluginError(f"it has no settings, but was given {', '.join(given)}")
        return NoSettings()
    model: type[BaseModel] = models[0]
    return model.model_validate(dict(given))


def _collect(hook: Callable[..., Any], context: PluginContext, kind: type[Any]) -> list[Any]:
    found = [one for answer in hook(context=context) for one in answer]
    for one in found:
        if not isinstance(one, kind):
            raise UnusablePluginError(f"{one!r} is not of the type {kind.__name__}")
    return found


def _check_api_version(module: ModuleType) -> None:
    from portal.plugins import API_VERSION

    wanted = getattr(module, API_ATTRIBUTE, API_VERSION)
    if wanted > API_VERSION:
        raise UnusablePluginError(
            f"it needs version {wanted} of the plugin API; this portal has {API_VERSION}"
        )


def _check_spelling(module: ModuleType) -> None:
    """Refuse a misspelt hook: pluggy takes an unmarked function for something else."""
    known = {name for name in vars(hookspecs) if name.startswith(HOOK_PREFIX)}
    for name in vars(module):
        if name.startswith("portal_register") and name not in known:
            raise UnusablePluginError(f"there is no hook {name}")

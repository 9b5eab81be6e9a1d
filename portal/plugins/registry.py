"""The plugins of one app: loaded, checked, and those that cannot be used set aside."""

import logging
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from types import ModuleType
from typing import Any
from typing import TypeVar

import pluggy
from pydantic import BaseModel

from portal.parameters import check_declaration
from portal.parameters import Choice
from portal.plugins import hookspecs
from portal.plugins.discovery import Candidate
from portal.plugins.discovery import probe
from portal.plugins.guard import Guard
from portal.plugins.types import Archive
from portal.plugins.types import PluginContext
from portal.plugins.types import Query
from portal.plugins.types import Renderer
from portal.plugins.types import RowAction
from portal.problems import NotFoundError

T = TypeVar("T")
API_ATTRIBUTE = "PORTAL_API"
SETTINGS_HOOK = "portal_register_settings"

log = logging.getLogger(__name__)


class UnusablePluginError(Exception):
    """A plugin breaks a rule of the plugin API; the message says which."""


class NoSettings(BaseModel):
    """The settings of a plugin that has none."""


@dataclass(slots=True, kw_only=True)
class Plugin:
    """One plugin: what it adds, or why it was set aside (`reason`)."""

    name: str
    distribution: str = ""
    version: str = ""
    reason: str | None = None
    module: ModuleType | None = None
    archives: list[Archive] = field(default_factory=list)
    renderers: list[Renderer] = field(default_factory=list)
    row_actions: list[RowAction] = field(default_factory=list)


class PluginRegistry:
    """Every archive, query, renderer and row action, by id; filled once, then only read."""

    def __init__(self) -> None:
        """Start empty; `load` fills it."""
        self.plugins: list[Plugin] = []
        self.guard = Guard()
        self._archives: dict[str, Archive] = {}
        self._queries: dict[str, tuple[Query, Archive]] = {}
        self._query_names: list[str] = []
        self._owner_of: dict[int, str] = {}

    def load(
        self,
        candidates: Iterable[Candidate],
        *,
        settings: Mapping[str, Mapping[str, Any]],
        data_dir: Path,
        probing: bool = True,
    ) -> None:
        """Load each candidate; one that cannot be used is kept with its reason.

        With `probing`, each is first tried in a child process.
        """
        for candidate in candidates:
            plugin = Plugin(
                name=candidate.name,
                distribution=candidate.distribution,
                version=candidate.version,
            )
            self.plugins.append(plugin)

            def load_it(candidate: Candidate = candidate, plugin: Plugin = plugin) -> None:
                given = settings.get(candidate.name, {})
                self._load_one(candidate, plugin, given, data_dir / candidate.name)

            plugin.reason = probe(load_it) if probing else None
            if plugin.reason is None:
                plugin.reason = _attempt(load_it)
            if plugin.reason is None:
                self._adopt(plugin)
            else:
                log.error("plugin %s is set aside: %s", plugin.name, plugin.reason)

    @property
    def active(self) -> list[Plugin]:
        """The plugins that can be used."""
        return [plugin for plugin in self.plugins if plugin.reason is None]

    @property
    def archives(self) -> list[Archive]:
        """The visible archives, in the order they want."""
        shown = [archive for archive in self._archives.values() if archive.visible]
        return sorted(shown, key=lambda archive: (archive.order, archive.title))

    @property
    def queries(self) -> list[Query]:
        """Every query of every archive."""
        return [query for query, _ in self._queries.values()]

    @property
    def renderers(self) -> list[Renderer]:
        """Every renderer."""
        return [one for plugin in self.active for one in plugin.renderers]

    @property
    def row_actions(self) -> list[RowAction]:
        """Every row action."""
        return [one for plugin in self.active for one in plugin.row_actions]

    def archive(self, archive_id: str) -> Archive:
        """Return an archive by id; raises NotFoundError."""
        try:
            return self._archives[archive_id]
        except KeyError:
            raise NotFoundError("There is no such archive.") from None

    def query(self, query_id: str) -> Query:
        """Return a query by id; raises NotFoundError."""
        return self._entry(query_id)[0]

    def archive_of(self, query_id: str) -> Archive:
        """Return the archive that a query belongs to; raises NotFoundError."""
        return self._entry(query_id)[1]

    def plugin_of(self, thing: object) -> str:
        """Return the name of the plugin that an archive, query, renderer or action is of."""
        return self._owner_of[id(thing)]

    def call(self, thing: object, work: Callable[[], T], *, otherwise: T) -> T:
        """Call into the plugin of `thing` while a page is built, guarded."""
        return self.guard.call(self.plugin_of(thing), work, otherwise=otherwise)

    def choices(self, query: Query) -> dict[str, Sequence[Choice]]:
        """Return what the fields of a query offer; a plugin that fails offers nothing."""
        return self.call(
            query,
            lambda: {name: tuple(query.choices(name)) for name in query.Parameters.model_fields},
            otherwise={},
        )

    def _entry(self, query_id: str) -> tuple[Query, Archive]:
        try:
            return self._queries[query_id.casefold()]
        except KeyError:
            raise NotFoundError("There is no such query.") from None

    def _load_one(
        self, candidate: Candidate, plugin: Plugin, given: Mapping[str, Any], data_dir: Path
    ) -> None:
        plugin.module = candidate.load()
        manager = pluggy.PluginManager(hookspecs.PROJECT)
        manager.add_hookspecs(hookspecs)
        _check_api_version(plugin.module)
        manager.register(plugin.module, name=candidate.name)
        manager.check_pending()
        _check_spelling(plugin.module)
        data_dir.mkdir(parents=True, exist_ok=True)
        context = PluginContext(settings=_settings(manager, given), data_dir=data_dir)
        plugin.archives = _collect(manager.hook.portal_register_archives, context, Archive)
        plugin.renderers = _collect(manager.hook.portal_register_renderers, context, Renderer)
        plugin.row_actions = _collect(manager.hook.portal_register_row_actions, context, RowAction)
        self._check_ids(plugin)

    def _check_ids(self, plugin: Plugin) -> None:
        queries = [query for archive in plugin.archives for query in archive.queries]
        for query in queries:
            if not isinstance(query, Query):
                raise UnusablePluginError(f"{query!r} is not a Query")
            check_declaration(query.Parameters, names=_names(query), version=query.version)
        others = [other for other in self.active if other is not plugin]
        renderers = [one.id for other in others for one in other.renderers]
        actions = [one.id for other in others for one in other.row_actions]
        for kind, new, taken in (
            ("archive", [one.id for one in plugin.archives], list(self._archives)),
            ("query", [name for one in queries for name in _names(one)], self._query_names),
            ("renderer", [one.id for one in plugin.renderers], renderers),
            ("row action", [one.id for one in plugin.row_actions], actions),
        ):
            for position, new_id in enumerate(new):
                if new_id in taken or new_id in new[:position]:
                    raise UnusablePluginError(f"the {kind} id {new_id} is already taken")

    def _adopt(self, plugin: Plugin) -> None:
        for archive in plugin.archives:
            self._archives[archive.id] = archive
            for query in archive.queries:
                self._queries[query.id.casefold()] = (query, archive)
                self._query_names.extend(_names(query))
                self._owner_of[id(query)] = plugin.name
        for thing in (*plugin.archives, *plugin.renderers, *plugin.row_actions):
            self._owner_of[id(thing)] = plugin.name


def _attempt(load: Callable[[], None]) -> str | None:
    try:
        load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a broken plugin is set aside
        return f"{type(error).__name__}: {error}"
    return None


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


def _names(query: Query) -> list[str]:
    return [name.casefold() for name in (query.id, *query.aliases)]


def _check_api_version(module: ModuleType) -> None:
    from portal.plugins import API_VERSION

    wanted = getattr(module, API_ATTRIBUTE, API_VERSION)
    if wanted > API_VERSION:
        raise UnusablePluginError(
            f"it needs version {wanted} of the plugin API; this portal has {API_VERSION}"
        )


def _check_spelling(module: ModuleType) -> None:
    """Refuse a misspelt hook: pluggy takes an unmarked function for something else."""
    known = {name for name in vars(hookspecs) if name.startswith("portal_")}
    for name in vars(module):
        if name.startswith("portal_register") and name not in known:
            raise UnusablePluginError(f"there is no hook {name}")

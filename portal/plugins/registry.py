"""The plugins of one app: loaded, checked, and those that cannot be used set aside."""

import logging
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any
from typing import TypeVar

from portal.parameters import Choice
from portal.plugins.described.protocol import Protocol
from portal.plugins.described.reading import DescribedFile
from portal.plugins.described.reading import Kind
from portal.plugins.described.reading import read_archives
from portal.plugins.described.reading import read_workflows
from portal.plugins.described.reading import UnusableFileError
from portal.plugins.described.workflows import DescribedWorkflows
from portal.plugins.described.workflows import LOCAL
from portal.plugins.described.workflows import OWN
from portal.plugins.discovery import Candidate
from portal.plugins.discovery import probe
from portal.plugins.facilities import Facility
from portal.plugins.guard import Guard
from portal.plugins.loading import load_plugin
from portal.plugins.loading import names_of
from portal.plugins.loading import Plugin
from portal.plugins.loading import UnusablePluginError
from portal.plugins.page import Page
from portal.plugins.resolvers import NameResolver
from portal.plugins.schedules import Schedule
from portal.plugins.types import Archive
from portal.plugins.types import Query
from portal.plugins.types import Renderer
from portal.plugins.types import RowAction
from portal.plugins.workflows import WorkflowSource
from portal.problems import NotFoundError

T = TypeVar("T")

KINDS = {
    "renderer": "renderers",
    "row action": "row_actions",
    "resolver": "resolvers",
    "schedule": "schedules",
    "protocol": "protocols",
    "workflow source": "workflow_sources",
    "workflow": "workflows",
    "facility": "facilities",
}
RESERVED = {"workflow source": [LOCAL, OWN]}

log = logging.getLogger(__name__)


class PluginRegistry:
    """Everything that plugins add, by id; filled once, then only read."""

    def __init__(self) -> None:
        """Start empty; `load` fills it."""
        self.plugins: list[Plugin] = []
        self.guard = Guard()
        self._archives: dict[str, Archive] = {}
        self._queries: dict[str, tuple[Query, Archive]] = {}
        self._query_names: list[str] = []
        self._owner_of: dict[int, str] = {}
        self._described_workflows: DescribedWorkflows | None = None

    def load(
        self,
        candidates: Iterable[Candidate],
        *,
        settings: Mapping[str, Mapping[str, Any]],
        data_dir: Path,
        files: Iterable[DescribedFile] = (),
        probing: bool = True,
    ) -> None:
        """Load each candidate, then what files describe.

        What cannot be used is kept with its reason. With `probing`, each plugin is first tried
        in a child process.
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
                load_plugin(plugin, candidate, given, data_dir / candidate.name)
                self._check_ids(plugin)

            plugin.reason = probe(load_it) if probing else None
            if plugin.reason is None:
                plugin.reason = _attempt(load_it)
            if plugin.reason is None:
                self._adopt(plugin)
            else:
                log.error("plugin %s is set aside: %s", plugin.name, plugin.reason)
        for brought_by, file in [*self._brought_files(), *((None, one) for one in files)]:
            self._load_file(file, brought_by)
        self._gather_workflows()

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

    @property
    def resolvers(self) -> list[NameResolver]:
        """Every resolver of names, in the order in which they are asked."""
        found = [one for plugin in self.active for one in plugin.resolvers]
        return sorted(found, key=lambda resolver: (not resolver.local, resolver.order))

    @property
    def protocols(self) -> dict[str, Protocol]:
        """How described queries are asked, by what descriptions call it."""
        return {one.id: one for plugin in self.active for one in plugin.protocols}

    @property
    def schedules(self) -> list[Schedule]:
        """Every schedule."""
        return [one for plugin in self.active for one in plugin.schedules]

    @property
    def workflow_sources(self) -> list[WorkflowSource]:
        """Everything that knows workflows."""
        described = [self._described_workflows] if self._described_workflows else []
        return [*described, *(one for plugin in self.active for one in plugin.workflow_sources)]

    @property
    def facilities(self) -> list[Facility]:
        """Every facility, in the order they want."""
        found = [one for plugin in self.active for one in plugin.facilities]
        return sorted(found, key=lambda facility: (facility.order, facility.title))

    def facility(self, facility_id: str) -> Facility:
        """Return a facility by id; raises NotFoundError."""
        for facility in self.facilities:
            if facility.id == facility_id:
                return facility
        raise NotFoundError("There is no such facility.")

    def page(self, archive_id: str, page_id: str) -> Page:
        """Return a page of an archive; raises NotFoundError."""
        for page in self.archive(archive_id).pages:
            if page.id == page_id:
                return page
        raise NotFoundError("This archive has no such page.")

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

    def page_choices(self, page: Page) -> dict[str, Sequence[Choice]]:
        """Return what the fields of a page offer; a plugin that fails offers nothing."""
        return self.call(
            page,
            lambda: {name: tuple(page.choices(name)) for name in page.Parameters.model_fields},
            otherwise={},
        )

    def _brought_files(self) -> list[tuple[Plugin | None, DescribedFile]]:
        return [
            (plugin, DescribedFile(path=path))
            for plugin in self.active
            for path in plugin.archive_files
        ]

    def _load_file(self, file: DescribedFile, brought_by: Plugin | None) -> None:
        """Take in what one file describes, or keep why not."""
        plugin = Plugin(name=file.path.name, file=file.path)
        if brought_by is not None:
            plugin.name = f"{brought_by.name}/{file.path.name}"
            plugin.distribution, plugin.version = brought_by.distribution, brought_by.version
        self.plugins.append(plugin)

        def load_it() -> None:
            if file.kind is Kind.WORKFLOWS:
                plugin.workflows = read_workflows(file)
            else:
                plugin.archives = read_archives(file, self.protocols)
            self._check_ids(plugin)

        plugin.reason = _attempt(load_it)
        if plugin.reason is None:
            self._adopt(plugin)
        else:
            log.error("the %s in %s are set aside: %s", file.kind, file.path, plugin.reason)

    def _gather_workflows(self) -> None:
        """Make one source of the workflows of all files."""
        workflows = [one for plugin in self.active for one in plugin.workflows]
        if workflows:
            self._described_workflows = DescribedWorkflows(workflows)
            self._owner_of[id(self._described_workflows)] = LOCAL

    def _entry(self, query_id: str) -> tuple[Query, Archive]:
        try:
            return self._queries[query_id.casefold()]
        except KeyError:
            raise NotFoundError("There is no such query.") from None

    def _check_ids(self, plugin: Plugin) -> None:
        query_names = [name for query in plugin.queries for name in names_of(query)]
        _refuse_taken("archive", _ids(plugin.archives), list(self._archives))
        _refuse_taken("query", query_names, self._query_names)
        others = [other for other in self.active if other is not plugin]
        for kind, things in KINDS.items():
            taken = [one for other in others for one in _ids(getattr(other, things))]
            _refuse_taken(kind, _ids(getattr(plugin, things)), [*taken, *RESERVED.get(kind, ())])

    def _adopt(self, plugin: Plugin) -> None:
        for archive in plugin.archives:
            self._archives[archive.id] = archive
            for page in archive.pages:
                self._owner_of[id(page)] = plugin.name
            for query in archive.queries:
                self._queries[query.id.casefold()] = (query, archive)
                self._query_names.extend(names_of(query))
                self._owner_of[id(query)] = plugin.name
        shown = plugin.renderers, plugin.row_actions, plugin.resolvers
        run = plugin.workflow_sources, plugin.facilities
        for thing in chain(plugin.archives, *shown, *run):
            self._owner_of[id(thing)] = plugin.name


def _ids(things: Iterable[Any]) -> list[str]:
    return [one.id for one in things]


def _refuse_taken(kind: str, new: Sequence[str], taken: Sequence[str]) -> None:
    for position, new_id in enumerate(new):
        if new_id in taken or new_id in new[:position]:
            raise UnusablePluginError(f"the {kind} id {new_id} is already taken")


def _attempt(load: Callable[[], None]) -> str | None:
    try:
        load()
    except UnusableFileError as error:
        return str(error)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a broken plugin is set aside
        return f"{type(error).__name__}: {error}"
    return None

"""What a page about the tables of a service shows, put together without the web around it."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import TypeVar

from portal.adql import AdqlSchema
from portal.adql import ColumnInfo
from portal.adql import ForeignKey
from portal.adql import full_name
from portal.adql import TableInfo
from portal.adql import TableSource
from portal.archives.proposals import Proposal
from portal.archives.proposals import propose_queries
from portal.archives.tableaddress import TableAddress
from portal.plugins.catalogue import TableCatalogue
from portal.plugins.catalogue import TableFilter
from portal.plugins.metadata import ServiceFact
from portal.plugins.metadata import ServiceMetadata
from portal.plugins.types import Query

T = TypeVar("T", ServiceFact, Proposal)
PAGE_SIZE = 50
MOST_SCHEMAS = 500
# Tables about tables come last where one is proposed to begin with.
ABOUT_TABLES = frozenset({"tap_schema", "information_schema", "tap_upload"})


@dataclass(slots=True, kw_only=True)
class TableView:
    """What is known of a service, as one page of it shows it.

    `metadata` is None where the form's values name no service. `count` tables pass the
    filter, `tables` are those of this page. `table` is the one whose own page it is; its
    `columns` are empty where they are unknown.
    """

    address: TableAddress
    metadata: ServiceMetadata | None = None
    schemas: Sequence[tuple[AdqlSchema, int]] = ()
    count: int = 0
    page: int = 1
    pages: int = 1
    tables: Sequence[TableInfo] = ()
    table: TableInfo | None = None
    columns: Sequence[ColumnInfo] = ()
    keys: Sequence[ForeignKey] = ()
    proposals: Mapping[str, Sequence[Proposal]] = field(default_factory=dict)
    functions: int = 0
    facts: Mapping[str, Sequence[ServiceFact]] = field(default_factory=dict)

    @property
    def is_read(self) -> bool:
        """Whether there are tables to show."""
        return self.metadata is not None and self.metadata.tables is not None

    @property
    def first(self) -> int:
        """The number of the first table of this page, from 1."""
        return (self.page - 1) * PAGE_SIZE + 1


def look_up(query: Query, address: TableAddress) -> TableView:
    """Return what a page at this address shows; all calls into the plugin are here."""
    view = TableView(address=address, metadata=query.metadata(address.values))
    if view.metadata is None or view.metadata.tables is None:
        return view
    catalogue = view.metadata.tables
    if address.tab == "service":
        view.facts = _by_group(view.metadata.facts)
        view.functions = len(catalogue.functions())
    elif address.tab == "examples":
        view.proposals = _by_group(propose_queries(catalogue, _first_table(catalogue)))
    elif address.tab == "hints":
        return view
    elif address.table is not None:
        _show_table(view, catalogue, address.table)
    elif isinstance(catalogue, TableCatalogue):
        _show_list(view, catalogue)
    return view


def _show_table(view: TableView, catalogue: TableSource, name: str) -> None:
    view.table = catalogue.find_table(name)
    if view.table is None:
        return
    view.columns = sort_columns(catalogue.columns(view.table), view.address.sort)
    if isinstance(catalogue, TableCatalogue):
        view.keys = catalogue.foreign_keys(view.table)


def _show_list(view: TableView, catalogue: TableCatalogue) -> None:
    which = view.address.filter()
    view.schemas = catalogue.count_by_schema(which)[:MOST_SCHEMAS]
    offset = (view.address.page - 1) * PAGE_SIZE
    view.count, view.tables = catalogue.list_tables(which, offset=offset, limit=PAGE_SIZE)
    view.pages = max(1, -(-view.count // PAGE_SIZE))
    view.page = view.address.page
    if view.page > view.pages:  # an absurd number is the last page
        view.page = view.pages
        offset = (view.page - 1) * PAGE_SIZE
        _, view.tables = catalogue.list_tables(which, offset=offset, limit=PAGE_SIZE)


def sort_columns(columns: Sequence[ColumnInfo], sort: str) -> Sequence[ColumnInfo]:
    """Return the columns by one of their properties; what has none comes last."""
    name = sort.removeprefix("-")
    if not name:
        return columns
    if name == "indexed":
        return sorted(columns, key=lambda one: one.indexed, reverse=not sort.startswith("-"))
    having = [one for one in columns if getattr(one, name)]
    without = [one for one in columns if not getattr(one, name)]
    by_text = sorted(
        having, key=lambda one: str(getattr(one, name)).casefold(), reverse=sort.startswith("-")
    )
    return [*by_text, *without]


def _first_table(catalogue: object) -> TableInfo | None:
    """Return a table to begin with: the first one that holds data."""
    if not isinstance(catalogue, TableCatalogue):
        return None
    for schema, _ in catalogue.count_by_schema(TableFilter()):
        if schema.name.casefold() not in ABOUT_TABLES:
            _, found = catalogue.list_tables(TableFilter(schema=schema.name), offset=0, limit=1)
            if found and full_name(found[0])[0] not in ABOUT_TABLES:
                return found[0]
    return None


def _by_group(things: Iterable[T]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for one in things:
        groups.setdefault(one.group, []).append(one)
    return groups

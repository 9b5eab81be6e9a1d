"""What the names in a query can mean: its tables, their columns, and the queries around it."""

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from portal.adql.metadata import full_name
from portal.adql.metadata import quote_table_name
from portal.adql.metadata import TableInfo
from portal.adql.metadata import TableSource
from portal.adql.syntax.nodes import Column
from portal.adql.syntax.nodes import Name
from portal.adql.syntax.nodes import Query
from portal.adql.syntax.nodes import Select
from portal.adql.syntax.nodes import SetQuery
from portal.adql.syntax.nodes import Star
from portal.adql.syntax.nodes import Table

Columns = Mapping[str, str]  # from the name as it is compared to the name as it is
UPLOADS = "tap_upload"


@dataclass(slots=True)
class Source:
    """One table of a FROM: what it may be called, and its columns, None when not known."""

    table: Table
    qualifier: tuple[str, ...]
    hidden: tuple[str, ...] = ()  # the table's own name, where an alias hides it
    columns: Columns | None = None
    info: TableInfo | None = None

    def is_called(self, parts: tuple[str, ...]) -> bool:
        """Say whether a column with these parts before it belongs to this table."""
        return _is_end(self.qualifier, parts)

    def was_called(self, parts: tuple[str, ...]) -> bool:
        """Say whether these parts are the name that an alias hides."""
        return bool(self.hidden) and _is_end(self.hidden, parts)


@dataclass(slots=True)
class Scope:
    """The tables that a part of a query sees, and the scope around it."""

    sources: list[Source] = field(default_factory=list)
    parent: "Scope | None" = None
    shared: frozenset[str] = frozenset()  # columns of USING, of NATURAL JOIN: never ambiguous
    outputs: frozenset[str] = frozenset()  # names of the columns that the SELECT gives
    aliases: frozenset[str] = frozenset()  # those of them that the query makes up
    is_open: bool = False  # a natural join of tables that are not known

    def outward(self) -> Iterator["Scope"]:
        """Yield this scope and those around it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent


class Catalogue:
    """The tables that a service and the WITH of a query offer; each is asked for once."""

    def __init__(self, tables: TableSource | None) -> None:
        """Start with the tables of the service."""
        self.tables = tables
        self.common: dict[str, Columns | None] = {}
        self._infos: dict[str, TableInfo | None] = {}
        self._columns: dict[str, Columns | None] = {}

    def source(self, table: Table) -> Source:
        """Return what is known of a table in FROM."""
        if table.query is not None or table.is_joined_table:
            qualifier = (table.alias.key,) if table.alias else ("",)
            columns = self.outputs(table.query) if table.query is not None else None
            return Source(table, qualifier, columns=columns)
        own = tuple(name.key for name in table.names)
        source = Source(table, own)
        if table.alias is not None:
            source.qualifier, source.hidden = (table.alias.key,), own
        if len(own) == 1 and own[0] in self.common:
            source.columns = self.common[own[0]]
            return source
        source.info = self.find(table.names)
        if source.info is not None:
            source.columns = self.columns(source.info)
            if table.alias is None:
                source.qualifier = max(own, full_name(source.info), key=len)
            else:
                source.hidden = max(own, full_name(source.info), key=len)
        return source

    def find(self, names: tuple[Name, ...]) -> TableInfo | None:
        """Return the service's table of this name."""
        if self.tables is None or names[0].key == UPLOADS:
            return None
        written = written_name(names)
        if written not in self._infos:
            self._infos[written] = self.tables.find_table(written)
        return self._infos[written]

    def columns(self, info: TableInfo) -> Columns | None:
        """Return the columns of the service's table; None when the service tells none."""
        if self.tables is None:
            return None
        if info.name not in self._columns:
            names = [column.name for column in self.tables.columns(info)]
            plain = {_bare(name).casefold(): _bare(name) for name in names}
            self._columns[info.name] = plain or None
        return self._columns[info.name]

    def outputs(self, query: Query) -> Columns | None:
        """Return the columns that a query gives; None when they cannot be told."""
        if isinstance(query, SetQuery):
            return self.outputs(query.branches[0])
        if not isinstance(query, Select):
            return None
        outputs: dict[str, str] = {}
        stars = set()
        for item in query.items:
            if item.alias is not None:
                outputs[item.alias.key] = item.alias.text
            elif isinstance(item.value, Column):
                outputs[item.value.name.key] = item.value.name.text
            elif isinstance(item.value, Star):
                stars.add(tuple(name.key for name in item.value.names))
            else:
                return None
        return self._with_stars(outputs, stars, query) if stars else outputs

    def _with_stars(
        self, outputs: dict[str, str], stars: set[tuple[str, ...]], query: Select
    ) -> Columns | None:
        for source in [self.source(table) for table in query.tables.tables]:
            if not any(not parts or source.is_called(parts) for parts in stars):
                continue
            if source.columns is None:
                return None
            outputs.update(source.columns)
        return outputs


def written_name(names: tuple[Name, ...]) -> str:
    """Return a name as it is asked for; an empty or odd one finds nothing."""
    try:
        return quote_table_name(*(name.text for name in names))
    except ValueError:
        return ""


def _bare(name: str) -> str:
    is_delimited = len(name) > 2 and name[0] == name[-1] == '"'  # noqa: PLR2004
    return name[1:-1].replace('""', '"') if is_delimited else name


def _is_end(own: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Say whether one of the names ends with the other: schemas may be left out."""
    shorter = min(len(own), len(parts))
    return own[-shorter:] == parts[-shorter:]

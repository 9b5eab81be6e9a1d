"""A small service's metadata held in memory."""

from collections.abc import Mapping
from collections.abc import Sequence
from difflib import get_close_matches

from portal.adql.metadata import ColumnInfo
from portal.adql.metadata import full_name
from portal.adql.metadata import FunctionInfo
from portal.adql.metadata import name_key
from portal.adql.metadata import TableInfo


class MemoryTables:
    """A TableSource over a mapping from tables to their columns."""

    def __init__(
        self,
        tables: Mapping[TableInfo, Sequence[ColumnInfo]],
        *,
        functions: Sequence[FunctionInfo] = (),
        is_complete: bool = True,
    ) -> None:
        """Keep the tables in the order they are given."""
        self._tables = dict(tables)
        self._functions = tuple(functions)
        self._is_complete = is_complete

    @property
    def is_complete(self) -> bool:
        """Say whether these are all the tables of the service."""
        return self._is_complete

    def find_table(self, name: str) -> TableInfo | None:
        """Return the table of this name, or else the first whose full name ends so."""
        wanted = name_key(name)
        found = None
        for table in self._tables:
            own = full_name(table)
            if own == wanted:
                return table
            if own[-len(wanted) :] == wanted or wanted[-len(own) :] == own:
                found = found or table
        return found

    def columns(self, table: TableInfo) -> Sequence[ColumnInfo]:
        """Return the columns of a table."""
        return self._tables.get(table, ())

    def similar_tables(self, text: str, limit: int = 3) -> Sequence[TableInfo]:
        """Return the tables whose last or full name looks like `text`."""
        names: dict[str, TableInfo] = {}
        for table in self._tables:
            own = full_name(table)
            names.setdefault(".".join(own), table)
            names.setdefault(own[-1], table)
        wanted = name_key(text)
        close = [
            *get_close_matches(".".join(wanted), names, n=limit),
            *get_close_matches(wanted[-1], names, n=limit),
        ]
        return list({names[name]: None for name in close})[:limit]

    def complete(self, text: str, limit: int = 20) -> Sequence[TableInfo]:
        """Return the tables that start with `text`, then those with such a part, then others."""
        wanted = ".".join(name_key(text))
        ranked = []
        for table in self._tables:
            own = full_name(table)
            name = ".".join(own)
            if wanted in name:
                starts = name.startswith(wanted), any(part.startswith(wanted) for part in own)
                ranked.append((not starts[0], not starts[1], name, table))
        ranked.sort(key=lambda entry: entry[:3])
        return [entry[3] for entry in ranked[:limit]]

    def functions(self) -> Sequence[FunctionInfo]:
        """Return the functions of the service."""
        return self._functions

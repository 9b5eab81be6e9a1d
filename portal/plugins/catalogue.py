"""The tables of a service as pages show them: schemas, pages of tables, and foreign keys."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from typing import runtime_checkable

from portal.adql.memory_tables import MemoryTables
from portal.adql.metadata import AdqlSchema
from portal.adql.metadata import ColumnInfo
from portal.adql.metadata import ForeignKey
from portal.adql.metadata import full_name
from portal.adql.metadata import FunctionInfo
from portal.adql.metadata import TableInfo
from portal.adql.metadata import TableSource

PLACES = ("name", "description", "columns")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFilter:
    """Which tables to list: those of a schema, and those that have words in some places.

    Every one of the `words` must occur, or one of them with `any_word`, in one of `places`:
    the name or title of a table, its description, the names and descriptions of its columns.
    """

    words: tuple[str, ...] = ()
    any_word: bool = False
    places: tuple[str, ...] = PLACES
    schema: str | None = None


@runtime_checkable
class TableCatalogue(TableSource, Protocol):
    """A TableSource that can be paged through; its methods raise for no name or words."""

    def count_by_schema(self, which: TableFilter) -> Sequence[tuple[AdqlSchema, int]]:
        """Return the schemas with the number of their tables that pass, in the service's order.

        The schema in the filter does not count; schemas without such a table are left out.
        """
        ...

    def list_tables(
        self, which: TableFilter, *, offset: int, limit: int
    ) -> tuple[int, Sequence[TableInfo]]:
        """Return how many tables pass the filter, and some of them, in the service's order."""
        ...

    def foreign_keys(self, table: TableInfo) -> Sequence[ForeignKey]:
        """Return the keys by which a table refers to others, and others to it."""
        ...


class MemoryCatalogue(MemoryTables):
    """A TableCatalogue over a mapping from tables to their columns."""

    def __init__(
        self,
        tables: Mapping[TableInfo, Sequence[ColumnInfo]],
        *,
        schemas: Sequence[AdqlSchema] = (),
        keys: Sequence[ForeignKey] = (),
        functions: Sequence[FunctionInfo] = (),
        is_complete: bool = True,
    ) -> None:
        """Keep the tables in the order they are given; schemas need not be described."""
        super().__init__(tables, functions=functions, is_complete=is_complete)
        self._described = {one.name: one for one in schemas}
        self._keys = tuple(keys)
        self._texts = {table: _texts(table, columns) for table, columns in tables.items()}

    def count_by_schema(self, which: TableFilter) -> Sequence[tuple[AdqlSchema, int]]:
        """Return the schemas with the number of their tables that pass."""
        counts: dict[str, int] = {}
        for table, texts in self._texts.items():
            if _passes(texts, which):
                counts[table.schema] = counts.get(table.schema, 0) + 1
        return [
            (self._described.get(name, AdqlSchema(name=name)), count)
            for name, count in counts.items()
        ]

    def list_tables(
        self, which: TableFilter, *, offset: int, limit: int
    ) -> tuple[int, Sequence[TableInfo]]:
        """Return how many tables pass the filter, and some of them."""
        found = [
            table
            for table, texts in self._texts.items()
            if which.schema in (None, table.schema) and _passes(texts, which)
        ]
        return len(found), found[offset : offset + limit]

    def foreign_keys(self, table: TableInfo) -> Sequence[ForeignKey]:
        """Return the keys of a table, and those that lead to it."""
        return [key for key in self._keys if table.name in (key.from_table, key.target_table)]


def _texts(table: TableInfo, columns: Sequence[ColumnInfo]) -> dict[str, str]:
    words = [text for column in columns for text in (column.name, column.description)]
    return {
        "name": f"{'.'.join(full_name(table))} {table.title}".casefold(),
        "description": table.description.casefold(),
        "columns": " ".join(words).casefold(),
    }


def _passes(texts: Mapping[str, str], which: TableFilter) -> bool:
    found = [
        any(word.casefold() in texts[place] for place in which.places if place in texts)
        for word in which.words
    ]
    return not found or (any(found) if which.any_word else all(found))

"""The tables of a service, found in its file; nothing is loaded that is not asked for."""

import json
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path
from typing import Any

from portal.plugins import AdqlSchema
from portal.plugins import ColumnInfo
from portal.plugins import ForeignKey
from portal.plugins import FunctionInfo
from portal.plugins import name_key
from portal.plugins import name_parts
from portal.plugins import TableFilter
from portal.plugins import TableInfo
from portal_vo.metadata.connections import Connections
from portal_vo.metadata.filters import condition
from portal_vo.metadata.filters import FEWEST_LETTERS
from portal_vo.metadata.filters import quoted
from portal_vo.metadata.names import SEPARATOR

TABLE = "SELECT name, schema, kind, title, description, nrows"
LISTING = """
SELECT id, schema, name, kind, TRIM(title || ' ' || description), columns, nrows FROM tables
WHERE id > ? ORDER BY id LIMIT ?"""
SHARING = f"""
{TABLE}, shown_key FROM tables JOIN (
  SELECT rowid AS found, rank FROM trigrams WHERE trigrams MATCH ? ORDER BY rank LIMIT ?
) ON id = found ORDER BY rank"""  # noqa: S608
COUNTS = """
SELECT term, doc FROM trigram_counts WHERE term IN (SELECT value FROM json_each(?)) ORDER BY doc"""
ROWS_AT_ONCE = 5_000
MOST_COMMON = 3_000  # tables that share a trigram which still tells something
FEWEST_TERMS = 2
CANDIDATES = 60
LIKENESS = 0.6  # as difflib.get_close_matches has it
MOST_SHARING_A_NAME = 1_000
# U+10FFFF sorts after every text that begins with what it follows.
BEGINNING = "{0} >= ? AND {0} < ? || char(1114111)"


class StoredTables:
    """The TableCatalogue over a file that `StoreWriter` wrote; any thread may use it."""

    def __init__(self, connections: Connections, path: Path) -> None:
        """Keep where the file is."""
        self._connections = connections
        self._path = path
        self._last: tuple[TableFilter, Mapping[str, int]] | None = None

    @cached_property
    def is_complete(self) -> bool:
        """Say whether every table of the service is there."""
        return self.about("is_complete") == "1"

    def about(self, name: str) -> str:
        """Return what the file says of itself."""
        rows = self._rows("SELECT value FROM service WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def find_table(self, name: str) -> TableInfo | None:
        """Return the table that a query calls so; of several, the one that fits best."""
        parts, wanted = name_parts(_clean(name)), name_key(_clean(name))
        rows = self._rows(
            f"{TABLE}, full_key FROM tables WHERE last_key = ? ORDER BY place LIMIT ?",
            wanted[-1],
            MOST_SHARING_A_NAME,
        )
        found: list[tuple[bool, bool, int, Any]] = []
        for row in rows:
            own = tuple(row[6].split(SEPARATOR))
            if own[-len(wanted) :] == wanted or wanted[-len(own) :] == own:
                is_same_case = name_parts(row[0])[-1] == parts[-1]
                found.append((own != wanted, not is_same_case, len(found), row))
        return _table(min(found)[3]) if found else None

    def columns(self, table: TableInfo) -> Sequence[ColumnInfo]:
        """Return the columns of a table; empty when they were not read."""
        rows = self._rows(
            "SELECT name, datatype, unit, ucd, description, indexed, principal, delimited"
            " FROM columns"
            " WHERE table_id = (SELECT id FROM tables WHERE name = ? AND schema = ?)"
            " ORDER BY place",
            _clean(table.name),
            _clean(table.schema),
        )
        return [
            ColumnInfo(
                name=row[0],
                datatype=row[1],
                unit=row[2],
                ucd=row[3],
                description=row[4],
                indexed=bool(row[5]),
                principal=bool(row[6]),
                is_delimited=bool(row[7]),
            )
            for row in rows
        ]

    def similar_tables(self, text: str, limit: int = 3) -> Sequence[TableInfo]:
        """Return the tables whose last or full name looks like `text`, the closest first."""
        wanted = name_key(_clean(text))
        likeness: list[tuple[float, int, Any]] = []
        for row in self._sharing_trigrams(".".join(wanted)):
            own = name_key(row[0])
            ratio = max(
                SequenceMatcher(None, ".".join(wanted), row[6]).ratio(),
                SequenceMatcher(None, wanted[-1], own[-1]).ratio(),
            )
            if ratio >= LIKENESS:
                likeness.append((-ratio, len(likeness), row))
        return [_table(row) for _, _, row in sorted(likeness)[:limit]]

    def complete(self, text: str, limit: int = 20) -> Sequence[TableInfo]:
        """Return the tables that start with `text`, then those with such a part, then others."""
        wanted = ".".join(name_key(_clean(text)))
        found: dict[TableInfo, None] = {}
        for clause, values in (
            (BEGINNING.format("shown_key"), (wanted, wanted)),
            (BEGINNING.format("last_key"), (wanted, wanted)),
            ("INSTR('.' || shown_key, '.' || ?) > 0", (wanted,)),
            ("INSTR(shown_key, ?) > 0", (wanted,)),
        ):
            rows = self._rows(
                f"{TABLE} FROM tables WHERE {clause} ORDER BY shown_key LIMIT ?", *values, limit
            )
            found |= {_table(row): None for row in rows}
            if len(found) >= limit:
                break
        return list(found)[:limit]

    def functions(self) -> Sequence[FunctionInfo]:
        """Return the functions that the service offers beside those of ADQL."""
        rows = self._rows("SELECT name, signature, description FROM functions ORDER BY rowid")
        return [FunctionInfo(name=one[0], signature=one[1], description=one[2]) for one in rows]

    def count_by_schema(self, which: TableFilter) -> Sequence[tuple[AdqlSchema, int]]:
        """Return the schemas with the number of their tables that pass the filter."""
        counts = self._counts(which)
        rows = self._rows("SELECT name, title, description FROM schemas ORDER BY id")
        return [
            (AdqlSchema(name=one[0], title=one[1], description=one[2]), counts[one[0]])
            for one in rows
            if one[0] in counts
        ]

    def list_tables(
        self, which: TableFilter, *, offset: int, limit: int
    ) -> tuple[int, Sequence[TableInfo]]:
        """Return how many tables pass the filter, and some of them."""
        counts = self._counts(which)
        count = sum(counts.values()) if which.schema is None else counts.get(which.schema, 0)
        clause, values = condition(which)
        if which.schema is not None:
            clause, values = f"({clause}) AND schema = ?", [*values, which.schema]
        rows = self._rows(
            f"{TABLE} FROM tables WHERE {clause} ORDER BY place LIMIT ? OFFSET ?",
            *values,
            limit,
            offset,
        )
        return count, [_table(row) for row in rows]

    def _counts(self, which: TableFilter) -> Mapping[str, int]:
        """Return the numbers of tables that have the words, by schema."""
        anywhere = replace(which, schema=None)
        if self._last is None or self._last[0] != anywhere:  # a page asks twice
            clause, values = condition(anywhere)
            statement = "SELECT schema, COUNT(*) FROM tables WHERE " + clause + " GROUP BY schema"  # noqa: S608
            self._last = (anywhere, dict(self._rows(statement, *values)))
        return self._last[1]

    def foreign_keys(self, table: TableInfo) -> Sequence[ForeignKey]:
        """Return the keys of a table, and those that lead to it."""
        rows = self._rows(
            "SELECT COALESCE(from_table, from_written), COALESCE(target_table, target_written),"
            " columns, description FROM keys WHERE from_table = ?1 OR target_table = ?1"
            " ORDER BY id",
            _clean(table.name),
        )
        return [
            ForeignKey(
                from_table=one[0],
                target_table=one[1],
                columns=tuple((pair[0], pair[1]) for pair in json.loads(one[2])),
                description=one[3],
            )
            for one in rows
        ]

    def written(self, table: TableInfo) -> str:
        """Return the name of a table as the service wrote it."""
        rows = self._rows(
            "SELECT written FROM tables WHERE name = ? AND schema = ?",
            _clean(table.name),
            _clean(table.schema),
        )
        return str(rows[0][0]) if rows else table.name

    def listing(self) -> Iterator[tuple[Any, ...]]:
        """Go through all tables: schema, name, kind, description, number of columns and rows."""
        last = -1
        while rows := self._rows(LISTING, last, ROWS_AT_ONCE):
            yield from (row[1:] for row in rows)
            last = rows[-1][0]

    def facts(self) -> Iterable[tuple[str, str, str]]:
        """Return what the service can do: heading, name and value of each fact."""
        return self._rows("SELECT category, name, value FROM facts ORDER BY rowid")

    def examples(self) -> Iterable[tuple[str, str, str]]:
        """Return what the service proposes: title, query and description."""
        return self._rows("SELECT title, query, description FROM examples ORDER BY rowid")

    def _sharing_trigrams(self, text: str) -> list[Any]:
        """Return the tables that share most with a text: by trigrams that not all tables have."""
        pieces = {text[i : i + FEWEST_LETTERS] for i in range(len(text) - FEWEST_LETTERS + 1)}
        known = self._rows(COUNTS, json.dumps(sorted(pieces)))
        rare = [term for term, count in known if count <= MOST_COMMON]
        terms = rare or [term for term, _ in known[:FEWEST_TERMS]]
        return self._rows(SHARING, " OR ".join(map(quoted, terms)), CANDIDATES) if terms else []

    def _rows(self, statement: str, *values: object) -> list[Any]:
        return self._connections.rows(self._path, statement, values)


def _table(row: Sequence[Any]) -> TableInfo:
    return TableInfo(
        name=row[0], schema=row[1], kind=row[2], title=row[3], description=row[4], nrows=row[5]
    )


def _clean(text: str) -> str:
    """Return a text that SQLite takes, whatever somebody typed."""
    return text.encode("utf-8", errors="replace").decode()

"""Everything that the copy knows of one resource, in readable parts."""

import sqlite3
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal_vo.mirror.indexing import plain
from portal_vo.mirror.indexing import unpack

LONGEST = 20_000
LONGEST_LINE = 500
MOST_TABLES = 100
MOST_COLUMNS = 2_000  # of all tables together
MOST_OTHERS = 200

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """One column of a table."""

    name: str
    unit: str
    ucd: str
    datatype: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceTable:
    """One table of a resource."""

    name: str
    title: str
    description: str
    columns: tuple[TableColumn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRecord:
    """The rows of RegTAP that are about one resource; texts are read by `line` and `text`."""

    ivoid: str
    rows: Mapping[str, Sequence[Row]]

    def line(self, name: str) -> str:
        """Return a column of rr.resource as one line of plain text."""
        return plain(self._resource.get(name), LONGEST_LINE)

    def text(self, name: str) -> str:
        """Return a column of rr.resource as plain text that may be long."""
        return plain(self._resource.get(name), LONGEST)

    def lines(self, table: str, name: str) -> list[str]:
        """Return a column of another table, each text once, as far as there are any."""
        found = (plain(one.get(name), LONGEST_LINE) for one in self.rows.get(table, ()))
        return list(dict.fromkeys(one for one in found if one))[:MOST_OTHERS]

    def people(self, role: str) -> list[dict[str, str]]:
        """Return who has a role: names, and addresses for mail."""
        found = [
            {
                "name": plain(one.get("role_name"), LONGEST_LINE),
                "email": plain(one.get("email"), 200),
            }
            for one in self.rows.get("res_role", ())
            if str(one.get("base_role") or "").casefold() == role
        ]
        return [one for one in found if one["name"] or one["email"]][:MOST_OTHERS]

    def capabilities(self) -> Iterator[tuple[Row, list[Row]]]:
        """Yield the capabilities with the interfaces of each."""
        interfaces = self.rows.get("interface", ())
        for capability in list(self.rows.get("capability", ()))[:MOST_OTHERS]:
            index = capability.get("cap_index")
            yield capability, [one for one in interfaces if one.get("cap_index") == index]

    def tables(self) -> tuple[list[ResourceTable], int]:
        """Return the tables with their columns, and how many tables are left out."""
        by_table: dict[Any, list[Row]] = {}
        for column in self.rows.get("table_column", ()):
            by_table.setdefault(column.get("table_index"), []).append(column)
        left, tables = MOST_COLUMNS, []
        rows = self.rows.get("res_table", ())
        for row in list(rows)[:MOST_TABLES]:
            columns = by_table.get(row.get("table_index"), [])[:left]
            left -= len(columns)
            tables.append(_table(row, columns))
        return tables, len(rows) - len(tables)

    @property
    def _resource(self) -> Row:
        return next(iter(self.rows.get("resource", ())), {})


def read_record(connection: sqlite3.Connection, ivoid: str) -> RegistryRecord | None:
    """Return the record of an identifier, or None when there is no such resource."""
    found = connection.execute(
        "SELECT ivoid, document FROM resource JOIN record USING (rid) WHERE ivoid = ?",
        (ivoid.strip().lower(),),
    ).fetchone()
    return RegistryRecord(ivoid=found[0], rows=unpack(found[1])) if found else None


def _table(row: Row, columns: Sequence[Row]) -> ResourceTable:
    return ResourceTable(
        name=plain(row.get("table_name"), LONGEST_LINE),
        title=plain(row.get("table_title"), LONGEST_LINE),
        description=plain(row.get("table_description"), LONGEST_LINE),
        columns=tuple(
            TableColumn(
                name=plain(one.get("name"), 200),
                unit=plain(one.get("unit"), 100),
                ucd=plain(one.get("ucd"), 200),
                datatype=plain(one.get("datatype"), 100),
                description=plain(one.get("column_description"), LONGEST_LINE),
            )
            for one in columns
        ),
    )

"""The tables of a service from its TAP_SCHEMA, by queries (TAP 1.1, section 4)."""

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from portal.plugins import AdqlSchema
from portal.plugins import ColumnInfo
from portal.plugins import quote_literal
from portal.plugins import TableEnd
from portal.plugins import TableInfo
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal_vo.connector import TapService
from portal_vo.metadata.names import schema_name
from portal_vo.metadata.names import table_name
from portal_vo.metadata.records import KeyRecord
from portal_vo.metadata.records import TableRecord
from portal_vo.metadata.tableset import column_name
from portal_vo.metadata.tableset import sized
from portal_vo.metadata.tableset import whole_number
from portal_vo.metadata.writing import StoreWriter

MOST_ROWS = 20_000_000
MOST_COLUMNS = 1_000_000  # of a table

Row = dict[str, str]


class TapSchemaReader:
    """Asks TAP_SCHEMA; `is_complete` is false when the service cut one of its answers.

    All columns of its tables are asked for, because versions of the standard differ in them.
    """

    def __init__(self, service: TapService) -> None:
        """Keep whom to ask."""
        self._service = service
        self.is_complete = True

    def read(self, writer: StoreWriter) -> None:
        """Write all schemas, tables, columns and keys; raises in the service's own words."""
        schemas: dict[str, int] = {}
        for row in _in_order(self._rows("SELECT * FROM TAP_SCHEMA.schemas"), "schema_index"):
            if name := schema_name(row.get("schema_name", "")):
                schemas.setdefault(name, len(schemas))
                writer.add_schema(AdqlSchema(name=name, description=row.get("description", "")))
        rows = _in_order(self._rows("SELECT * FROM TAP_SCHEMA.tables"), "table_index")
        tables = [table for table in map(_table, rows) if table is not None]
        for table in sorted(tables, key=lambda one: schemas.get(one.info.schema, len(schemas))):
            writer.add_table(table)
        self._write_columns(writer)
        try:
            self._write_keys(writer)
        except (UsageError, TransientError):
            return  # many services have none

    def columns_of(self, written: str) -> list[ColumnInfo]:
        """Return the columns of one table, by the name that the service writes."""
        query = f"SELECT * FROM TAP_SCHEMA.columns WHERE table_name = {quote_literal(written)}"  # noqa: S608
        rows = _in_order(self._rows(query), "column_index")
        return [_column(row) for row in rows if row.get("column_name")]

    def _write_columns(self, writer: StoreWriter) -> None:
        ids = writer.table_ids()
        places: dict[int, int] = {}
        for row in self._rows("SELECT * FROM TAP_SCHEMA.columns"):
            table_id = ids.get(row.get("table_name", ""))
            if table_id is None or not row.get("column_name"):
                continue
            places[table_id] = arrival = places.get(table_id, -1) + 1
            index = min(whole_number(row.get("column_index", "")) or 0, MOST_COLUMNS)
            writer.add_columns(table_id, [(index * MOST_COLUMNS + arrival, _column(row))])

    def _write_keys(self, writer: StoreWriter) -> None:
        pairs: dict[str, list[tuple[str, str]]] = {}
        for row in self._rows("SELECT * FROM TAP_SCHEMA.key_columns"):
            pair = (row.get("from_column", ""), row.get("target_column", ""))
            pairs.setdefault(row.get("key_id", ""), []).append(pair)
        for row in self._rows("SELECT * FROM TAP_SCHEMA.keys"):
            writer.add_key(
                KeyRecord(
                    from_table=row.get("from_table", ""),
                    target_table=row.get("target_table", ""),
                    columns=tuple(pairs.get(row.get("key_id", ""), ())),
                    description=row.get("description", ""),
                )
            )

    def _rows(self, query: str) -> Iterator[Row]:
        """Yield rows of texts, by names in lower case; nulls are left out."""
        table = self._service.query_sync(query, maxrec=MOST_ROWS)
        names = [column.name.lower() for column in table.columns]
        for batch in table.batches:
            if isinstance(batch, TableEnd):
                self.is_complete &= not batch.overflow
                continue
            for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                yield {
                    name: _text(value)
                    for name, value in zip(names, values, strict=True)
                    if value is not None
                }


def _in_order(rows: Iterable[Row], name: str) -> list[Row]:
    """Return rows by an index of TAP 1.1 where they have one, and as they came otherwise."""
    return sorted(rows, key=lambda row: whole_number(row.get(name, "")) or 0)


def _table(row: Row) -> TableRecord | None:
    written = row.get("table_name", "")
    schema = schema_name(row.get("schema_name", ""))
    try:
        name = table_name(written, schema)
    except ValueError:
        return None
    info = TableInfo(
        name=name,
        schema=schema,
        kind=row.get("table_type", "table"),
        description=row.get("description", ""),
        nrows=whole_number(row.get("nrows", "")),
    )
    return TableRecord(info=info, written=written)


def _column(row: Row) -> ColumnInfo:
    return ColumnInfo(
        **column_name(row["column_name"]),
        datatype=sized(row.get("datatype", ""), row.get("arraysize") or row.get("size", "")),
        unit=row.get("unit") or None,
        ucd=row.get("ucd") or None,
        description=row.get("description", ""),
        indexed=row.get("indexed") == "1",
        principal=row.get("principal") == "1",
    )


def _text(value: Any) -> str:
    return " ".join(str(value).split())

"""TAP_SCHEMA: the tables that describe the tables (TAP 1.1, section 4)."""

from collections.abc import Mapping
from collections.abc import Sequence

import pyarrow as pa

from portal.plugins import arrow_schema
from portal.plugins import Column
from portal.plugins import quote_identifier
from portal_files.table import LocalTable

SCHEMA = "tap_schema"


def _text(name: str, description: str) -> Column:
    return Column(name=name, datatype="char", arraysize="*", description=description)


def _number(name: str, description: str) -> Column:
    return Column(name=name, datatype="int", description=description)


COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "schemas": (
        _text("schema_name", "Name of the schema"),
        _text("utype", "utype of the schema"),
        _text("description", "What is in the schema"),
        _number("schema_index", "Order in which to show it"),
    ),
    "tables": (
        _text("schema_name", "Name of the schema"),
        _text("table_name", "Name of the table, as it stands in a query"),
        _text("table_type", "table or view"),
        _text("utype", "utype of the table"),
        _text("description", "What is in the table"),
        _number("table_index", "Order in which to show it"),
    ),
    "columns": (
        _text("table_name", "Name of the table, as it stands in a query"),
        _text("column_name", "Name of the column, as it stands in a query"),
        _text("datatype", "Type, as a VOTable FIELD has it"),
        _text("arraysize", "Length, as a VOTable FIELD has it"),
        _text("xtype", "xtype of the column"),
        _number("size", "Length again; kept for old clients"),
        _text("description", "What the column holds"),
        _text("utype", "utype of the column"),
        _text("unit", "Unit, in VOUnits"),
        _text("ucd", "UCD of the column"),
        _number("indexed", "1 when queries on it are fast"),
        _number("principal", "1 when it belongs to what is worth seeing first"),
        _number("std", "1 when a standard defines it"),
        _number("column_index", "Order in which to show it"),
    ),
    "keys": (
        _text("key_id", "Identifier of the key"),
        _text("from_table", "Table that refers"),
        _text("target_table", "Table that is referred to"),
        _text("utype", "utype of the key"),
        _text("description", "What the key means"),
    ),
    "key_columns": (
        _text("key_id", "Identifier of the key"),
        _text("from_column", "Column that refers"),
        _text("target_column", "Column that is referred to"),
    ),
}


def tap_schema(tables: Sequence[LocalTable], schema: str) -> dict[str, pa.Table]:
    """Return the rows of each of its tables, for these tables in that schema; with itself."""
    own = [(f"{SCHEMA}.{name}", "", columns) for name, columns in COLUMNS.items()]
    local = [(f"{schema}.{one.name}", one.text.summary, one.text.columns) for one in tables]
    everything = [*local, *own]
    rows: dict[str, list[tuple[object, ...]]] = {
        "schemas": [
            (schema, None, "The tables of the folder", 1),
            (SCHEMA, None, "Descriptions of the tables", 2),
        ],
        "tables": [
            (name.partition(".")[0], name, "table", None, text, index)
            for index, (name, text, _) in enumerate(everything, start=1)
        ],
        "columns": [
            _column_row(name, column, index)
            for name, _, columns in everything
            for index, column in enumerate(columns, start=1)
        ],
        "keys": [],
        "key_columns": [],
    }
    return {name: _arrow(COLUMNS[name], rows[name]) for name in COLUMNS}


def _column_row(table: str, column: Column, index: int) -> tuple[object, ...]:
    arraysize = column.arraysize or ""
    return (
        table,
        quote_identifier(column.name),
        column.datatype,
        column.arraysize,
        column.xtype,
        int(arraysize) if arraysize.isdecimal() else None,
        column.description,
        column.utype,
        column.unit,
        column.ucd,
        0,
        1,
        int(table.startswith(f"{SCHEMA}.")),
        index,
    )


def _arrow(columns: Sequence[Column], rows: Sequence[tuple[object, ...]]) -> pa.Table:
    schema = arrow_schema(columns)
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [
        pa.array(list(one), type=kind) for one, kind in zip(values, schema.types, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)

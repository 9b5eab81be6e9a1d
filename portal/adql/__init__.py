"""ADQL 2.1: reading it, checking it, writing values into it, and running it on local tables."""

from portal.adql.checking import check
from portal.adql.engine import to_duckdb
from portal.adql.engine import Translation
from portal.adql.errors import AdqlError
from portal.adql.findings import Finding
from portal.adql.findings import Fix
from portal.adql.formatting import format_adql
from portal.adql.literals import check_table_name
from portal.adql.literals import quote_identifier
from portal.adql.literals import quote_literal
from portal.adql.memory_tables import MemoryTables
from portal.adql.metadata import AdqlSchema
from portal.adql.metadata import ColumnInfo
from portal.adql.metadata import ForeignKey
from portal.adql.metadata import full_name
from portal.adql.metadata import FunctionInfo
from portal.adql.metadata import name_key
from portal.adql.metadata import name_parts
from portal.adql.metadata import quote_table_name
from portal.adql.metadata import TableInfo
from portal.adql.metadata import TableSource
from portal.adql.outputs import Output
from portal.adql.parsing import parse
from portal.adql.tables import AdqlTable
from portal.adql.tables import find_tables

__all__ = [
    "AdqlError",
    "AdqlSchema",
    "AdqlTable",
    "ColumnInfo",
    "Finding",
    "Fix",
    "ForeignKey",
    "FunctionInfo",
    "MemoryTables",
    "Output",
    "TableInfo",
    "TableSource",
    "Translation",
    "check",
    "check_table_name",
    "find_tables",
    "format_adql",
    "full_name",
    "name_key",
    "name_parts",
    "parse",
    "quote_identifier",
    "quote_literal",
    "quote_table_name",
    "to_duckdb",
]

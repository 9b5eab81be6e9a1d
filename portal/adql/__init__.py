"""ADQL 2.1: reading it, checking it, writing values into it, and running it on local tables."""

from portal.adql.engine import to_duckdb
from portal.adql.engine import Translation
from portal.adql.errors import AdqlError
from portal.adql.literals import check_table_name
from portal.adql.literals import quote_identifier
from portal.adql.literals import quote_literal
from portal.adql.outputs import Output
from portal.adql.parsing import parse
from portal.adql.tables import AdqlTable
from portal.adql.tables import find_tables

__all__ = [
    "AdqlError",
    "AdqlTable",
    "Output",
    "Translation",
    "check_table_name",
    "find_tables",
    "parse",
    "quote_identifier",
    "quote_literal",
    "to_duckdb",
]

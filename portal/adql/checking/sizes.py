"""Advice for queries that would return whole tables."""

from portal.adql.checking.scopes import Catalogue
from portal.adql.findings import Fix
from portal.adql.findings import Report
from portal.adql.syntax.calls import AGGREGATES
from portal.adql.syntax.nodes import Call
from portal.adql.syntax.nodes import Query
from portal.adql.syntax.nodes import Select

SMALL = 10_000  # rows that a table may have without a word about it
SUGGESTED_TOP = 1000
_SMALL_SCHEMAS = frozenset({"tap_schema", "tap_upload"})


def check_size(query: Query, catalogue: Catalogue, report: Report) -> None:
    """Report a query that has neither TOP nor a condition, and so reads all rows."""
    if not isinstance(query, Select) or query.top is not None or query.where is not None:
        return
    if query.group or query.having is not None or _gives_one_row(query):
        return
    tables = query.tables.tables
    if any(table.query or table.is_joined_table for table in tables):
        return
    fix = Fix(f"Add TOP {SUGGESTED_TOP}", query.head, query.head, f" TOP {SUGGESTED_TOP}")
    span = query.start, query.start + len("SELECT")
    if len(tables) > 1 and not query.tables.joins:
        message = "Every row of one table is combined with every row of the others: add a WHERE"
        report.add("hint", "all-combinations", message, span, fix)
        return
    names = tables[0].names if tables else ()
    if len(tables) > 1 or not names or names[0].key in _SMALL_SCHEMAS | catalogue.common.keys():
        return
    info = catalogue.find(names)
    rows = info.nrows if info is not None else None
    if rows is not None and rows < SMALL:
        return
    size = f"all {rows:,} rows of the table" if rows else "every row of the table"
    message = f"This asks for {size}: add TOP {SUGGESTED_TOP} or a WHERE"
    report.add("hint", "no-limit", message, span, fix)


def _gives_one_row(select: Select) -> bool:
    return all(
        any(isinstance(one, Call) and one.function in AGGREGATES for one in item.value.walk())
        for item in select.items
    )

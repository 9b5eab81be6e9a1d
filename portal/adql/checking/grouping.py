"""Checks of GROUP BY and of functions such as COUNT that work on many rows."""

from collections.abc import Iterator

from portal.adql.checking.signatures import SIGNATURES
from portal.adql.findings import Fix
from portal.adql.findings import Report
from portal.adql.syntax.calls import AGGREGATES
from portal.adql.syntax.nodes import Call
from portal.adql.syntax.nodes import Column
from portal.adql.syntax.nodes import Literal
from portal.adql.syntax.nodes import Operation
from portal.adql.syntax.nodes import Select
from portal.adql.syntax.nodes import Star
from portal.adql.syntax.nodes import Subquery
from portal.adql.syntax.nodes import Value


def check_grouping(select: Select, report: Report) -> None:
    """Report columns that have many values for one row, where that is certain.

    These are warnings: the grammar allows them, and a database lets a column pass that
    depends on the key that the query groups by.
    """
    if select.where is not None:
        _no_aggregates(select.where, report)
    for condition in select.tables.conditions:
        _no_aggregates(condition, report)
    values = [item.value for item in select.items]
    every = [value for item in values for value in item.walk()]
    if any(_is_unclear(value) for value in every):
        return
    has_aggregate = any(_is_aggregate(value) for value in every)
    if not select.group and not has_aggregate:
        return
    grouped = _grouped(select, report)
    for value in values:
        for column in _loose_columns(value, grouped, report):
            _report(column, select, report)


def _is_unclear(value: Value) -> bool:
    """Say whether a value is beyond these checks: subqueries, windows, unusual syntax."""
    if isinstance(value, Call):
        return value.is_window or value.is_opaque
    return isinstance(value, Subquery)


def _is_aggregate(value: Value) -> bool:
    return isinstance(value, Call) and value.function in AGGREGATES


def _no_aggregates(condition: Value, report: Report) -> None:
    for value in condition.walk():
        if isinstance(value, Call) and value.function in AGGREGATES:
            message = f"{value.function} works on groups of rows: put this condition into HAVING"
            report.add("warning", "aggregate-in-where", message, value.span)


def _grouped(select: Select, report: Report) -> set[str]:
    """Return the grouping values as text, and the names of grouped columns and aliases."""
    grouped = set()
    for value in select.group:
        grouped.add(_written(value, report))
        if isinstance(value, Column):
            grouped.add(value.name.key)
        if isinstance(value, Literal) and value.text.isdecimal():
            index = int(value.text[:6]) - 1
            if 0 <= index < len(select.items):
                grouped.add(_written(select.items[index].value, report))
    for item in select.items:
        if item.alias is not None and item.alias.key in grouped:
            grouped.add(_written(item.value, report))
    return grouped


def _loose_columns(value: Value, grouped: set[str], report: Report) -> Iterator[Value]:
    """Yield the columns in a value that are neither grouped nor inside an aggregate."""
    if _is_aggregate(value) or _written(value, report) in grouped:
        return
    if isinstance(value, Call) and not _is_known(value):
        return  # it may be an aggregate of the service
    if isinstance(value, Star):
        yield value
    elif isinstance(value, Column):
        if value.name.key not in grouped:
            yield value
    elif isinstance(value, Call | Operation):
        for part in value.parts():
            yield from _loose_columns(part, grouped, report)


def _is_known(call: Call) -> bool:
    return call.function in SIGNATURES


def _written(value: Value, report: Report) -> str:
    """Return the text of a value without what makes no difference."""
    return "".join(report.text[value.start : value.end].split()).casefold().strip("()")


def _report(value: Value, select: Select, report: Report) -> None:
    if isinstance(value, Star):
        if not select.group:
            message = "* has many rows, and COUNT, MIN and the like have one: choose one of them"
            report.add("warning", "not-grouped", message, value.span)
        return
    name = report.text[value.start : value.end]
    if select.group:
        at = select.group[-1].end
        fix = Fix(f"Add {name} to GROUP BY", at, at, f", {name}")
        message = f"{name} is not in GROUP BY: most services refuse it, or give one value of many"
    else:
        at = select.where.end if select.where is not None else select.from_end
        fix = Fix(f"Add GROUP BY {name}", at, at, f" GROUP BY {name}")
        message = f"{name} stands beside COUNT, MIN or the like: add GROUP BY {name}"
    report.add("warning", "not-grouped", message, value.span, fix)

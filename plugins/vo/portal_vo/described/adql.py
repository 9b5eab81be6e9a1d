"""From what was filled in to ADQL, in which every value is a literal."""

import math
from collections.abc import Iterable
from typing import Any

from portal.plugins import Interval
from portal.plugins import quote_identifier
from portal.plugins import quote_literal
from portal.plugins import read_band
from portal.plugins import read_time
from portal_vo.described.tap_description import TapCone
from portal_vo.described.tap_description import TapDescription
from portal_vo.described.tap_description import TapField
from portal_vo.positional.ssa import iso_time
from portal_vo.positional.values import read_interval

FIRST_INSTANT, LAST_INSTANT = "0001-01-01T00:00:00", "9999-12-31T23:59:59"  # of calendars
SIGNS = {"!=": "<>"}


def build_adql(
    description: TapDescription, given: Iterable[tuple[TapField, Any]], circle: str | None
) -> str:
    """Return the query for the fields that were filled in, and for what is in the circle."""
    columns = ", ".join(map(quote_identifier, description.columns)) or "*"
    conditions = [f"({one})" for one in description.conditions]
    conditions += [part for field, value in given if (part := _condition(field, value))]
    if circle is not None:
        conditions.append(circle)
    lines = [f"SELECT {columns}", f"FROM {description.table}"]
    if conditions:
        lines.append("WHERE " + "\n  AND ".join(conditions))
    if description.order_by:
        lines.append("ORDER BY " + ", ".join(map(_order, description.order_by)))
    return "\n".join(lines)


def circle_condition(cone: TapCone, ra: str, dec: str, radius: float) -> str:
    """Return the condition for what is in a circle; `ra` and `dec` are written as ADQL."""
    point = f"POINT('ICRS', {quote_identifier(cone.ra)}, {quote_identifier(cone.dec)})"
    circle = f"CIRCLE('ICRS', {ra}, {dec}, {quote_literal(radius)})"
    return f"CONTAINS({point}, {circle}) = 1"


def _order(name: str) -> str:
    column = quote_identifier(name.removeprefix("-"))
    return f"{column} DESC" if name.startswith("-") else column


def _condition(field: TapField, value: Any) -> str:
    if field.type == "boolean":
        return f"({field.condition})"
    if field.choices:
        return _chosen(field, value if isinstance(value, list) else [value])
    if field.type == "interval":
        return _within(field, read_interval(value))
    if field.type == "band":
        return _within(field, read_band(value, "m"))
    if field.type == "time":
        return _within(field, read_time(value))
    return _compared(field, value)


def _chosen(field: TapField, values: list[Any]) -> str:
    """Return the condition that one of the choices is met."""
    own = {one.value: one.condition for one in field.choices if one.condition}
    parts = [f"({own[value]})" for value in values if value in own]
    compared = [value for value in values if value not in own]
    if len(compared) == 1:
        parts.append(_compared(field, compared[0]))
    elif compared:
        parts.append(f"{_name(field.column)} IN ({', '.join(map(quote_literal, compared))})")
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _compared(field: TapField, value: Any) -> str:
    column = _name(field.column)
    if field.operator == "like":
        return f"{column} LIKE {quote_literal(str(value))}"
    if field.operator in ("contains", "starts with"):
        before = "%" if field.operator == "contains" else ""
        return f"LOWER({column}) LIKE {quote_literal(f'{before}{str(value).lower()}%')}"
    return f"{column} {SIGNS.get(field.operator, field.operator)} {quote_literal(value)}"


def _within(field: TapField, interval: Interval) -> str:
    """Return that a column lies in the interval, or that what two columns span meets it."""
    low, high = interval
    first, last = field.column_min or field.column, field.column_max or field.column
    ends = []
    if low > -math.inf and not (field.type == "band" and low <= 0):
        ends.append(f"{_name(last)} >= {_end(field, low)}")
    if high < math.inf:
        ends.append(f"{_name(first)} <= {_end(field, high)}")
    return " AND ".join(ends)


def _end(field: TapField, value: float) -> str:
    if field.type != "time" or field.time_format != "iso":
        return quote_literal(value)
    return quote_literal(iso_time(value) or (LAST_INSTANT if value > 0 else FIRST_INSTANT))


def _name(column: str | None) -> str:
    return quote_identifier(column or "")

"""What ADQL allows and what seldom does what its writer means."""

from collections.abc import Iterable

from portal.adql.findings import Fix
from portal.adql.findings import Report
from portal.adql.syntax.calls import AGGREGATES
from portal.adql.syntax.nodes import Call
from portal.adql.syntax.nodes import Column
from portal.adql.syntax.nodes import Literal
from portal.adql.syntax.nodes import Operation
from portal.adql.syntax.nodes import Value


def check_surprises(values: Iterable[Value], report: Report) -> None:
    """Report divisions that give 0, patterns in double quotes, and aggregates of aggregates."""
    for value in values:
        if isinstance(value, Operation) and value.operator == "/":
            _check_division(value, report)
        elif isinstance(value, Operation) and value.operator in {"LIKE", "ILIKE"}:
            _check_pattern(value.operands[1], report)
        elif isinstance(value, Call) and value.function in AGGREGATES:
            _check_nesting(value, report)


def _check_division(division: Operation, report: Report) -> None:
    whole = [one for one in division.operands if isinstance(one, Literal) and one.text.isdecimal()]
    if len(whole) != 2 or len(division.operands) != 2:  # noqa: PLR2004
        return
    upper, lower = (int(one.text[:18]) for one in whole)
    if lower and upper % lower:
        end = report.text.index(whole[0].text, whole[0].start) + len(whole[0].text)
        fix = Fix("Add a point", end, end, ".")
        message = (
            f"Whole numbers divide to whole numbers in most services: this is {upper // lower}"
        )
        report.add("hint", "whole-division", message, division.span, fix)


def _check_pattern(pattern: Value, report: Report) -> None:
    if not isinstance(pattern, Column) or len(pattern.names) > 1:
        return
    name = pattern.name
    if name.is_quoted and "%" in name.text:
        text = "'" + name.text.replace("'", "''") + "'"
        fix = Fix("Make it a text", name.start, name.end, text)
        message = f"In double quotes this is the name of a column; a text is {text}"
        report.add("warning", "quoted-text", message, name.span, fix)


def _check_nesting(call: Call, report: Report) -> None:
    for inner in call.walk():
        is_inner = isinstance(inner, Call) and inner is not call and inner.function in AGGREGATES
        if is_inner and not call.is_window:
            message = f"{call.function} cannot work on what COUNT, SUM and the like give"
            report.add("warning", "nested-aggregate", message, inner.span)

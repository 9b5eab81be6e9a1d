"""Checks of comparisons with NULL."""

from collections.abc import Iterable

from portal.adql.findings import Fix
from portal.adql.findings import Report
from portal.adql.syntax.nodes import COMPARISONS
from portal.adql.syntax.nodes import Literal
from portal.adql.syntax.nodes import Operation
from portal.adql.syntax.nodes import Value

_WORDS = {"=": "IS NULL", "<>": "IS NOT NULL", "!=": "IS NOT NULL"}


def check_nulls(values: Iterable[Value], report: Report) -> None:
    """Report a comparison with NULL, which is never true."""
    for value in values:
        if not isinstance(value, Operation) or value.operator not in COMPARISONS:
            continue
        left, right = value.operands
        if not (isinstance(right, Literal) and right.kind == "null"):
            continue
        words = _WORDS.get(value.operator)
        fixes = []
        if words:
            fixes = [Fix(f"Write {words}", value.at[0], right.end, words)]
        message = f"Nothing is equal to NULL: write {words or 'IS NULL'}"
        report.add("warning", "null-comparison", message, (left.start, right.end), *fixes)

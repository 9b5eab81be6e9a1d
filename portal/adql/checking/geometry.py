"""Checks of ADQL's geometry: the arguments of its constructors, and its predicates."""

from collections.abc import Callable
from collections.abc import Iterable

from portal.adql.checking.signatures import Kind
from portal.adql.checking.signatures import REGIONS
from portal.adql.checking.signatures import SIGNATURES
from portal.adql.findings import Fix
from portal.adql.findings import Report
from portal.adql.syntax.conditions import PREDICATES
from portal.adql.syntax.nodes import Call
from portal.adql.syntax.nodes import COMPARISONS
from portal.adql.syntax.nodes import Literal
from portal.adql.syntax.nodes import Operation
from portal.adql.syntax.nodes import Value

_SIZES = {"BOX": 2, "CIRCLE": 1}  # how many numbers follow the centre
_CORNERS = 3


def check_constructor(call: Call, report: Report, kind_of: Callable[[Value], Kind]) -> None:
    """Check that the arguments of a geometry make one: with or without coordinate system.

    Every way of writing it is tried, and only what fits none of them is reported.
    """
    function = call.function
    if function not in {"BOX", "CIRCLE", "DISTANCE", "POINT", "POLYGON"}:
        return
    kinds = [_shape(argument, kind_of) for argument in call.arguments]
    forms = [_without_system(kinds)]
    if kinds[0] not in {"text", "null"}:
        forms.append(kinds)
    if not any(_fits(function, form) for form in forms if form):
        written = SIGNATURES[function].written
        message = f"These are not the arguments of {function}; write {written}"
        report.add("error", "argument-count", message, call.span)


def _shape(value: Value, kind_of: Callable[[Value], Kind]) -> str:
    """Return number, text, point, region, or any: a column or function may be all of them."""
    if isinstance(value, Call) and value.function in REGIONS:
        return "region"
    if isinstance(value, Literal) and value.kind == "null":
        return "null"
    kind = kind_of(value)
    if kind == "geometry":
        return "point"
    if isinstance(value, Operation) and kind == "number":
        return "number"
    return str(kind)


def _without_system(kinds: list[str]) -> list[str]:
    is_system = kinds[0] in {"text", "any", "null"}
    return kinds[1:] if is_system else []


def _fits(function: str, kinds: list[str]) -> bool:
    if function == "DISTANCE":
        return _are_points(kinds, 2, 2) or _are_numbers(kinds, 4, 4)
    if function == "POINT":
        return _are_numbers(kinds, 2, 2)
    if function == "POLYGON":
        even = len(kinds) % 2 == 0
        return (even and _are_numbers(kinds, 2 * _CORNERS)) or _are_points(kinds, _CORNERS)
    sizes = _SIZES[function]
    centre, rest = kinds[:-sizes], kinds[-sizes:]
    is_centre = _are_points(centre, 1, 1) or _are_numbers(centre, 2, 2)
    return is_centre and _are_numbers(rest, sizes, sizes)


def _are_numbers(kinds: list[str], least: int, most: int = 10**6) -> bool:
    return least <= len(kinds) <= most and not {"point", "region"}.intersection(kinds)


def _are_points(kinds: list[str], least: int, most: int = 10**6) -> bool:
    fine = all(kind in {"point", "any", "null"} for kind in kinds)
    return least <= len(kinds) <= most and fine


def check_predicate(call: Call, report: Report) -> None:
    """Report CONTAINS(region, point), which is never true."""
    if call.function != "CONTAINS":
        return
    inner, outer = call.arguments
    if isinstance(inner, Call) and isinstance(outer, Call):
        reversed_ = inner.function in REGIONS - {"REGION"} and outer.function == "POINT"
        if reversed_:
            first = report.text[inner.start : inner.end]
            between = report.text[inner.end : outer.start]
            second = report.text[outer.start : outer.end]
            fix = Fix("Swap them", inner.start, outer.end, f"{second}{between}{first}")
            message = "No region lies in a point: CONTAINS takes the point first, then the region"
            report.add("warning", "contains-order", message, call.span, fix)


def check_comparisons(values: Iterable[Value], report: Report) -> None:
    """Report CONTAINS and INTERSECTS compared with anything but 1 and 0."""
    for value in values:
        if not isinstance(value, Operation) or value.operator not in COMPARISONS:
            continue
        for predicate, other in (value.operands, value.operands[::-1]):
            is_predicate = isinstance(predicate, Call) and predicate.function in PREDICATES
            if is_predicate and not _is_truth(other):
                _report_truth(predicate, other, report)


def _is_truth(value: Value) -> bool:
    if isinstance(value, Literal):
        return value.kind == "number" and value.text in {"0", "1"}
    return True  # a column, or something computed


def _report_truth(predicate: Value, other: Value, report: Report) -> None:
    if not isinstance(predicate, Call) or not isinstance(other, Literal):
        return
    is_false = other.text.strip("'").casefold() in {"false", "f", "no"}
    right = "0" if is_false else "1"
    fix = Fix(f"Write {right}", other.start, other.end, right)
    message = f"{predicate.function} gives 1 or 0: compare it with one of them"
    report.add("warning", "contains-comparison", message, other.span, fix)

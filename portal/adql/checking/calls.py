"""Checks of functions: their names and their arguments."""

from collections.abc import Iterator
from collections.abc import Mapping
from difflib import get_close_matches

from portal.adql.checking.geometry import check_constructor
from portal.adql.checking.geometry import check_predicate
from portal.adql.checking.signatures import INSTEAD
from portal.adql.checking.signatures import Kind
from portal.adql.checking.signatures import OFTEN_OFFERED
from portal.adql.checking.signatures import Signature
from portal.adql.checking.signatures import SIGNATURES
from portal.adql.findings import Fix
from portal.adql.findings import Report
from portal.adql.syntax.nodes import Call
from portal.adql.syntax.nodes import Literal
from portal.adql.syntax.nodes import Operation
from portal.adql.syntax.nodes import Star
from portal.adql.syntax.nodes import Value

_ARITHMETIC = frozenset({"+", "-", "*", "/", "||", "sign +", "sign -"})
_ALIKE = 0.8  # how alike a name must be to that of a function to be taken for a slip


def check_values(
    values: Iterator[Value], report: Report, offered: Mapping[str, str] | None
) -> None:
    """Check every function among `values`; `offered` are the service's own, None if unknown."""
    for value in values:
        if isinstance(value, Call):
            _check_call(value, report, offered)
        elif isinstance(value, Operation) and value.operator in _ARITHMETIC:
            _check_operands(value, report)


def kind_of(value: Value) -> Kind:
    """Return what a value is, as far as its text tells."""
    if isinstance(value, Literal):
        return {"number": "number", "string": "text"}.get(value.kind, "any")  # type: ignore[return-value]
    if isinstance(value, Call) and value.function in SIGNATURES:
        return SIGNATURES[value.function].gives
    if isinstance(value, Operation) and value.operator in _ARITHMETIC:
        return "text" if value.operator == "||" else "number"
    return "any"


def _check_call(call: Call, report: Report, offered: Mapping[str, str] | None) -> None:
    signature = SIGNATURES.get(call.function)
    if signature is None:
        _check_name(call, report, offered)
        return
    if call.is_opaque:
        return
    if _has_right_count(call, signature, report):
        _check_arguments(call, signature, report)
        check_constructor(call, report, kind_of)
        check_predicate(call, report)


def _check_name(call: Call, report: Report, offered: Mapping[str, str] | None) -> None:
    function = call.function
    if report.is_full or (offered is not None and function.casefold() in offered):
        return
    known = {name.casefold(): name for name in (*SIGNATURES, "CAST")} | dict(offered or {})
    instead = INSTEAD.get(function)
    letters = sorted(function.casefold())
    alike = get_close_matches(function.casefold(), known, 2, _ALIKE)
    alike = alike or [name for name in known if sorted(name) == letters]
    close = [instead] if instead else [known[key] for key in alike]
    if offered is None and (function in OFTEN_OFFERED or not close):
        if instead:
            message = f"{function} is not a function of ADQL; {instead} is"
            report.add(
                "warning", "unknown-function", message, call.name.span, _rename(call, instead)
            )
        return
    meant = f". Did you mean {' or '.join(close)}?" if close else ""
    if offered is not None and function not in OFTEN_OFFERED:
        message = f"Neither ADQL nor this service has a function {call.name.text}{meant}"
    else:
        message = f"{call.name.text} is not a function of ADQL{meant}"
    severity = "warning" if function in OFTEN_OFFERED else "error"
    fixes = [_rename(call, name) for name in close]
    report.add(severity, "unknown-function", message, call.name.span, *fixes)  # type: ignore[arg-type]


def _rename(call: Call, name: str) -> Fix:
    return Fix(f"Write {name}", call.name.start, call.name.end, name)


def _has_right_count(call: Call, signature: Signature, report: Report) -> bool:
    given = len(call.arguments)
    is_right = given >= signature.least and (signature.most is None or given <= signature.most)
    if call.function == "DISTANCE" and given == 3:  # noqa: PLR2004
        is_right = False
    if not is_right:
        counted = "1 argument" if given == 1 else f"{given or 'no'} arguments"
        message = f"{call.function} has {counted} here; write {signature.written}"
        report.add("error", "argument-count", message, call.span)
    return is_right


def _check_arguments(call: Call, signature: Signature, report: Report) -> None:
    for argument in call.arguments:
        kind = kind_of(argument)
        if isinstance(argument, Star):
            if call.function != "COUNT":
                report.add("error", "syntax", "* can only stand in COUNT(*)", argument.span)
        elif "any" not in {kind, signature.takes} and kind != signature.takes:
            severity = "error" if kind == "geometry" else "warning"
            message = f"{call.function} takes a {signature.takes}, and this is a {kind}"
            report.add(severity, "argument-type", message, argument.span)  # type: ignore[arg-type]
    if call.function == "IN_UNIT":
        unit = call.arguments[1]
        if not (isinstance(unit, Literal) and unit.kind == "string"):
            message = "The unit in IN_UNIT is a text in single quotes, such as 'deg'"
            report.add("error", "argument-type", message, unit.span)


def _check_operands(operation: Operation, report: Report) -> None:
    for operand in operation.operands:
        if kind_of(operand) == "geometry":
            sign = operation.operator.removeprefix("sign ")
            message = f"A geometry cannot be used with {sign}"
            report.add("error", "geometry-operand", message, operand.span)

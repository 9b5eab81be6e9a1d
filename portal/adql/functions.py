"""The functions of ADQL that DuckDB computes under its own names."""

from dataclasses import dataclass

from sqlglot import exp

from portal.adql.errors import error_at_node

AGGREGATES = frozenset({"AVG", "COUNT", "MAX", "MIN", "SUM"})
NOT_BUILT = frozenset({"IN_UNIT", "BOX", "POLYGON", "REGION", "COORDSYS"})


@dataclass(frozen=True, slots=True)
class Function:
    """DuckDB's name, and how many arguments the function takes; `most` None is any number."""

    name: str
    least: int
    most: int | None


FUNCTIONS = {
    "ABS": Function("abs", 1, 1),
    "ACOS": Function("acos", 1, 1),
    "ASIN": Function("asin", 1, 1),
    "ATAN": Function("atan", 1, 1),
    "ATAN2": Function("atan2", 2, 2),
    "AVG": Function("avg", 1, 1),
    "CEILING": Function("ceil", 1, 1),
    "COALESCE": Function("coalesce", 1, None),
    "COS": Function("cos", 1, 1),
    "COT": Function("cot", 1, 1),
    "COUNT": Function("count", 1, 1),
    "DEGREES": Function("degrees", 1, 1),
    "EXP": Function("exp", 1, 1),
    "FLOOR": Function("floor", 1, 1),
    "LOG": Function("ln", 1, 1),
    "LOG10": Function("log10", 1, 1),
    "LOWER": Function("lower", 1, 1),
    "MAX": Function("max", 1, 1),
    "MIN": Function("min", 1, 1),
    "MOD": Function("mod", 2, 2),
    "PI": Function("pi", 0, 0),
    "POWER": Function("power", 2, 2),
    "RADIANS": Function("radians", 1, 1),
    "RAND": Function("random", 0, 0),
    "ROUND": Function("round", 1, 2),
    "SIN": Function("sin", 1, 1),
    "SQRT": Function("sqrt", 1, 1),
    "SUM": Function("sum", 1, 1),
    "TAN": Function("tan", 1, 1),
    "TRUNCATE": Function("trunc", 1, 2),
    "UPPER": Function("upper", 1, 1),
}


def find_function(call: exp.Anonymous) -> Function:
    """Return what DuckDB calls for `call`; raises AdqlError for what it must not call."""
    name = call.name.upper()
    function = FUNCTIONS.get(name)
    if function is None:
        reason = "is not supported here" if name in NOT_BUILT else "is not a function of ADQL"
        raise error_at_node(f"{name} {reason}", call)
    check_count(call, function.least, function.most)
    if name not in AGGREGATES and any(isinstance(one, exp.Distinct) for one in call.expressions):
        raise error_at_node(f"DISTINCT has no place in {name}", call)
    return function


def check_count(call: exp.Expr, least: int, most: int | None) -> None:
    """Refuse a call with too few or too many arguments."""
    given = len(call.expressions)
    if given >= least and (most is None or given <= most):
        return
    wanted = str(least) if least == most else f"{least} to {most}" if most else f"at least {least}"
    raise error_at_node(f"{call.name.upper()} takes {wanted} argument(s), not {given}", call)

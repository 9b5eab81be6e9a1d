"""The syntax tree of an ADQL query: which nodes it has, and which parts they may carry."""

from collections.abc import Callable

from sqlglot import exp

from portal.adql.errors import AdqlError
from portal.adql.errors import error_at_node

LONGEST_COUNT = 18  # digits that fit into 64 bits
_BINARY = ("this", "expression")
_SET_OPERATION = ("this", "expression", "distinct", "order", "offset", "with_")
_PARTS: dict[type[exp.Expr], tuple[str, ...]] = {
    exp.Select: (
        "expressions",
        "distinct",
        "limit",
        "from_",
        "joins",
        "where",
        "group",
        "having",
        "order",
        "offset",
        "with_",
    ),
    exp.Union: _SET_OPERATION,
    exp.Except: _SET_OPERATION,
    exp.Intersect: _SET_OPERATION,
    exp.Subquery: ("this", "alias", "joins", "with_"),
    exp.With: ("expressions",),
    exp.CTE: ("this", "alias"),
    exp.TableAlias: ("this", "columns"),
    exp.Table: ("this", "db", "catalog", "alias", "joins"),
    exp.From: ("this",),
    exp.Join: ("this", "on", "using", "side", "kind", "method"),
    exp.Where: ("this",),
    exp.Group: ("expressions",),
    exp.Having: ("this",),
    exp.Order: ("expressions",),
    exp.Ordered: ("this", "desc"),
    exp.Limit: ("expression",),
    exp.Offset: ("expression",),
    exp.Distinct: ("expressions",),
    exp.Alias: ("this", "alias"),
    exp.Column: ("this", "table", "db", "catalog"),
    exp.Identifier: ("this", "quoted"),
    exp.Star: (),
    exp.Literal: ("this", "is_string"),
    exp.Null: (),
    exp.Boolean: ("this",),
    exp.Paren: ("this",),
    exp.Anonymous: ("this", "expressions"),
    exp.Cast: ("this", "to"),
    exp.DataType: ("this", "expressions"),
    exp.DataTypeParam: ("this",),
    exp.Case: ("this", "ifs", "default"),
    exp.If: ("this", "true"),
    exp.And: _BINARY,
    exp.Or: _BINARY,
    exp.Not: ("this",),
    exp.EQ: _BINARY,
    exp.NEQ: _BINARY,
    exp.LT: _BINARY,
    exp.LTE: _BINARY,
    exp.GT: _BINARY,
    exp.GTE: _BINARY,
    exp.Like: (*_BINARY, "negate"),
    exp.ILike: (*_BINARY, "negate"),
    exp.Is: (*_BINARY, "negate"),
    exp.Between: ("this", "low", "high"),
    exp.In: ("this", "expressions", "query"),
    exp.Exists: ("this",),
    exp.Add: _BINARY,
    exp.Sub: _BINARY,
    exp.Mul: _BINARY,
    exp.Div: _BINARY,
    exp.Neg: ("this",),
    exp.DPipe: (*_BINARY, "safe"),
    exp.Concat: ("expressions", "coalesce"),  # two string literals side by side are one
}


def check_grammar(statement: exp.Expr | None) -> exp.Query:
    """Return the statement when it is one ADQL query, all the way down.

    Everything that is not named in this module is refused, so that what a new version of
    the parser learns to read does not become something that users can run.
    """
    if not isinstance(statement, exp.Query):
        raise AdqlError("A query starts with SELECT, or with WITH")
    for node in statement.walk():
        _check_parts(node)
        _check_node(node, statement)
    return statement


def _check_parts(node: exp.Expr) -> None:
    allowed = _PARTS.get(type(node))
    if allowed is None:
        raise error_at_node(f"{_words(node.key)} is not part of ADQL", node)
    for name, value in node.args.items():
        if value and name not in allowed:
            raise error_at_node(f"{_words(name)} is not part of ADQL", node)


def _check_node(node: exp.Expr, statement: exp.Query) -> None:
    for kind, is_right, message in _RULES:
        if isinstance(node, kind) and not is_right(node):
            raise error_at_node(message, node)
    if isinstance(node, exp.With) and node.parent is not statement:
        raise error_at_node("WITH can only stand at the start of the query", node)


def _is_count(clause: exp.Expr) -> bool:
    number = clause.expression
    whole = isinstance(number, exp.Literal) and not number.is_string and number.name.isdecimal()
    return whole and len(number.name) <= LONGEST_COUNT


def _is_named(subquery: exp.Expr) -> bool:
    in_from = isinstance(subquery.parent, exp.From | exp.Join)
    return not in_from or not isinstance(subquery.this, exp.Query) or bool(subquery.alias)


def _is_call(function: exp.Expr) -> bool:
    queries = (isinstance(one, exp.Select | exp.SetOperation) for one in function.expressions)
    return isinstance(function.this, str) and not any(queries)


def _is_in_place(star: exp.Expr) -> bool:
    if isinstance(star.parent, exp.Column):
        return isinstance(star.parent.parent, exp.Select) and star.parent.arg_key == "expressions"
    if isinstance(star.parent, exp.Anonymous):
        return star.parent.name.upper() == "COUNT"
    return isinstance(star.parent, exp.Select) and star.arg_key == "expressions"


_RULES: tuple[tuple[type[exp.Expr], Callable[[exp.Expr], bool], str], ...] = (
    (exp.Select, lambda node: bool(node.args.get("from_")), "SELECT needs a FROM"),
    (exp.Limit, _is_count, "TOP takes a whole number"),
    (exp.Offset, _is_count, "OFFSET takes a whole number"),
    (
        exp.Is,
        lambda node: isinstance(node.expression, exp.Null),
        "IS can only be followed by NULL or NOT NULL",
    ),
    (exp.Anonymous, _is_call, "This is not how a function is called in ADQL"),
    (
        exp.Table,
        lambda node: isinstance(node.this, exp.Identifier),
        "FROM takes tables and subqueries; a function cannot stand there",
    ),
    (exp.Subquery, _is_named, "A subquery in FROM needs a name: (SELECT ...) AS name"),
    (exp.Star, _is_in_place, "* can only stand in the list after SELECT, or in COUNT(*)"),
)


def _words(name: str) -> str:
    return name.strip("_").replace("_", " ").upper()

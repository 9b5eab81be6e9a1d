"""From a parsed ADQL query to the one SELECT that DuckDB is given."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.generators.duckdb import DuckDBGenerator

from portal.adql import geometry
from portal.adql.dialect import SIZED_TYPES
from portal.adql.errors import AdqlError
from portal.adql.errors import error_at_node
from portal.adql.functions import find_function
from portal.adql.outputs import find_outputs
from portal.adql.outputs import Outputs
from portal.adql.parsing import TOO_NESTED
from portal.adql.tables import AdqlTable
from portal.adql.tables import check_columns
from portal.adql.tables import find_tables
from portal.adql.tables import resolve_tables

MAX_SQL = 1_000_000  # characters; nested geometry repeats its operands


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The SQL, and what its columns are, in their order."""

    sql: str
    outputs: Outputs


class Engine(DuckDB):
    """DuckDB as ADQL may use it."""

    class Generator(DuckDBGenerator):
        """Write ADQL's functions, geometry and numbers as DuckDB has them."""

        def anonymous_sql(self, expression: exp.Anonymous) -> str:
            """Write a function from the allow-list; raises AdqlError for all others."""
            name = expression.name.upper()
            if name in geometry.PREDICATES:
                return f"CAST({self._condition(expression)} AS SMALLINT)"
            if name in geometry.MEASURES:
                return _short(geometry.write_measure(expression, self.sql), expression)
            if name in geometry.SHAPES:
                raise error_at_node(f"{name} can only stand inside a geometry function", expression)
            return self.func(find_function(expression).name, *expression.expressions)

        def eq_sql(self, expression: exp.EQ) -> str:
            """Write `CONTAINS(...) = 1` as the condition itself, which can skip blocks."""
            for call, number in (expression.unnest_operands(), expression.unnest_operands()[::-1]):
                is_predicate = call.name.upper() in geometry.PREDICATES
                if isinstance(call, exp.Anonymous) and is_predicate and number.name in ("0", "1"):
                    condition = self._condition(call)
                    return condition if number.name == "1" else f"(NOT {condition})"
            return self.binary(expression, "=")

        def literal_sql(self, expression: exp.Literal) -> str:
            """Write a number with a point as DOUBLE: DuckDB would make a DECIMAL of it."""
            text = super().literal_sql(expression)
            if expression.is_string or text.isdecimal():
                return text
            number = repr(float(text))
            if "inf" in number:
                raise error_at_node("The number is too large", expression.parent or expression)
            return number if "e" in number else f"{number}e0"

        def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:
            """Cut a text to its length: DuckDB ignores the size in VARCHAR(n)."""
            value, kind = self.sql(expression, "this"), expression.to.this
            if kind not in SIZED_TYPES:
                return f"CAST({value} AS {kind.value})"
            sizes = expression.to.expressions
            text = f"CAST({value} AS VARCHAR)"
            return f"left({text}, {self.sql(sizes[0], 'this')})" if sizes else text

        def _condition(self, call: exp.Anonymous) -> str:
            return _short(geometry.write_predicate(call, self.sql), call)


def to_duckdb(
    query: exp.Query, tables: Iterable[AdqlTable], *, limit: int | None = None
) -> Translation:
    """Translate a query that `parse` returned; at most `limit` rows come out of it.

    Only `tables` (with their columns), ADQL's functions and its types are let through.
    Raises AdqlError, with the place in the query, for everything else.
    """
    try:
        return _translate(query.copy(), tuple(tables), limit)
    except RecursionError:
        raise AdqlError(TOO_NESTED) from None


def _translate(tree: exp.Query, tables: Sequence[AdqlTable], limit: int | None) -> Translation:
    used = find_tables(tree, tables)
    resolved = resolve_tables(tree, used)
    check_columns(tree, used)
    outputs = find_outputs(tree, resolved)
    if limit is not None:
        _limit(tree, limit)
    return Translation(sql=tree.sql(dialect=Engine, identify=True, comments=False), outputs=outputs)


def _limit(query: exp.Query, rows: int) -> None:
    asked = query.args.get("limit")
    rows = rows if asked is None else min(rows, int(asked.expression.name))
    query.set("limit", exp.Limit(expression=exp.Literal.number(rows)))


def _short(sql: str, call: exp.Expr) -> str:
    if len(sql) > MAX_SQL:
        raise error_at_node("Geometry functions are nested too deeply here", call)
    return sql

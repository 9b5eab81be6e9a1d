"""The tables that a query may use, and finding them and their columns in it."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from sqlglot import exp

from portal.adql.errors import AdqlError
from portal.adql.errors import error_at_node


@dataclass(frozen=True, slots=True, kw_only=True)
class AdqlTable:
    """A table that queries may name; `columns` may be left out where only names matter."""

    schema: str
    name: str
    columns: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Return the names as they are compared: without regard to case."""
        return self.schema.casefold(), self.name.casefold()


def find_tables(query: exp.Query, tables: Iterable[AdqlTable]) -> tuple[AdqlTable, ...]:
    """Return the tables that the query names, each once, in the order of `tables`.

    Raises AdqlError for a table that is not one of `tables`.
    """
    offered = tuple(tables)
    named = {_match(node, offered).key for node in named_tables(query)}
    return tuple(table for table in offered if table.key in named)


def named_tables(query: exp.Query) -> Iterator[exp.Table]:
    """Yield each place where a table is named that no WITH of the query defines."""
    for node in query.find_all(exp.Table):
        if find_common_table(node) is None:
            yield node


def find_common_table(node: exp.Table) -> exp.CTE | None:
    """Return the part of the WITH that `node` refers to: one that stands before its place."""
    if node.args.get("db"):
        return None
    root = node.root()
    with_ = root.args.get("with_")
    if with_ is None:
        return None
    inside = node.find_ancestor(exp.CTE)
    for common in with_.expressions:
        if common is inside:
            return None
        if common.alias.casefold() == node.name.casefold():
            return common if isinstance(common, exp.CTE) else None
    return None


def resolve_tables(query: exp.Query, tables: Sequence[AdqlTable]) -> dict[int, AdqlTable]:
    """Write every table's full name into the query; return the tables by `id` of their node."""
    found = {}
    for node in list(named_tables(query)):
        table = _match(node, tables)
        found[id(node)] = table
        node.set("this", exp.to_identifier(table.name, quoted=True))
        node.set("db", exp.to_identifier(table.schema, quoted=True))
    return found


def check_columns(query: exp.Query, tables: Iterable[AdqlTable]) -> None:
    """Refuse a column, or a qualifier, that exists nowhere in the query.

    Whatever an engine would take for something else than a column (its own variables,
    hidden columns, whole rows) is such a name.
    """
    columns = {name.casefold() for table in tables for name in table.columns}
    columns |= {alias.alias.casefold() for alias in query.find_all(exp.Alias)}
    qualifiers = {node.name.casefold() for node in query.find_all(exp.Table)}
    for alias in query.find_all(exp.TableAlias):
        qualifiers.add(alias.name.casefold())
        columns |= {column.name.casefold() for column in alias.columns}
    for column in query.find_all(exp.Column):
        if column.table and column.table.casefold() not in qualifiers:
            raise _unknown("table or alias", column.table, qualifiers, column)
        if not isinstance(column.this, exp.Star) and column.name.casefold() not in columns:
            raise _unknown("column", column.name, columns, column)


def _match(node: exp.Table, tables: Sequence[AdqlTable]) -> AdqlTable:
    name, schema = node.name.casefold(), node.db.casefold()
    found = [
        table
        for table in tables
        if table.key[1] == name and schema in ("", table.key[0]) and not node.catalog
    ]
    written = ".".join(part.name for part in node.parts)
    if not found:
        known = {f"{table.schema}.{table.name}" for table in tables}
        known |= {table.name for table in tables}
        raise _unknown("table", written, known, node)
    if len(found) > 1:
        raise error_at_node(f"{written} is the name of several tables; add the schema", node)
    return found[0]


def _unknown(kind: str, name: str, known: Collection[str], node: exp.Expr) -> AdqlError:
    close = get_close_matches(name.casefold(), sorted(known), n=3)
    hint = f". Did you mean {' or '.join(close)}?" if close else ""
    return error_at_node(f"There is no {kind} {name}{hint}", node)

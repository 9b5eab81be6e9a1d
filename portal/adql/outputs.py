"""The columns that a query returns, and which column of which table each one comes from."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace

from sqlglot import exp

from portal.adql.tables import AdqlTable
from portal.adql.tables import find_common_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A column of the answer. `table` and `column` are set when it is a column unchanged."""

    name: str
    table: AdqlTable | None = None
    column: str | None = None


Outputs = tuple[Output, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What stands in FROM; a `*` leaves out the columns that a join merged into another's."""

    name: str
    outputs: Outputs
    merged: frozenset[str] = frozenset()


def find_outputs(query: exp.Expr, tables: Mapping[int, AdqlTable]) -> Outputs:
    """Return the columns of the answer; `tables` is what `resolve_tables` returned."""
    if isinstance(query, exp.Subquery):
        return find_outputs(query.this, tables)
    if isinstance(query, exp.SetOperation):
        return _shared(find_outputs(query.this, tables), find_outputs(query.expression, tables))
    sources = _joined(_sources(query.args["from_"].this, tables), query, tables)
    return tuple(
        output
        for number, item in enumerate(query.expressions, start=1)
        for output in _outputs_of(item, number, sources)
    )


def _shared(left: Outputs, right: Outputs) -> Outputs:
    """Name the columns as the first query does; keep an origin that both queries have."""
    origins = {number: (one.table, one.column) for number, one in enumerate(right)}
    return tuple(
        one if (one.table, one.column) == origins.get(number) else Output(name=one.name)
        for number, one in enumerate(left)
    )


def _sources(node: exp.Expr, tables: Mapping[int, AdqlTable]) -> list[_Source]:
    if isinstance(node, exp.Subquery) and not isinstance(node.this, exp.Query):
        return _sources(node.this, tables)
    outputs = _of_table(node, tables) if isinstance(node, exp.Table) else find_outputs(node, tables)
    outputs = _renamed(outputs, node.args.get("alias"))
    return _joined([_Source(name=node.alias_or_name.casefold(), outputs=outputs)], node, tables)


def _joined(
    sources: list[_Source], node: exp.Expr, tables: Mapping[int, AdqlTable]
) -> list[_Source]:
    """Add what the joins of `node` bring, in the order in which a `*` shows it."""
    for join in node.args.get("joins") or ():
        right = _sources(join.this, tables)
        merged = frozenset(column.name.casefold() for column in join.args.get("using") or ())
        if join.args.get("method") == "NATURAL":
            merged = _names(sources) & _names(right)
        sources = sources + [replace(one, merged=one.merged | merged) for one in right]
    return sources


def _names(sources: Iterable[_Source]) -> frozenset[str]:
    return frozenset(output.name.casefold() for source in sources for output in source.outputs)


def _of_table(node: exp.Table, tables: Mapping[int, AdqlTable]) -> Outputs:
    common = find_common_table(node)
    if common is not None:
        return _renamed(find_outputs(common.this, tables), common.args.get("alias"))
    table = tables[id(node)]
    return tuple(Output(name=name, table=table, column=name) for name in table.columns)


def _renamed(outputs: Outputs, alias: exp.Expr | None) -> Outputs:
    names = [column.name for column in alias.args.get("columns") or ()] if alias else []
    renamed = [replace(one, name=name) for one, name in zip(outputs, names, strict=False)]
    return (*renamed, *outputs[len(renamed) :])


def _outputs_of(item: exp.Expr, number: int, sources: list[_Source]) -> Iterator[Output]:
    if isinstance(item, exp.Star):
        for source in sources:
            yield from (one for one in source.outputs if one.name.casefold() not in source.merged)
    elif isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
        for source in sources:
            yield from source.outputs if source.name == item.table.casefold() else ()
    elif isinstance(item, exp.Alias):
        yield replace(_origin(item.this, number, sources), name=item.alias)
    else:
        yield _origin(item, number, sources)


def _origin(item: exp.Expr, number: int, sources: Iterable[_Source]) -> Output:
    if not isinstance(item, exp.Column):
        name = item.name.lower() if isinstance(item, exp.Anonymous) else f"column_{number}"
        return Output(name=name)
    for source in sources:
        if item.table.casefold() in ("", source.name):
            for output in source.outputs:
                if output.name.casefold() == item.name.casefold():
                    return output
    return Output(name=item.name)

"""What completes the name or word at a place of a query, the likely first."""

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from portal.adql.completion.place import Expected
from portal.adql.completion.place import find_place
from portal.adql.completion.place import Place
from portal.adql.completion.scope import find_scope
from portal.adql.completion.scope import Scope
from portal.adql.completion.scope import Source
from portal.adql.completion.words import FUNCTIONS
from portal.adql.completion.words import words_at
from portal.adql.literals import check_table_name
from portal.adql.literals import quote_identifier
from portal.adql.memory_tables import MemoryTables
from portal.adql.metadata import ColumnInfo
from portal.adql.metadata import FunctionInfo
from portal.adql.metadata import name_parts
from portal.adql.metadata import quote_table_name
from portal.adql.metadata import TableInfo
from portal.adql.metadata import TableSource

MOST_OPTIONS = 50
MOST_COLUMNS = 5_000  # of one table; the widest there are have some hundreds
LEAST_INSIDE = 2  # characters that are looked for inside words, and not at their start only
_NO_TABLES = MemoryTables({}, is_complete=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that can be written: `label` names it, `apply` is what the query gets.

    `detail` is a few words beside the label (unit and UCD of a column, the arguments of a
    function), `info` a sentence or two.
    """

    label: str
    kind: Literal["keyword", "function", "table", "alias", "column"]
    apply: str
    detail: str = ""
    info: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completions:
    """What can replace the characters from `start` to `end` of the query."""

    start: int
    end: int
    options: tuple[Option, ...] = ()


def complete(
    text: str, offset: int, tables: TableSource | None = None, *, limit: int = MOST_OPTIONS
) -> Completions:
    """Return what can be written before character `offset` of a query, half written as it is.

    `tables` is None for a service of which nothing is known. The text raises nothing.
    """
    place = find_place(text, offset)
    source = tables or _NO_TABLES
    options = list(_ranked(place.typed, _other_options(text, place, source)))
    start = place.start
    if place.expected is Expected.TABLE:
        start = place.chain_start
        chain = text[place.chain_start : min(offset, len(text))]
        options = [*_common_options(text, place), *_tables(source, chain, limit), *options]
    return Completions(start=start, end=place.end, options=tuple(options[:limit]))


def _other_options(text: str, place: Place, tables: TableSource) -> Iterator[Option]:
    if place.expected is Expected.VALUE:
        scope = find_scope(text, place)
        yield from _columns_in_sight(place, scope, tables)
        if not place.qualifier:
            yield from _aliases(scope)
    for word in words_at(place):
        yield Option(label=word, kind="keyword", apply=word)
    if place.expected is Expected.VALUE and not place.qualifier and not place.is_quoted:
        for function in (*tables.functions(), *FUNCTIONS):
            yield _function_option(function)


def _ranked(typed: str, options: Iterable[Option]) -> list[Option]:
    """Return the options that have what was typed in them: those that start with it first."""
    wanted = typed.casefold()
    ranked: list[list[Option]] = [[], [], []]
    seen = set()
    for option in options:
        label = option.label.casefold()
        if wanted not in label or (option.kind, option.apply) in seen:
            continue
        seen.add((option.kind, option.apply))
        starts = label.startswith(wanted)
        ranked[0 if starts else 1 if f"_{wanted}" in label else 2].append(option)
    if len(wanted) < LEAST_INSIDE:
        ranked.pop()
    return [option for rank in ranked for option in rank]


def _columns_in_sight(place: Place, scope: Scope, tables: TableSource) -> Iterator[Option]:
    """Yield the columns; one whose name several tables have comes with its table's."""
    sources = [_resolved(one, scope) for one in scope.sources]
    pairs = list(zip(scope.sources, sources, strict=True))
    if place.qualifier:
        pairs = [pair for pair in pairs if pair[0].is_called(place.qualifier)]
    found = [(named, one) for named, source in pairs for one in _columns(source, scope, tables)]
    counts: dict[str, int] = {}
    for _, column in found:
        counts[column.name.casefold()] = counts.get(column.name.casefold(), 0) + 1
    for named, column in found:
        is_plain = bool(place.qualifier) or counts[column.name.casefold()] == 1
        option = _column_option(column, named, is_plain=is_plain)
        if option is not None:
            yield option


def _resolved(source: Source, scope: Scope) -> Source:
    """Return the part of WITH that a table stands for, or the table itself."""
    if source.written and len(name_parts(source.written)) == 1:
        return scope.common.get(name_parts(source.written)[0].casefold(), source)
    return source


def _columns(
    source: Source, scope: Scope, tables: TableSource, seen: set[int] | None = None
) -> list[ColumnInfo]:
    """Return the columns of a table or subquery; `seen` ends what refers to itself."""
    seen = set() if seen is None else seen
    if id(source) in seen:
        return []
    seen.add(id(source))
    found = [ColumnInfo(name=name) for name in source.outputs]
    for inner in source.everything_of:
        found += _columns(_resolved(inner, scope), scope, tables, seen)
    if source.written and (table := tables.find_table(source.written)) is not None:
        found += tables.columns(table)
    return found[:MOST_COLUMNS]


def _column_option(column: ColumnInfo, source: Source, *, is_plain: bool) -> Option | None:
    written = column.written  # a service may say anything
    qualifier = _quoted(source.shown) if source.shown and not is_plain else ""
    if written is None or qualifier is None:
        return None
    return Option(
        label=column.name,
        kind="column",
        apply=f"{qualifier}.{written}" if qualifier else written,
        detail=" · ".join(one for one in (column.unit, column.ucd) if one) or column.datatype,
        info=_sentences(column.description, f"Column of {source.written or source.shown}"),
    )


def _aliases(scope: Scope) -> Iterator[Option]:
    for source in scope.sources:
        if source.shown:
            written = _quoted(source.shown)
            if written:
                info = f"The table {source.written}" if source.written else "The subquery"
                yield Option(label=source.shown, kind="alias", apply=f"{written}.", info=info)


def _common_options(text: str, place: Place) -> list[Option]:
    """Return the parts of WITH, which can stand where a table does."""
    if place.qualifier:
        return []
    common = find_scope(text, place).common.values()
    found = ((one.alias, _quoted(one.alias)) for one in common)
    options = (
        Option(label=name, kind="table", apply=written, detail="WITH")
        for name, written in found
        if written
    )
    return _ranked(place.typed, options)


def _tables(tables: TableSource, chain: str, limit: int) -> Iterator[Option]:
    for table in tables.complete(chain.strip(), limit):
        written = _table_name(table)
        if written is not None:
            rows = f"{table.nrows:,} rows" if table.nrows is not None else ""
            yield Option(
                label=written,
                kind="table",
                apply=written,
                detail=rows or (table.kind if table.kind != "table" else ""),
                info=_sentences(table.title, table.description),
            )


def _table_name(table: TableInfo) -> str | None:
    """Return what a query writes; None for a name that nobody can write."""
    try:
        return check_table_name(table.name)
    except ValueError:
        pass
    try:
        return quote_table_name(*name_parts(table.name))
    except ValueError:
        return None


def _function_option(function: FunctionInfo) -> Option:
    arguments = function.signature.removeprefix(function.name).strip()
    return Option(
        label=function.name,
        kind="function",
        apply=f"{function.name}()" if arguments.startswith("()") else f"{function.name}(",
        detail=arguments,
        info=function.description,
    )


def _quoted(name: str) -> str | None:
    try:
        return quote_identifier(name)
    except ValueError:
        return None


def _sentences(*texts: str) -> str:
    return ". ".join(text.strip().rstrip(".") for text in texts if text.strip())

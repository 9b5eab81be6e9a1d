"""Which tables, subqueries and parts of WITH a place in a query can name columns of."""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from portal.adql.completion.place import MOST_NESTED
from portal.adql.completion.place import NAMES
from portal.adql.completion.place import Place
from portal.adql.completion.place import STARTS
from portal.adql.completion.place import tokens_around
from portal.adql.metadata import name_key
from portal.adql.metadata import name_parts
from portal.adql.syntax.tokens import Kind
from portal.adql.syntax.tokens import Token

_AFTER_FROM = frozenset({"WHERE", "GROUP", "HAVING", "ORDER", "OFFSET"})
_WORDS_OF_JOINS = "AS JOIN INNER LEFT RIGHT FULL OUTER CROSS NATURAL ON USING SELECT FROM"
_NO_ALIAS = _AFTER_FROM | STARTS.union(_WORDS_OF_JOINS.split())
_HERE = Token(Kind.SIGN, "", -1, -1, "")


@dataclass(slots=True)
class Source:
    """One table of a FROM: its name as it is written, or what a subquery gives.

    `alias` is without quotes, and empty when there is none. `outputs` are the names of the
    columns of a subquery; `everything_of` are the tables of which it gives all columns.
    """

    written: str = ""
    alias: str = ""
    outputs: tuple[str, ...] = ()
    everything_of: tuple["Source", ...] = ()

    @property
    def shown(self) -> str:
        """Return what qualifies columns of this table, without quotes."""
        return self.alias or (name_parts(self.written)[-1] if self.written else "")

    def is_called(self, qualifier: Sequence[str]) -> bool:
        """Say whether these parts of a name, without quotes, mean this table."""
        wanted = tuple(part.casefold() for part in qualifier)
        if self.alias:
            return wanted == (self.alias.casefold(),)
        own = name_key(self.written)
        return bool(self.written) and own[-len(wanted) :] == wanted


@dataclass(slots=True)
class Scope:
    """The tables in sight, the nearest first, and the parts of WITH by name."""

    sources: list[Source] = field(default_factory=list)
    common: dict[str, Source] = field(default_factory=dict)


class _Group(list["Token | _Group"]):
    """What stands inside parentheses; `holds_place` when the cursor is in there."""

    holds_place = False


def find_scope(text: str, place: Place) -> Scope:
    """Return what the names at a place can refer to; never raises."""
    before, after = tokens_around(text, place)
    scope = Scope()
    group: _Group | None = _grouped([*before, _HERE, *after])
    found: list[list[Source]] = []
    while group is not None:
        inner = next((one for one in group if isinstance(one, _Group) and one.holds_place), None)
        part = _part_with_place(group, inner)
        scope.common.update(_common(part))
        sources, tables = _from(part)
        is_derived = any(one is inner for one in tables) and inner is not None and _is_query(inner)
        if not is_derived:
            found.append(sources)
        group = inner
    scope.sources = [source for sources in reversed(found) for source in sources]
    return scope


def _grouped(tokens: Sequence[Token]) -> _Group:
    root = _Group()
    open_ = [root]
    for token in tokens:
        if len(open_) > MOST_NESTED:
            return _Group()
        if token.word == "(":
            open_.append(_Group())
            open_[-2].append(open_[-1])
        elif token.word == ")" and len(open_) > 1:
            open_.pop()
        elif token is _HERE:
            for group in open_:
                group.holds_place = True
            open_[-1].append(token)
        else:
            open_[-1].append(token)
    return root


def _part_with_place(group: _Group, inner: _Group | None) -> list["Token | _Group"]:
    """Return the SELECT of a group that the cursor is in: the others are of a UNION."""
    part: list[Token | _Group] = []
    with_words: list[Token | _Group] = []
    for one in group:
        if _word(one) in STARTS:
            if any(other is _HERE or other is inner for other in part):
                break
            if _word(one) != ";" and part and _word(part[0]) == "WITH":
                with_words = part[: _main_select(part)]
            part = []
        else:
            part.append(one)
    return [*with_words, *part]


def _main_select(part: Sequence["Token | _Group"]) -> int:
    return next((at for at, one in enumerate(part) if _word(one) == "SELECT"), len(part))


def _word(one: "Token | _Group") -> str:
    return "" if isinstance(one, _Group) else one.word


def _is_query(group: _Group) -> bool:
    return bool(group) and _word(group[0]) in ("SELECT", "WITH")


def _common(part: Sequence["Token | _Group"]) -> Iterator[tuple[str, Source]]:
    """Yield the parts of WITH: name, perhaps a list of columns, AS, a subquery."""
    if not part or _word(part[0]) != "WITH":
        return
    waiting: Token | None = None
    columns: tuple[str, ...] = ()
    for one in part[1 : _main_select(part)]:
        if isinstance(one, _Group):
            if waiting and _is_query(one):
                source = _subquery(one)
                named = Source(outputs=columns) if columns else source
                named.alias = name_parts(waiting.text)[0]
                yield named.alias.casefold(), named
                waiting, columns = None, ()
            else:
                columns = tuple(_names(one))
        elif one.kind in NAMES and one.word != "AS":
            waiting = one


def _names(group: _Group) -> Iterator[str]:
    for one in group:
        if not isinstance(one, _Group) and one.kind in NAMES:
            yield name_parts(one.text)[0]


def _subquery(group: _Group) -> Source:
    """Return what a query gives: the names of its columns, and what a star stands for."""
    part: list[Token | _Group] = []
    for one in group:
        if _word(one) in STARTS:
            break
        part.append(one)
    sources, _ = _from(part)
    common = dict(_common(part))
    sources = [common.get(one.written.casefold(), one) for one in sources]
    outputs: list[str] = []
    everything: list[Source] = []
    for item in _items(part):
        last = item[-1] if item else None
        if last is None or isinstance(last, _Group):
            continue
        if last.word == "*" and (len(item) == 1 or _word(item[-2]) == "."):
            qualifier = [name_parts(one.text)[0] for one in item[:-2] if isinstance(one, tuple)]
            qualifier = [one for one in qualifier if one]
            everything += [one for one in sources if not qualifier or one.is_called(qualifier)]
        elif last.kind in NAMES:
            outputs.append(name_parts(last.text)[0])
    return Source(outputs=tuple(outputs), everything_of=tuple(everything))


def _items(part: Sequence["Token | _Group"]) -> Iterator[list["Token | _Group"]]:
    """Yield what stands between SELECT and FROM, taken apart at the commas."""
    item: list[Token | _Group] = []
    for one in part[_main_select(part) + 1 :]:
        if _word(one) in {",", "FROM"}:
            yield item
            item = []
            if _word(one) == "FROM":
                return
        elif _word(one) in {"DISTINCT", "ALL", "TOP"} and not item:
            continue
        elif not item and not isinstance(one, _Group) and one.kind is Kind.NUMBER:
            continue  # the number of TOP
        else:
            item.append(one)
    yield item


def _from(part: Sequence["Token | _Group"]) -> tuple[list[Source], list["Token | _Group"]]:
    """Return the tables of the FROM of a SELECT, and all that stands in that clause."""
    start = next((at for at, one in enumerate(part) if _word(one) == "FROM"), None)
    if start is None:
        return [], []
    clause: list[Token | _Group] = []
    for one in part[start + 1 :]:
        if _word(one) in _AFTER_FROM:
            break
        clause.append(one)
    return _tables(clause), clause


def _tables(clause: Sequence["Token | _Group"]) -> list[Source]:
    """Return the tables of a FROM, with those of joins in parentheses."""
    sources: list[Source] = []
    expects_table, takes_alias = True, False
    for one in clause:
        word = _word(one)
        if word in {",", "JOIN"}:
            expects_table, takes_alias = True, False
        elif word in {"ON", "USING"} or one is _HERE:
            expects_table, takes_alias = False, False
        elif expects_table and isinstance(one, _Group):
            sources += [_subquery(one)] if _is_query(one) else _tables(one)
            expects_table, takes_alias = False, True
        elif isinstance(one, _Group) or word in _NO_ALIAS:
            continue
        elif expects_table and one.kind in NAMES:
            sources.append(Source(written=one.text))
            expects_table, takes_alias = False, True
        elif takes_alias and sources:
            takes_alias = _goes_on(sources[-1], one)
    return sources


def _goes_on(source: Source, token: Token) -> bool:
    """Add a token to the name of a table, or as its alias; false when that is complete."""
    if token.word == "." or source.written.endswith("."):
        source.written += token.text
        return True
    if token.kind in NAMES:
        source.alias = name_parts(token.text)[0]
    return False

"""Where the cursor stands in a query that is being written, and what can follow there."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from portal.adql.metadata import name_parts
from portal.adql.syntax.tokens import Kind
from portal.adql.syntax.tokens import scan
from portal.adql.syntax.tokens import Token

NAMES = frozenset({Kind.WORD, Kind.DELIMITED, Kind.ODD_WORD})
STARTS = frozenset({"UNION", "EXCEPT", "INTERSECT", ";"})
TABLES = frozenset({"FROM", "JOIN", ",", "("})
_CLAUSE_WORDS = "SELECT FROM JOIN ON USING WHERE BY HAVING WITH OFFSET"
CLAUSES = STARTS.union(_CLAUSE_WORDS.split())
MOST_NESTED = 60  # levels of parentheses; deeper ones are no query that anybody writes
_TEXTS = frozenset({Kind.STRING, Kind.NUMBER, Kind.HEX, Kind.DELIMITED, Kind.ODD_WORD})
_WORDS_BEFORE_VALUE = """
SELECT DISTINCT ALL WHERE ON HAVING BY AND OR NOT LIKE ILIKE BETWEEN IN THEN WHEN ELSE CASE
EXISTS ESCAPE USING
"""
_BEFORE_VALUE = frozenset(_WORDS_BEFORE_VALUE.split())


class Expected(Enum):
    """What the grammar has at a place."""

    NOTHING = "nothing that is known"
    START = "a query"
    TABLE = "a table"
    AFTER_TABLE = "what follows a table"
    VALUE = "a value"
    AFTER_VALUE = "what follows a value"
    TYPE = "a data type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A cursor: what is expected, and the name that is half written there.

    The name goes from `chain_start` over `start`, where its last part begins, to `end`;
    `typed` is that part up to the cursor, `qualifier` the parts before it, without quotes.
    `clause` is the word that governs the place, `before` the word just before it;
    `opens_query` is true at the start of parentheses that may hold a subquery.
    """

    expected: Expected
    start: int
    end: int
    chain_start: int
    typed: str = ""
    qualifier: tuple[str, ...] = ()
    clause: str = ""
    before: str = ""
    is_quoted: bool = False
    opens_query: bool = False


@dataclass(frozen=True, slots=True)
class _Written:
    """The name at the cursor, and the tokens before it."""

    before: list[Token]
    start: int
    typed: str
    is_quoted: bool = False


def find_place(text: str, offset: int) -> Place:
    """Return what the cursor before character `offset` stands in; never raises."""
    offset = min(max(offset, 0), len(text))
    nowhere = Place(expected=Expected.NOTHING, start=offset, end=offset, chain_start=offset)
    written = _written(text[:offset])
    if written is None:
        return nowhere
    before, qualifier, chain_start = _qualifier(written)
    expected, clause, opens_query = _expected(before)
    return Place(
        expected=expected,
        start=written.start,
        end=_end(text, offset, is_quoted=written.is_quoted),
        chain_start=chain_start,
        typed=written.typed,
        qualifier=qualifier,
        clause=clause,
        before=before[-1].word if before else "",
        is_quoted=written.is_quoted,
        opens_query=opens_query and not qualifier,
    )


def tokens_around(text: str, place: Place) -> tuple[list[Token], list[Token]]:
    """Return the tokens before the name at a place, and those after it."""
    rest = text[place.end :]
    after = scan(rest)[:-1]
    if after and after[0].start == 0 and after[0].kind in NAMES and not place.is_quoted:
        after = after[1:]  # the rest of the word that the cursor is in
    return scan(text[: place.chain_start])[:-1], after


def _written(text: str) -> _Written | None:
    """Return what is being written at the end of `text`; None inside texts and comments."""
    scanned = scan(text, comments=True)[:-1]
    tokens = [one for one in scanned if one.kind not in (Kind.COMMENT, Kind.BLOCK_COMMENT)]
    for index, token in enumerate(tokens):
        if token.kind is Kind.OPEN_QUOTE:  # what looks like a comment behind it is in the quotes
            if token.text == "'":
                return None
            first = _first_of(tokens, index)
            start = tokens[first].start
            typed = text[start + 1 :].replace('""', '"')
            return _Written(tokens[:first], start, typed, is_quoted=True)
    if scanned and _is_open_comment(scanned[-1], len(text)):
        return None
    return _last_name(tokens, len(text))


def _first_of(tokens: Sequence[Token], index: int) -> int:
    """Return where the open name begins whose (last) quote is this token.

    In a name that is not closed yet, `"a""` is an `a` and a quote, and no name beside another.
    """
    before = tokens[index - 1] if index else None
    is_one = before is not None and before.kind is Kind.DELIMITED
    return index - 1 if is_one and before and before.end == tokens[index].start else index


def _last_name(tokens: list[Token], end: int) -> _Written | None:
    """Return the name that the last token is; None when that is a number or a text."""
    last = tokens[-1] if tokens else None
    if last is None or last.end < end or last.kind is Kind.SIGN:
        return _Written(tokens, end, "")
    if last.kind is Kind.DELIMITED:
        return _Written(tokens[:-1], last.start, name_parts(last.text)[0], is_quoted=True)
    if last.kind in NAMES:
        return _Written(tokens[:-1], last.start, last.text)
    return None


def _is_open_comment(token: Token, end: int) -> bool:
    if token.end < end:
        return False
    if token.kind is Kind.BLOCK_COMMENT:
        return len(token.text) < len("/**/") or not token.text.endswith("*/")
    return token.kind is Kind.COMMENT


def _qualifier(written: _Written) -> tuple[list[Token], tuple[str, ...], int]:
    """Return the tokens before the whole name, its parts before the last, and its start."""
    tokens = list(written.before)
    parts: list[str] = []
    start = written.start
    while len(tokens) > 1 and tokens[-1].word == "." and tokens[-2].kind in NAMES:
        name = tokens[-2]
        parts.insert(0, name_parts(name.text)[0])
        start = name.start
        del tokens[-2:]
    return tokens, tuple(parts), start


def _end(text: str, offset: int, *, is_quoted: bool) -> int:
    """Return where the name at the cursor ends: a quote that closes it goes with it."""
    if not is_quoted or (text[:offset].endswith('"') and text[:offset].count('"') % 2 == 0):
        return offset
    closing = offset
    while closing < len(text) and text[closing] not in ' \t\r\n",()':
        closing += 1
    return closing + 1 if text[closing : closing + 1] == '"' else offset


def _expected(tokens: Sequence[Token], level: int = 0) -> tuple[Expected, str, bool]:
    """Return what can follow these tokens, in which clause, and whether a subquery can."""
    depth = 0
    if level > MOST_NESTED:
        return Expected.NOTHING, "", False
    for index in range(len(tokens) - 1, -1, -1):
        word = tokens[index].word
        if word == ")":
            depth += 1
        elif word == "(" and depth:
            depth -= 1
        elif word == "(":
            return _in_parentheses(tokens, index, level)
        elif depth == 0 and word in CLAUSES:
            return _in_clause(word, tokens), word, False
    return (Expected.NOTHING if tokens else Expected.START), "", False


def _in_parentheses(
    tokens: Sequence[Token], opening: int, level: int
) -> tuple[Expected, str, bool]:
    outer, clause, _ = _expected(tokens[:opening], level + 1)
    is_first = opening == len(tokens) - 1
    owner = tokens[opening - 1].word if opening else ""
    if clause == "WITH" or outer is Expected.START:
        return (Expected.START if is_first else Expected.NOTHING), clause, False
    if outer is Expected.TABLE:
        return (_after_from(tokens), "FROM", is_first)
    if owner == "CAST" and tokens[-1].word == "AS":
        return Expected.TYPE, clause, False
    return _around_value(tokens), f"{clause}(", is_first


def _in_clause(clause: str, tokens: Sequence[Token]) -> Expected:
    last = tokens[-1].word
    if clause in STARTS:
        return Expected.START if last in STARTS | {"ALL"} else Expected.NOTHING
    if clause in ("WITH", "OFFSET") or last in ("AS", "TOP", "USING"):
        return Expected.NOTHING
    if clause in ("FROM", "JOIN") or (clause == "ON" and last == ","):
        return _after_from(tokens)
    return _around_value(tokens)


def _after_from(tokens: Sequence[Token]) -> Expected:
    last = tokens[-1].word
    if last == "AS":
        return Expected.NOTHING
    return Expected.TABLE if last in TABLES else Expected.AFTER_TABLE


def _around_value(tokens: Sequence[Token]) -> Expected:
    last = tokens[-1]
    before = tokens[-2].word if len(tokens) > 1 else ""
    if last.word == "AS":
        return Expected.NOTHING
    if before == "TOP":
        return Expected.VALUE
    if last.word == "*":
        is_star = before in {"SELECT", "DISTINCT", "ALL", ".", ",", "("} or _follows_top(tokens)
        return Expected.AFTER_VALUE if is_star else Expected.VALUE
    if last.kind in _TEXTS or last.word == ")":
        return Expected.AFTER_VALUE
    if last.kind is Kind.WORD and last.word not in _BEFORE_VALUE:
        return Expected.AFTER_VALUE
    return Expected.VALUE


def _follows_top(tokens: Sequence[Token]) -> bool:
    return len(tokens) > 2 and tokens[-3].word == "TOP"  # noqa: PLR2004

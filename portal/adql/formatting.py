"""Laying out a query so that it reads well: a line for each clause, words of ADQL in capitals."""

from dataclasses import dataclass

from portal.adql.checking.signatures import SIGNATURES
from portal.adql.findings import Report
from portal.adql.parsing import MAX_LENGTH
from portal.adql.syntax.calls import CAST_TYPES
from portal.adql.syntax.reading import read_query
from portal.adql.syntax.tokens import Kind
from portal.adql.syntax.tokens import scan
from portal.adql.syntax.tokens import Token

INDENT = 4
WIDTH = 88  # a list goes on in a new line after the comma that is nearest to this
_CLAUSES = frozenset(
    {"SELECT", "FROM", "WHERE", "HAVING", "OFFSET", "UNION", "EXCEPT", "INTERSECT"}
)
_CLAUSES_WITH_BY = frozenset({"GROUP", "ORDER"})
_SETS = frozenset({"UNION", "EXCEPT", "INTERSECT"})
_JOINS = frozenset({"NATURAL", "INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS", "JOIN"})
_WORDS = (
    _CLAUSES
    | _CLAUSES_WITH_BY
    | _JOINS
    | frozenset({"ALL", "AND", "AS", "ASC", "BETWEEN", "BY", "CASE", "CAST", "DESC", "DISTINCT"})
    | frozenset({"ELSE", "END", "EXISTS", "ILIKE", "IN", "IS", "LIKE", "NOT", "NULL", "ON", "OR"})
    | frozenset({"THEN", "TOP", "USING", "WHEN", "WITH"})
)
_NO_FUNCTIONS = _WORDS - {"CAST", "LEFT", "RIGHT"}
_TYPES = CAST_TYPES | {"DOUBLE", "PRECISION"}
_OPERATORS = frozenset({"=", "<>", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "||", "(", ","})


def format_adql(text: str) -> str:
    """Return the query laid out anew: comments, quoted names and the meaning stay.

    A text that cannot be read as ADQL comes back unchanged. Never raises.
    """
    if len(text) > MAX_LENGTH or not _is_readable(text):
        return text
    tokens = scan(text, comments=True)
    laid_out = _Layout(text, tokens).write()
    return laid_out if _meaning(scan(laid_out)) == _meaning(scan(text)) else text


def _is_readable(text: str) -> bool:
    try:
        query = read_query(text, Report(text), frozenset())
    except RecursionError:
        return False
    kinds = {token.kind for token in scan(text)}
    return query is not None and not kinds & {Kind.BLOCK_COMMENT, Kind.OPEN_QUOTE}


def _meaning(tokens: list[Token]) -> list[str]:
    return [token.word or token.text for token in tokens]


def _is_clause(word: str, after: Token) -> bool:
    if word == "OFFSET":  # a name, in queries of ADQL 2.0
        return after.kind is Kind.NUMBER
    return word in _CLAUSES or (word in _CLAUSES_WITH_BY and after.word == "BY")


@dataclass(slots=True)
class _Frame:
    """A query or a pair of parentheses that is open."""

    indent: int
    is_query: bool
    betweens: int = 0  # how many BETWEEN wait for their AND


class _Layout:
    def __init__(self, text: str, tokens: list[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._plain = [token for token in tokens if token.kind is not Kind.COMMENT]
        self._lines = [""]
        self._frames = [_Frame(0, is_query=True)]
        self._previous: Token | None = None  # comments left out
        self._sign = False  # the token before is a + or - of the value that comes
        self._is_broken = False  # a comment has ended the line

    def write(self) -> str:
        index = 0  # among the tokens that are no comments
        for token in self._tokens:
            if token.kind is Kind.COMMENT:
                self._comment(token)
            elif token.kind is not Kind.END:
                self._token(index, token, self._plain[index + 1])
                self._previous, self._sign = token, self._is_sign(index)
                index += 1
        return "\n".join(line.rstrip() for line in self._lines).strip()

    def _opens_query(self, index: int) -> bool:
        while self._plain[index].word == "(":
            index += 1
        return self._plain[index].word in {"SELECT", "WITH"}

    def _token(self, index: int, token: Token, after: Token) -> None:
        frame = self._frames[-1]
        word = token.word
        if word == ")" and len(self._frames) > 1:
            self._close(token)
            return
        if self._starts_line(token, after, frame) or (self._is_broken and self._previous is None):
            self._new_line(frame.indent)
        elif (
            self._starts_inner_line(word, after.word, frame)
            or self._is_broken
            or self._is_past_width(token)
        ):
            self._new_line(frame.indent + 1)
        self._put(self._spelled(token, after), token)
        if word == "(":
            is_query = self._opens_query(index)
            indent = self._line_indent() + 1 if is_query else frame.indent
            self._frames.append(_Frame(indent, is_query))
            self._is_broken = is_query and after.word == "("
        elif word == "CASE":
            self._frames.append(_Frame(frame.indent, is_query=False))
        elif word == "END" and len(self._frames) > 1:
            self._frames.pop()
        elif word == "BETWEEN":
            frame.betweens += 1

    def _starts_line(self, token: Token, after: Token, frame: _Frame) -> bool:
        if not frame.is_query or self._previous is None or self._previous.word == ".":
            return False
        if self._previous.word in _SETS | {"ALL"} and token.word == "(":
            return True
        return _is_clause(token.word, after)

    def _starts_inner_line(self, word: str, after: str, frame: _Frame) -> bool:
        if word == "AND" and frame.betweens:
            frame.betweens -= 1
            return False
        if not frame.is_query or self._previous is None:
            return False
        is_join = word in _JOINS and self._previous.word not in _JOINS and after != "("
        return is_join or word in {"AND", "OR"}

    def _is_past_width(self, token: Token) -> bool:
        is_item = self._previous is not None and self._previous.word == ","
        return is_item and len(self._lines[-1]) + len(token.text) >= WIDTH

    def _close(self, token: Token) -> None:
        frame = self._frames.pop()
        if frame.is_query:
            self._new_line(frame.indent - 1)
        elif self._is_broken:
            self._new_line(frame.indent + 1)
        self._put(")", token)

    def _line_indent(self) -> int:
        line = self._lines[-1]
        return (len(line) - len(line.lstrip())) // INDENT

    def _comment(self, token: Token) -> None:
        before = self._text[: token.start].rstrip(" \t")
        if before.endswith(("\n", "\r")) or not before:
            self._new_line(self._frames[-1].indent)
        gap = "" if not self._lines[-1].strip() else "  "
        self._lines[-1] += gap + token.text.rstrip()
        self._is_broken = True

    def _new_line(self, indent: int) -> None:
        self._is_broken = False
        if self._lines[-1].strip():
            self._lines.append("")
        self._lines[-1] = " " * (INDENT * max(indent, 0))

    def _put(self, piece: str, token: Token) -> None:
        line = self._lines[-1]
        if line.strip() and self._has_space(token):
            line += " "
        self._lines[-1] = line + piece

    def _has_space(self, token: Token) -> bool:
        previous = self._previous
        if previous is None:
            return False
        if token.word in {",", ".", ")", ";"} or previous.word in {"(", "."}:
            return False
        if token.word == "(":
            return previous.kind is not Kind.WORD or previous.word in _NO_FUNCTIONS
        if "::" in {token.word, previous.word}:
            return False
        return not self._sign or token.word in {"+", "-"}

    def _is_sign(self, index: int) -> bool:
        """Say whether this token is a + or - that belongs to the value behind it."""
        if index == 0 or self._plain[index].word not in {"+", "-"}:
            return False
        return self._plain[index - 1].word in _OPERATORS | (_WORDS - {"NULL", "END"})

    def _spelled(self, token: Token, after: Token) -> str:
        word = token.word
        if token.kind is not Kind.WORD or (self._previous and self._previous.word == "."):
            return token.text
        if word == "OFFSET" and not _is_clause(word, after):
            return token.text
        if word in _WORDS or (word in SIGNATURES and after.word == "("):
            return word
        is_type = self._previous is not None and self._previous.word in {"AS", "DOUBLE"}
        return (
            word
            if is_type and word in _TYPES and after.word in {")", "(", "PRECISION"}
            else token.text
        )

"""Going through the tokens of a query: looking, taking, and saying what was expected."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NoReturn

from portal.adql.findings import Fix
from portal.adql.findings import Report
from portal.adql.syntax.tokens import Kind
from portal.adql.syntax.tokens import scan
from portal.adql.syntax.tokens import Token
from portal.adql.words import RESERVED_WORDS

_LONGEST = 40
_CLAUSE_WORDS = """
    SELECT FROM WHERE GROUP ORDER BY HAVING JOIN INNER LEFT RIGHT FULL NATURAL UNION EXCEPT
    INTERSECT OFFSET BETWEEN LIKE DISTINCT AND OR NOT TOP USING
"""
_CLAUSES = _CLAUSE_WORDS.split()
_SHORTEST = 3  # letters of a word that is worth a guess
_NEAR = 0.72  # how alike a word must be to one of ADQL's to be taken for a slip of the keys


class SyntaxStop(Exception):  # noqa: N818 - it stops the reading; the finding is in the report
    """The rest of the query cannot be read."""


class Cursor:
    """A place in the tokens of a text, and the report about it."""

    def __init__(self, text: str, report: Report) -> None:
        """Start at the first token."""
        self.text = text
        self.report = report
        self.tokens = scan(text)
        self.at = 0

    @property
    def token(self) -> Token:
        """Return the token that comes next."""
        return self.tokens[self.at]

    @property
    def before(self) -> Token:
        """Return the token that was taken last, or the first one."""
        return self.tokens[max(self.at - 1, 0)]

    def ahead(self, count: int = 1) -> Token:
        """Return a token further on; END when there are not so many."""
        return self.tokens[min(self.at + count, len(self.tokens) - 1)]

    def take(self) -> Token:
        """Take the next token."""
        token = self.tokens[self.at]
        if token.kind is not Kind.END:
            self.at += 1
        return token

    def accept(self, *words: str) -> Token | None:
        """Take the next tokens if they are these words; return the first of them."""
        first = self.tokens[self.at]
        if first.word != words[0]:
            return None
        if any(self.ahead(one).word != word for one, word in enumerate(words)):
            return None
        self.at += len(words)
        return first

    def expect(self, word: str, reason: str = "") -> Token:
        """Take the next token, which has to be this word or sign."""
        token = self.accept(word)
        if token is None:
            self.fail(f"{word}{reason}")
        return token

    def is_next(self, words: Iterable[str]) -> bool:
        """Say whether the next token is one of these words."""
        return self.token.word in words

    def fail(self, expected: str) -> NoReturn:
        """Report that something else was expected here, and stop."""
        token, before = self.token, self.before
        if slip := self.slip_of(token) or self.slip_of(before):
            wrong, word, fix = slip
            self.report.add(
                "error",
                "syntax",
                f"{shown(wrong)} was not understood. Did you mean {word}?",
                wrong.span,
                fix,
            )
            raise SyntaxStop
        if token.kind is Kind.END:
            self.stop(f"The query ends where {expected} was expected", before.span)
        if before.kind is Kind.STRING and token.start == before.end:
            message = "A quote inside a text is written twice, as in 'O''Neill'"
            self.stop(message, (before.end - 1, token.end))
        if before.word == "," and token.word in {"FROM", "WHERE", "GROUP", "ORDER", ")"}:
            message = f"There is a comma before {shown(token)} with nothing after it"
            fix = Fix("Remove the comma", before.start, before.end, "")
            self.stop(message, before.span, fix)
        self.stop(f"Found {shown(token)} where {expected} was expected", token.span)

    def stop(
        self, message: str, span: tuple[int, int], *fixes: Fix, code: str = "syntax"
    ) -> NoReturn:
        """Report an error, and stop."""
        self.report.add("error", code, message, span, *fixes)
        raise SyntaxStop

    def slip_of(self, token: Token) -> tuple[Token, str, Fix] | None:
        """Return the word of ADQL that `token` was probably meant to be."""
        is_word = token.kind is Kind.WORD and len(token.text) >= _SHORTEST
        if not is_word or token.word == "TOP" or token.text.casefold() in RESERVED_WORDS:
            return None
        close = get_close_matches(token.word, _CLAUSES, n=1, cutoff=_NEAR)
        if not close and sorted(token.word) in [sorted(word) for word in _CLAUSES]:
            close = [word for word in _CLAUSES if sorted(word) == sorted(token.word)]
        if not close:
            return None
        return token, close[0], Fix(f"Write {close[0]}", token.start, token.end, close[0])

    def close_of(self, opening: int) -> int:
        """Return the index of the token that closes the parenthesis at index `opening`."""
        depth = 0
        for index in range(opening, len(self.tokens)):
            word = self.tokens[index].word
            depth += (word == "(") - (word == ")")
            if depth == 0:
                return index
        return len(self.tokens) - 1

    def skip_parentheses(self) -> Token:
        """Take everything from the ( that comes next to its ), and return that."""
        opening = self.token
        self.at = self.close_of(self.at)
        if self.token.word != ")":
            self.stop("This parenthesis is never closed", opening.span)
        return self.take()


def shown(token: Token) -> str:
    """Return a token as a message names it."""
    if token.kind is Kind.END:
        return "the end of the query"
    text = token.text if len(token.text) <= _LONGEST else f"{token.text[:_LONGEST]}..."
    return text if text.startswith("'") else f"'{text}'"

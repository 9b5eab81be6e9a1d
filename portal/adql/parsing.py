"""From the text of a query to its syntax tree, with messages for the person who wrote it."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sqlglot import exp
from sqlglot.errors import ParseError
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token
from sqlglot.tokenizer_core import TokenType

from portal.adql.dialect import ADQL
from portal.adql.errors import AdqlError
from portal.adql.errors import error_at_token
from portal.adql.grammar import check_grammar
from portal.adql.literals import REGULAR_IDENTIFIER

MAX_LENGTH = 100_000
MAX_NESTING = 30
TOO_NESTED = f"The query is nested too deeply: {MAX_NESTING} levels of parentheses are the limit"

# What sqlglot would read and ADQL does not have: an empty place in a list, FROM before SELECT.
_NEVER_NEIGHBOURS = {
    (TokenType.COMMA, TokenType.COMMA),
    (TokenType.COMMA, TokenType.FROM),
    (TokenType.COMMA, TokenType.R_PAREN),
    (TokenType.L_PAREN, TokenType.COMMA),
    (TokenType.L_PAREN, TokenType.FROM),
    (TokenType.SELECT, TokenType.COMMA),
    (TokenType.SELECT, TokenType.FROM),
}
_STARTS = {TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN}
_HINTS = {
    "LIMIT": "ADQL has no LIMIT; write SELECT TOP n ...",
    "RECURSIVE": "ADQL has no recursive WITH",
}


def parse(text: str) -> exp.Query:
    """Return the syntax tree of one ADQL query.

    Only what ADQL 2.1 has (and CASE, which many services have) is let through; functions
    and tables are not looked at. Raises AdqlError, a UsageError with line and column.
    """
    if len(text) > MAX_LENGTH:
        raise AdqlError(f"The query is too long: {MAX_LENGTH:,} characters are the limit")
    tokens = _tokenize(text)
    try:
        return check_grammar(_parse(tokens, text))
    except RecursionError:
        raise AdqlError(TOO_NESTED) from None


def _tokenize(text: str) -> list[Token]:
    try:
        tokens = ADQL().tokenize(text)
    except TokenError:
        raise AdqlError("A quote is opened and never closed") from None
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        tokens.pop()
    if not tokens:
        raise AdqlError("There is no query: write one, such as SELECT TOP 10 * FROM ...")
    _check_tokens(tokens)
    return tokens


def _check_tokens(tokens: Sequence[Token]) -> None:
    if tokens[0].token_type not in _STARTS:
        raise error_at_token("A query starts with SELECT, or with WITH", tokens[0])
    depth = 0
    for token in tokens:
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if depth > MAX_NESTING:
            raise error_at_token(TOO_NESTED, token)
        if token.token_type == TokenType.SEMICOLON:
            raise error_at_token("One query at a time: nothing may follow the semicolon", token)
        if token.token_type == TokenType.VAR and not REGULAR_IDENTIFIER.fullmatch(token.text):
            raise error_at_token(_unknown_word(token.text), token)
    for first, second in pairwise(tokens):
        if (first.token_type, second.token_type) in _NEVER_NEIGHBOURS or _touch(first, second):
            raise error_at_token(f"{_shown(second.text)} was not expected here", second)


def _unknown_word(text: str) -> str:
    odd = re.search(r"[^A-Za-z0-9_]", text)
    if odd is None:
        return f"A name starts with a letter: {_shown(text)} needs double quotes"
    return f"The character {odd.group()} has no meaning in ADQL outside quotes"


def _touch(first: Token, second: Token) -> bool:
    """Say whether a number runs into a word, as in 0x1F."""
    numbers = (TokenType.NUMBER, TokenType.VAR)
    return (first.token_type, second.token_type) == numbers and first.end + 1 == second.start


def _parse(tokens: list[Token], text: str) -> exp.Expr | None:
    try:
        return ADQL().parser().parse(tokens, text)[0]
    except ParseError as error:
        raise _readable(error.errors[0], tokens) from None


def _readable(error: dict[str, Any], tokens: Sequence[Token]) -> AdqlError:
    token: Token = error["token"]
    message = _wording(str(error["description"]), token, at_end=bool(error["at_end"]))
    hints = [_HINTS[one.text.upper()] for one in tokens if one.text.upper() in _HINTS]
    return error_at_token(f"{message}. {hints[0]}" if hints else message, token)


def _wording(description: str, token: Token, *, at_end: bool) -> str:
    place = "at the end" if at_end else f"before {_shown(token.text)}"
    if description.startswith("Expecting "):
        return f"{description.removeprefix('Expecting ')} is missing {place}"
    if description.startswith("Expected table name"):
        return f"The name of a table is missing {place}"
    if at_end or description.startswith("Required "):
        return f"Something is missing {place}"
    return f"{_shown(token.text)} was not expected here"


def _shown(text: str, longest: int = 40) -> str:
    return f"'{text[:longest]}...'" if len(text) > longest else f"'{text}'"

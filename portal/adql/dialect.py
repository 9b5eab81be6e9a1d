"""ADQL 2.1 as a dialect of sqlglot: its words and its grammar, and nothing of other SQL."""
# ruff: noqa: RUF012, FBT001, FBT002 - sqlglot's class variables and signatures

from collections.abc import Collection
from typing import Any

from sqlglot import exp
from sqlglot import parser
from sqlglot import tokens
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError
from sqlglot.tokenizer_core import Token
from sqlglot.tokenizer_core import TokenType

SYMBOLS = {
    "(": TokenType.L_PAREN,
    ")": TokenType.R_PAREN,
    ",": TokenType.COMMA,
    ".": TokenType.DOT,
    "-": TokenType.DASH,
    "+": TokenType.PLUS,
    "*": TokenType.STAR,
    "/": TokenType.SLASH,
    "=": TokenType.EQ,
    "<": TokenType.LT,
    ">": TokenType.GT,
    "|": TokenType.PIPE,
    "!": TokenType.NOT,
    ";": TokenType.SEMICOLON,
    "'": TokenType.UNKNOWN,  # these two only end a word
    '"': TokenType.UNKNOWN,
}
OPERATORS = {
    "||": TokenType.DPIPE,
    "<=": TokenType.LTE,
    ">=": TokenType.GTE,
    "<>": TokenType.NEQ,
    "!=": TokenType.NEQ,
}
WORDS = """
    ALL AND ASC BETWEEN CASE CROSS DESC DISTINCT ELSE END EXCEPT EXISTS FALSE FROM FULL HAVING
    ILIKE IN INNER INTERSECT IS JOIN LEFT LIKE NATURAL NOT NULL OFFSET ON OR OUTER RIGHT SELECT
    THEN TOP TRUE UNION USING WHEN WHERE WITH
"""
PHRASES = {
    "AS": TokenType.ALIAS,
    "GROUP BY": TokenType.GROUP_BY,
    "ORDER BY": TokenType.ORDER_BY,
}
CAST_TYPES = {
    "CHAR": exp.DType.CHAR,
    "VARCHAR": exp.DType.VARCHAR,
    "SMALLINT": exp.DType.SMALLINT,
    "INTEGER": exp.DType.INT,
    "BIGINT": exp.DType.BIGINT,
    "REAL": exp.DType.FLOAT,
    "DOUBLE": exp.DType.DOUBLE,
    "TIMESTAMP": exp.DType.TIMESTAMP,
}
SIZED_TYPES = frozenset({exp.DType.CHAR, exp.DType.VARCHAR})


class ADQL(Dialect):
    """ADQL 2.1. Every function but CAST is an `exp.Anonymous` that keeps its name."""

    NULL_ORDERING = "nulls_are_last"

    class Tokenizer(tokens.Tokenizer):
        """The tokens of ADQL; other characters end up in words, which `parse` refuses."""

        SINGLE_TOKENS = SYMBOLS
        KEYWORDS = {**OPERATORS, **PHRASES, **{word: TokenType[word] for word in WORDS.split()}}
        COMMENTS = ["--"]
        COMMANDS = set()
        HINT_START = ""

    class Parser(parser.Parser):
        """sqlglot's parser without the functions and clauses that ADQL does not have."""

        FUNCTIONS = {}
        FUNCTION_PARSERS = {"CAST": lambda self: self._parse_adql_cast()}
        NO_PAREN_FUNCTIONS = {}
        NO_PAREN_FUNCTION_PARSERS = {"CASE": lambda self: self._parse_case()}
        STATEMENT_PARSERS = {}
        PLACEHOLDER_PARSERS = {}
        LAMBDAS = {}
        COLUMN_OPERATORS = {TokenType.DOT: None}
        OPTIONAL_ALIAS_TOKEN_CTE = False

        def raise_error(self, message: str, token: Token = parser.SENTINEL_NONE) -> None:
            """Raise a ParseError with the token it happened at, for `parse` to word."""
            place = token or self._curr or self._prev
            raise ParseError(
                message,
                [{"description": message, "token": place, "at_end": not (token or self._curr)}],
            )

        def _parse_between(self, this: exp.Expr | None) -> exp.Between:
            low = self._parse_bitwise()
            if not self._match(TokenType.AND):
                self.raise_error("Expecting AND")
            return self.expression(exp.Between(this=this, low=low, high=self._parse_bitwise()))

        def _parse_string_as_identifier(self) -> exp.Identifier | None:
            return None

        def _parse_id_var(
            self, any_token: bool = True, tokens: Collection[TokenType] | None = None
        ) -> exp.Expr | None:
            after_as = self._prev.token_type == TokenType.ALIAS
            name = super()._parse_id_var(any_token=False, tokens=tokens)
            if after_as and name is None:
                self.raise_error("Expecting a name")
            return name

        def _parse_adql_cast(self) -> exp.Cast:
            value = self._parse_disjunction()
            if not self._match(TokenType.ALIAS):
                self.raise_error("Expecting AS")
            return self.expression(exp.Cast(this=value, to=self._parse_adql_type()))

        def _parse_adql_type(self) -> exp.DataType:
            name = self._curr.text.upper()
            if self._curr.token_type != TokenType.VAR or name not in CAST_TYPES:
                self.raise_error(f"Expecting one of the types {', '.join(CAST_TYPES)}")
            self._advance()
            kind = CAST_TYPES[name]
            if kind == exp.DType.DOUBLE and not self._match_text_seq("PRECISION"):
                self.raise_error("Expecting PRECISION")
            size: list[Any] = []
            if kind in SIZED_TYPES and self._match(TokenType.L_PAREN):
                size = [exp.DataTypeParam(this=self._parse_number())]
                self._match_r_paren()
            return self.expression(exp.DataType(this=kind, expressions=size))

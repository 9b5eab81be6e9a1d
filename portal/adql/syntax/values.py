"""Reading values: operators, literals, columns, subqueries (ADQL 2.1, Annex A)."""

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

from portal.adql.findings import Fix
from portal.adql.syntax.cursor import shown
from portal.adql.syntax.names import HARD_WORDS
from portal.adql.syntax.names import NameReader
from portal.adql.syntax.names import RESERVED
from portal.adql.syntax.nodes import Column
from portal.adql.syntax.nodes import Literal
from portal.adql.syntax.nodes import Operation
from portal.adql.syntax.nodes import Query
from portal.adql.syntax.nodes import Star
from portal.adql.syntax.nodes import Subquery
from portal.adql.syntax.nodes import Value
from portal.adql.syntax.tokens import Kind
from portal.adql.syntax.tokens import Token

LONGEST_COLUMN = 4  # catalogue, schema, table, column
_SUMS = frozenset({"+", "-", "||"})
_PRODUCTS = frozenset({"*", "/"})
_BITS = frozenset({"&", "|", "^"})
_FUNCTIONS_FOR_SIGNS = {"%": "MOD", "**": "POWER"}
_TYPES_BEFORE_TEXT = frozenset({"DATE", "INTERVAL", "TIME", "TIMESTAMP"})
_AFTER_QUERY = frozenset({")", "UNION", "EXCEPT", "INTERSECT", "ORDER", "OFFSET", "LIMIT"})


class ValueReader(NameReader):
    """Everything that has a value."""

    @abstractmethod
    def condition(self) -> Value:
        """Take what is true or false."""

    @abstractmethod
    def anything(self) -> Value:
        """Take a value or a condition."""

    @abstractmethod
    def call(self) -> Value:
        """Take a function with its arguments."""

    @abstractmethod
    def case(self) -> Value:
        """Take a CASE ... END."""

    @abstractmethod
    def query(self) -> Query:
        """Take a query without the parentheses around it."""

    def extension(self, what: str, span: tuple[int, int]) -> None:
        """Report something that ADQL does not have and some services do."""
        message = f"{what} is not part of ADQL: not all services know it"
        self.report.add("warning", "not-adql", message, span)

    def value(self) -> Value:
        """Take a value; a condition in its place is an error."""
        return self.no_condition(self._sum())

    def no_condition(self, value: Value) -> Value:
        """Report a condition, or a star, that stands where a value has to."""
        if isinstance(value, Star):
            message = "* can only stand in the list after SELECT, or in COUNT(*)"
            self.report.add("error", "syntax", message, value.span)
        if isinstance(value, Operation) and value.is_condition:
            span = value.at if value.at[1] else value.span
            message = "A condition cannot stand here: ADQL has no values that are true or false"
            self.report.add("error", "condition-as-value", message, span)
        return value

    def _sum(self) -> Value:
        return self._chain(_SUMS | _BITS, self._product)

    def _product(self) -> Value:
        value = self._chain(_PRODUCTS, self._signed)
        while self.token.word in _FUNCTIONS_FOR_SIGNS:
            value = self._function_for_sign(value)
        return value

    def _chain(self, operators: frozenset[str], operand: Callable[[], Value]) -> Value:
        first = operand()
        if self.token.word not in operators:
            return first
        operands = [self.no_condition(first)]
        signs = []
        while self.token.word in operators:
            sign = self.take()
            signs.append(sign)
            if sign.word in _BITS:
                self.extension(f"The operator {sign.text}", sign.span)
            operands.append(self.no_condition(operand()))
        operator = "||" if any(one.word == "||" for one in signs) else signs[0].word
        at = signs[0].start, signs[0].end
        return Operation(first.start, operands[-1].end, operator, operands, at)

    def _function_for_sign(self, left: Value) -> Value:
        sign = self.take()
        function = _FUNCTIONS_FOR_SIGNS[sign.word]
        right = self._signed()
        written = self.text[left.start : left.end], self.text[right.start : right.end]
        call = f"{function}({written[0]}, {written[1]})"
        fix = Fix(f"Write {function}(...)", left.start, right.end, call)
        message = f"ADQL has no operator {sign.text}: write {function}(x, y)"
        self.report.add("error", "operator", message, sign.span, fix)
        return Operation(left.start, right.end, sign.word, [left, right], sign.span)

    def _signed(self) -> Value:
        token = self.token
        if token.word not in {"+", "-", "~"}:
            return self._with_cast(self._primary())
        self.take()
        if token.word == "~":
            self.extension("The operator ~", token.span)
        operand = self.no_condition(self._signed())
        return Operation(token.start, operand.end, f"sign {token.word}", [operand], token.span)

    def _with_cast(self, value: Value) -> Value:
        while self.token.word == "::":
            sign = self.take()
            kind = self.take()
            written = self.text[value.start : value.end]
            fix = Fix("Write CAST", value.start, kind.end, f"CAST({written} AS {kind.text})")
            message = "ADQL has no :: for types: write CAST(value AS type)"
            self.report.add("error", "cast", message, sign.span, fix)
            value = Operation(value.start, kind.end, "CAST", [value], sign.span)
        return value

    def _primary(self) -> Value:
        token = self.token
        read = self._READERS.get(token.kind)
        if read is not None:
            return read(self)
        return self._parentheses() if token.word == "(" else self._other(token)

    def _number(self) -> Value:
        token, after = self.take(), self.token
        if after.start == token.end and after.kind is Kind.WORD and after.word not in RESERVED:
            self._number_in_name(token, after)
        return Literal(*token.span, "number", token.text)

    def _number_in_name(self, number: Token, word: Token) -> None:
        name = self.text[number.start : word.end]
        fix = Fix("Put the name in double quotes", number.start, word.end, f'"{name}"')
        message = f"This is the number {number.text} with the name {word.text}"
        span = number.start, word.end
        self.report.add("warning", "number-in-name", message, span, fix)

    def _hexadecimal(self) -> Value:
        self.extension("A hexadecimal number", self.token.span)
        return self._number()

    def _word(self) -> Value:
        token, after = self.token, self.ahead()
        if after.word == "(" and token.word not in HARD_WORDS:
            return self._called(token)
        if after.kind is Kind.STRING and token.word in _TYPES_BEFORE_TEXT:
            return self._typed_text()
        if token.word == "CASE":
            return self.case()
        if token.word in {"NULL", "TRUE", "FALSE"} or token.word.startswith("CURRENT_"):
            return self._constant()
        return self._column()

    def _called(self, token: Token) -> Value:
        if token.word == "CASE":
            return self.case()
        if token.word not in {"ALL", "ANY", "SOME"}:
            return self.call()
        self.extension(f"{token.word} before a subquery", token.span)
        self.take()
        return self._parentheses()

    def _constant(self) -> Value:
        token = self.take()
        if token.word != "NULL":
            self.extension(f"The word {token.word}", token.span)
        kind = token.word.lower() if token.word in {"NULL", "TRUE", "FALSE"} else "string"
        return Literal(*token.span, kind, token.text)

    def _typed_text(self) -> Value:
        word, text = self.take(), self.take()
        fixes = []
        if word.word in {"DATE", "TIMESTAMP"}:
            cast = f"CAST({text.text} AS TIMESTAMP)"
            fixes = [Fix("Write CAST", word.start, text.end, cast)]
        message = f"ADQL has no {word.word} before a text: write CAST({text.text} AS TIMESTAMP)"
        if word.word == "INTERVAL":
            message = "ADQL has no INTERVAL: no service computes with lengths of time"
        self.report.add("error", "cast", message, (word.start, text.end), *fixes)
        return Literal(word.start, text.end, "string", text.text)

    def _text(self) -> Value:
        first = last = self.take()
        while self.token.kind is Kind.STRING:
            last = self.take()
        return Literal(first.start, last.end, "string", self.text[first.start : last.end])

    def _curly(self) -> Value:
        token = self.take()
        straight = "'" + token.text[1:-1].replace("'", "''") + "'"
        fix = Fix("Use straight quotes", token.start, token.end, straight)
        message = "A text stands in straight quotes: 'like this'"
        self.report.add("error", "curly-quotes", message, token.span, fix)
        return Literal(*token.span, "string", token.text)

    def _column(self) -> Value:
        names = self.dotted("a value", most=LONGEST_COLUMN)
        if self.token.word == "." and self.ahead().word == "*":
            self.take()
            return Star(names[0].start, self.take().end, names)
        if self.token.word == "(" and len(names) > 1 and not names[-1].is_quoted:
            self.extension("A function with a schema before it", (names[0].start, names[-1].end))
            self.at -= 1
            return self.call()
        return Column(names[0].start, names[-1].end, names)

    def _parentheses(self) -> Value:
        opening = self.token
        if self.is_query():
            self.take()
            query = self.query()
            return Subquery(opening.start, self._closing(opening).end, query)
        self.take()
        inside = self.anything()
        if self.token.word == ",":
            message = "Found ',' where ) was expected: ADQL compares one value at a time"
            self.stop(message, self.token.span)
        closing = self._closing(opening)
        inside.start, inside.end = opening.start, closing.end
        return inside

    def _closing(self, opening: Token) -> Token:
        if self.token.kind is Kind.END:
            self.stop("This parenthesis is never closed", opening.span)
        return self.expect(")")

    def is_query(self) -> bool:
        """Say whether the ( that comes next opens a subquery, and not a value."""
        index = self.at
        while self.tokens[index].word == "(":
            index += 1
        if index == self.at or self.tokens[index].word not in {"SELECT", "WITH"}:
            return False
        if index == self.at + 1:
            return True
        after = self.close_of(index - 1) + 1
        return after < len(self.tokens) and self.tokens[after].word in _AFTER_QUERY

    def _other(self, token: Token) -> Value:
        if token.kind is Kind.OPEN_QUOTE:
            self.open_quote()
        if token.word in {":", "?"}:
            self.stop("ADQL has no parameters: write the value itself", token.span)
        if token.kind is Kind.SIGN and (token.word in "{}[]!&\\`" or not token.text.isascii()):
            message = f"The character {token.text} has no meaning in ADQL outside quotes"
            self.stop(message, token.span)
        if token.word == "*" and self.before.word in {"(", ","}:
            self.stop("* can only stand in the list after SELECT, or in COUNT(*)", token.span)
        if token.kind in {Kind.SIGN, Kind.BLOCK_COMMENT, Kind.COMMENT, Kind.END}:
            self.fail("a value")
        if token.kind in {Kind.DELIMITED, Kind.BACKTICK, Kind.BRACKETS, Kind.ODD_WORD}:
            return self._column()
        self.stop(f"{shown(token)} was not expected here", token.span)
        return None

    _READERS: ClassVar[dict[Kind, Callable[["ValueReader"], Value]]] = {
        Kind.WORD: _word,
        Kind.NUMBER: _number,
        Kind.STRING: _text,
        Kind.HEX: _hexadecimal,
        Kind.CURLY: _curly,
    }

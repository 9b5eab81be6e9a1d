"""Reading functions, CAST and CASE."""

from portal.adql.findings import Fix
from portal.adql.syntax.cursor import shown
from portal.adql.syntax.nodes import Call
from portal.adql.syntax.nodes import Name
from portal.adql.syntax.nodes import Operation
from portal.adql.syntax.nodes import Star
from portal.adql.syntax.nodes import Value
from portal.adql.syntax.tokens import Kind
from portal.adql.syntax.values import ValueReader

AGGREGATES = frozenset({"AVG", "COUNT", "MAX", "MIN", "SUM"})
CAST_TYPES = frozenset(
    [
        "CHAR",
        "VARCHAR",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "REAL",
        "TIMESTAMP",
        "POINT",
        "CIRCLE",
        "POLYGON",
    ]
)
_TYPES_OF_OTHERS = {
    "DOUBLE": "DOUBLE PRECISION",
    "FLOAT": "DOUBLE PRECISION",
    "FLOAT4": "REAL",
    "FLOAT8": "DOUBLE PRECISION",
    "NUMERIC": "DOUBLE PRECISION",
    "DECIMAL": "DOUBLE PRECISION",
    "INT": "INTEGER",
    "INT2": "SMALLINT",
    "INT4": "INTEGER",
    "INT8": "BIGINT",
    "LONG": "BIGINT",
    "TEXT": "VARCHAR",
    "STRING": "VARCHAR",
    "DATE": "TIMESTAMP",
    "DATETIME": "TIMESTAMP",
}
# SQL writes the arguments of these with words between them.
_WORDY = frozenset({"EXTRACT", "SUBSTRING", "POSITION", "TRIM", "OVERLAY"})


class CallReader(ValueReader):
    """A word with an opening parenthesis behind it."""

    def call(self) -> Value:
        """Take a function with its arguments."""
        if self.token.word == "CAST":
            return self._cast()
        token = self.take()
        name = Name(*token.span, token.text)
        if token.word in _WORDY and self._is_wordy():
            self.extension(f"{token.word} with words between its arguments", token.span)
            return Call(token.start, self.skip_parentheses().end, name, [], is_opaque=True)
        self.expect("(")
        quantifier = self.accept("DISTINCT") or self.accept("ALL")
        if quantifier and token.word not in AGGREGATES:
            message = f"{quantifier.word} has no place in {token.word}"
            self.report.add("error", "syntax", message, quantifier.span)
        arguments = self._arguments(token.word)
        call = Call(token.start, self.expect(")").end, name, arguments)
        if self.token.word == "OVER":
            self._window(call)
        return call

    def _is_wordy(self) -> bool:
        inside = self.tokens[self.at : self.close_of(self.at)]
        return any(token.word in {"FROM", "FOR", "IN", "PLACING"} for token in inside)

    def _arguments(self, function: str) -> list[Value]:
        if self.token.word == "*" and function == "COUNT":
            return [Star(*self.take().span)]
        if self.token.word == ")":
            return []
        if self.token.word in {"SELECT", "WITH"}:
            self.stop("A subquery as an argument needs parentheses of its own", self.token.span)
        arguments = [self.no_condition(self.anything())]
        while self.accept(","):
            arguments.append(self.no_condition(self.anything()))
        return arguments

    def _window(self, call: Call) -> None:
        over = self.take()
        self.extension("OVER", over.span)
        call.is_window = True
        call.end = self.skip_parentheses().end if self.token.word == "(" else self.take().end

    def _cast(self) -> Value:
        cast = self.take()
        self.expect("(")
        value = self.value()
        self.expect("AS", " and a type")
        self._type()
        return Operation(cast.start, self.expect(")").end, "CAST", [value], cast.span)

    def _type(self) -> None:
        token = self.token
        if token.kind is not Kind.WORD:
            self.fail("a type, such as INTEGER or DOUBLE PRECISION,")
        self.take()
        end = token.end
        if token.word == "DOUBLE" and self.token.word == "PRECISION":
            self.take()
            return
        if self.token.word == "(":
            end = self._size(token.word)
        if token.word in CAST_TYPES:
            return
        types = f"{', '.join(sorted(CAST_TYPES))} and DOUBLE PRECISION"
        fixes = []
        if right := _TYPES_OF_OTHERS.get(token.word):
            fixes = [Fix(f"Write {right}", token.start, end, right)]
        message = f"{shown(token)} is no type of ADQL; it has {types}"
        self.report.add("error", "type", message, token.span, *fixes)

    def _size(self, word: str) -> int:
        opening = self.take()
        if self.token.kind is not Kind.NUMBER or not self.token.text.isdecimal():
            self.fail("a length")
        self.take()
        while self.accept(","):
            self.take()
        end = self.expect(")").end
        if word in CAST_TYPES - {"CHAR", "VARCHAR"}:
            message = f"{word} has no length"
            fix = Fix("Leave it out", opening.start, end, "")
            self.report.add("error", "type", message, (opening.start, end), fix)
        return end

    def case(self) -> Value:
        """Take a CASE ... END."""
        case = self.take()
        self.extension("CASE", case.span)
        operands = []
        if self.token.word != "WHEN":
            operands.append(self.value())
        is_simple = bool(operands)
        self._one_of("WHEN")
        while self.accept("WHEN"):
            operands.append(self.value() if is_simple else self.condition())
            self.expect("THEN")
            operands.append(self.value())
        if self.accept("ELSE"):
            operands.append(self.value())
        end = self.expect("END").end
        return Operation(case.start, end, "CASE", operands, case.span)

    def _one_of(self, word: str) -> None:
        if self.token.word != word:
            self.fail(word)

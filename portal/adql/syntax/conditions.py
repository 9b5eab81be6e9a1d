"""Reading conditions: comparisons, predicates, and what joins them."""

from collections.abc import Callable

from portal.adql.findings import Fix
from portal.adql.syntax.calls import CallReader
from portal.adql.syntax.nodes import Call
from portal.adql.syntax.nodes import Column
from portal.adql.syntax.nodes import COMPARISONS
from portal.adql.syntax.nodes import Literal
from portal.adql.syntax.nodes import Operation
from portal.adql.syntax.nodes import Value
from portal.adql.syntax.tokens import Kind
from portal.adql.syntax.tokens import Token

_SLIPS = {
    "==": ("=", "ADQL compares with one ="),
    "=>": (">=", "ADQL writes >= for 'greater or equal'"),
    "=<": ("<=", "ADQL writes <= for 'less or equal'"),
    "&&": ("AND", "ADQL writes AND for &&"),
}
_PATTERNS = frozenset({"LIKE", "ILIKE"})
_PATTERNS_OF_OTHERS = frozenset({"SIMILAR", "REGEXP", "RLIKE", "GLOB", "MATCHES", "~"})
_AFTER_CONDITIONS = """
    AND OR && ) , ; GROUP HAVING ORDER OFFSET LIMIT FETCH UNION EXCEPT INTERSECT THEN WHERE FROM
    NATURAL INNER LEFT RIGHT FULL CROSS JOIN ON USING
"""
_AFTER_CONDITION = frozenset(_AFTER_CONDITIONS.split())
_TRUTHS = {"true": "1", "false": "0"}
PREDICATES = frozenset({"CONTAINS", "INTERSECTS"})


class ConditionReader(CallReader):
    """What is true or false; `own_functions` are those of ADQL, in upper case."""

    own_functions: frozenset[str] = frozenset()

    def condition(self) -> Value:
        """Take a condition; a value in its place is an error."""
        return self.no_value(self._or())

    def anything(self) -> Value:
        """Take a value or a condition."""
        return self._or()

    def no_value(self, value: Value) -> Value:
        """Report a value that stands where a condition has to."""
        if isinstance(value, Operation) and value.is_condition:
            return value
        if isinstance(value, Literal) and value.kind in _TRUTHS:
            return value
        if isinstance(value, Operation) and value.operator == "CASE":
            return value  # reported as no part of ADQL
        if self.token.kind is not Kind.END and self.token.word not in _AFTER_CONDITION:
            self.fail("a comparison, such as = or LIKE,")
        if isinstance(value, Call):
            self._call_as_condition(value)
        else:
            what = "A column" if isinstance(value, Column) else "A value"
            message = f"{what} alone is no condition: compare it with something"
            self.report.add("error", "no-condition", message, value.span)
        return value

    def _call_as_condition(self, call: Call) -> None:
        fix = Fix("Add = 1", call.start, call.end, f"{self.text[call.start : call.end]} = 1")
        if call.function in PREDICATES:
            message = f"{call.function} gives 1 or 0: compare it with one of them"
            self.report.add("error", "missing-comparison", message, call.span, fix)
            return
        message = "A function alone is no condition: compare what it gives with something"
        is_foreign = call.function not in self.own_functions
        if is_foreign:
            self.report.add("warning", "no-condition", message, call.span, fix)
        else:
            self.report.add("error", "no-condition", message, call.span)

    def _or(self) -> Value:
        return self._logic("OR", self._and)

    def _and(self) -> Value:
        return self._logic("AND", self._not)

    def _logic(self, word: str, operand: Callable[[], Value]) -> Value:
        first = operand()
        if not self._is_logic(word):
            return first
        at = self.token.span
        operands = [self.no_value(first)]
        while self._is_logic(word):
            if self.token.word == "&&":
                self._slip()
            self.take()
            operands.append(self.no_value(operand()))
        return Operation(first.start, operands[-1].end, word, operands, at)

    def _is_logic(self, word: str) -> bool:
        return self.token.word == word or (word == "AND" and self.token.word == "&&")

    def _slip(self) -> None:
        token = self.token
        right, message = _SLIPS[token.word]
        fix = Fix(f"Write {right}", token.start, token.end, right)
        self.report.add("error", "operator", message, token.span, fix)

    def _not(self) -> Value:
        if self.token.word != "NOT":
            return self._predicate()
        token = self.take()
        operand = self.no_value(self._not())
        return Operation(token.start, operand.end, "NOT", [operand], token.span)

    def _predicate(self) -> Value:
        if self.token.word == "EXISTS":
            return self._exists()
        left = self._sum()
        token = self.token
        if token.word in COMPARISONS or token.word in _SLIPS.keys() - {"&&"}:
            return self._comparison(left)
        if token.word in {"NOT", "BETWEEN", "IN", "IS"} or token.word in _PATTERNS:
            return self._word_predicate(self.no_condition(left))
        if token.word in _PATTERNS_OF_OTHERS and not isinstance(left, Operation):
            message = f"ADQL has no {token.text}: use LIKE, with % and _"
            self.stop(message, token.span, code="operator")
        return left

    def _exists(self) -> Value:
        token = self.take()
        if not self.is_query():
            self.fail("a subquery in parentheses after EXISTS")
        query = self._parentheses()
        return Operation(token.start, query.end, "EXISTS", [query], token.span)

    def _comparison(self, left: Value) -> Value:
        if self.token.word in _SLIPS:
            self._slip()
        sign = self.take()
        right = self._sum()
        if self.token.word in COMPARISONS:
            message = "A comparison has two sides: join two comparisons with AND"
            self.stop(message, self.token.span)
        operator = _SLIPS[sign.word][0] if sign.word in _SLIPS else sign.word
        for side in (left, right):
            self.no_condition(side)
        return Operation(left.start, right.end, operator, [left, right], sign.span)

    def _word_predicate(self, left: Value) -> Value:
        negation = self.accept("NOT")
        if self.token.word not in {"BETWEEN", "IN", "IS", *_PATTERNS} - {negation and "IS"}:
            self.fail("BETWEEN, IN or LIKE after NOT")
        token = self.take()
        if token.word in _PATTERNS:
            right = self.value()
            return Operation(left.start, right.end, token.word, [left, right], token.span)
        if token.word == "BETWEEN":
            return self._between(left, token)
        if token.word == "IN":
            return self._in(left, token)
        return self._is(left)

    def _between(self, left: Value, token: Token) -> Value:
        low = self.value()
        self.expect("AND", " and the upper end of BETWEEN")
        high = self.value()
        return Operation(left.start, high.end, "BETWEEN", [left, low, high], token.span)

    def _is(self, left: Value) -> Value:
        token = self.before
        self.accept("NOT")
        if self.token.word != "NULL":
            self.fail("NULL or NOT NULL after IS")
        end = self.take().end
        return Operation(left.start, end, "IS NULL", [left], token.span)

    def _in(self, left: Value, token: Token) -> Value:
        opening = self.token
        if opening.word != "(":
            self.fail("a list or a subquery in parentheses after IN")
        if self.is_query():
            query = self._parentheses()
            return Operation(left.start, query.end, "IN", [left, query], token.span)
        self.take()
        values = [left, self._listed()]
        while self.token.word == ",":
            self.take()
            values.append(self._listed())
        end = self._closing(opening).end
        return Operation(left.start, end, "IN", values, token.span)

    def _listed(self) -> Value:
        """Take one value of a list; lists are long, and most values are single literals."""
        token = self.token
        if token.kind in {Kind.NUMBER, Kind.STRING} and self.ahead().word in {",", ")"}:
            self.at += 1
            kind = "number" if token.kind is Kind.NUMBER else "string"
            return Literal(token.start, token.end, kind, token.text)
        return self.value()

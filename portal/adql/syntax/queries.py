"""Reading queries: SELECT, set operations, WITH (ADQL 2.1, Annex A)."""

from portal.adql.findings import Fix
from portal.adql.syntax.cursor import shown
from portal.adql.syntax.limits import LimitReader
from portal.adql.syntax.nodes import Common
from portal.adql.syntax.nodes import Item
from portal.adql.syntax.nodes import Query
from portal.adql.syntax.nodes import Select
from portal.adql.syntax.nodes import SetQuery
from portal.adql.syntax.nodes import Star
from portal.adql.syntax.nodes import Value
from portal.adql.syntax.tokens import Kind

_SETS = frozenset({"UNION", "EXCEPT", "INTERSECT"})


class QueryReader(LimitReader):
    """A whole query."""

    depth = 0

    def query(self) -> Query:
        """Take a query: SELECTs, the set operations between them, ORDER BY and OFFSET."""
        self.depth += 1
        start = self.token.start
        common = self._with() if self.token.word == "WITH" else []
        branches = [self._branch()]
        while self.token.word in _SETS:
            self.take()
            if not self.accept("ALL") and self.token.word == "DISTINCT":
                self.extension("DISTINCT after a set operation", self.take().span)
            branches.append(self._branch())
        query = branches[0]
        if len(branches) > 1 or query.order or query.has_offset:
            query = SetQuery(start, start, branches=branches)
        query.common = common + query.common
        self._order(query)
        self.offset_and_limit(query)
        query.start, query.end = start, self.before.end
        self.depth -= 1
        return query

    def _branch(self) -> Query:
        if self.token.word == "(":
            opening = self.take()
            query = self.query()
            self._closing(opening)
            return query
        return self._select()

    def _select(self) -> Select:
        if self.token.word != "SELECT":
            self.fail("SELECT")
        select = Select(self.token.start, self.token.end)
        self.take()
        self._quantifier_and_top(select)
        select.items.append(self._item())
        while self.accept(","):
            select.items.append(self._item())
        if self.token.word == "INTO":
            self.stop("ADQL only reads: it has no INTO", self.token.span)
        if self.token.word != "FROM":
            self._no_from()
        self.take()
        select.tables = self.tables()
        select.from_end = self.before.end
        self._clauses(select)
        select.end = self.before.end
        return select

    def _no_from(self) -> None:
        if self.token.word == ")" and self.depth == 1:
            self.stop("This parenthesis was never opened", self.token.span)
        end_of_query = self.token.kind is Kind.END or self.token.word in {";", ")", "WHERE", *_SETS}
        if end_of_query and self.slip_of(self.before) is None:
            self.stop("SELECT needs a FROM with a table", self.token.span, code="no-from")
        self.fail("FROM or a comma")

    def _clauses(self, select: Select) -> None:
        if self.accept("WHERE"):
            select.where = self.condition()
        if self.accept("GROUP", "BY"):
            select.group = self._values()
        if self.accept("HAVING"):
            select.having = self.condition()
        if self.token.word in {"GROUP", "ORDER"} and self.ahead().word != "BY":
            word = self.token
            fix = Fix(f"Write {word.word} BY", word.start, word.end, f"{word.text} BY")
            self.stop(f"{word.word} needs a BY behind it", word.span, fix)
        if self.token.word in {"WHERE", "GROUP", "FROM"}:
            message = (
                f"{self.token.word} stands in the wrong place: "
                "the order is SELECT, FROM, WHERE, GROUP BY, HAVING, ORDER BY, OFFSET"
            )
            self.stop(message, self.token.span)

    def _quantifier_and_top(self, select: Select) -> None:
        quantifier = self.accept("DISTINCT") or self.accept("ALL")
        select.is_distinct = quantifier is not None and quantifier.word == "DISTINCT"
        select.head = self.before.end
        if self.token.word != "TOP":
            return
        if self.ahead().word in {",", "FROM", ".", "AS"}:
            return  # a column of this name
        top = self.take()
        count = self.token
        if count.word == "(" and self.ahead().kind is Kind.NUMBER and self.ahead(2).word == ")":
            number = self.ahead().text
            fix = Fix(f"Write {number}", count.start, self.ahead(2).end, number)
            message = "TOP takes a number without parentheses"
            self.report.add("error", "top", message, count.span, fix)
            self.take()
            count = self.token
        if count.kind is not Kind.NUMBER or not count.text.isdecimal():
            self.stop(f"TOP takes a whole number, not {shown(count)}", count.span, code="top")
        self.take()
        if self.tokens[self.at - 2].word == "(":
            self.take()
        select.top = int(count.text[:18])
        if self.token.word in {"DISTINCT", "ALL"}:
            late = self.take()
            right = f"{late.word} TOP {count.text}"
            fix = Fix(f"Write {right}", top.start, late.end, right)
            self.report.add("error", "top", f"{late.word} stands before TOP", late.span, fix)

    def _item(self) -> Item:
        if self.token.word == "*":
            star = self.take()
            return Item(*star.span, Star(*star.span))
        value = self.anything()
        if isinstance(value, Star):
            return Item(*value.span, value)
        self.no_condition(value)
        alias = self.alias()
        return Item(value.start, self.before.end, value, alias)

    def _values(self) -> list[Value]:
        values = [self.no_condition(self.anything())]
        while self.accept(","):
            values.append(self.no_condition(self.anything()))
        return values

    def _order(self, query: Query) -> None:
        if not self.accept("ORDER", "BY"):
            return
        while True:
            query.order.append(self.no_condition(self.anything()))
            if not self.accept("ASC"):
                self.accept("DESC")
            if self.token.text.upper() == "NULLS":
                self.extension("NULLS FIRST", self.take().span)
                self.take()
            if not self.accept(","):
                break
        if self.token.word in {*_SETS, "WHERE", "GROUP", "HAVING", "FROM"}:
            message = f"{self.token.word} cannot follow ORDER BY"
            if self.token.word in _SETS:
                message += ": put the query before it in parentheses"
            self.stop(message, self.token.span)

    def _with(self) -> list[Common]:
        word = self.take()
        if self.depth > 1:
            message = "WITH can only stand at the start of the whole query"
            self.report.add("error", "nested-with", message, word.span)
        if self.token.text.upper() == "RECURSIVE" and self.ahead().word not in {"AS", "("}:
            self.stop("ADQL has no recursive WITH", self.token.span)
        parts = [self._common()]
        while self.accept(","):
            parts.append(self._common())
        return parts

    def _common(self) -> Common:
        name = self.name("a name for the query")
        columns = []
        if self.token.word == "(":
            self.take()
            columns.append(self.name("the name of a column"))
            while self.accept(","):
                columns.append(self.name("the name of a column"))
            self.expect(")")
        self.expect("AS")
        opening = self.expect("(", " with a query")
        query = self.query()
        return Common(name.start, self._closing(opening).end, name, tuple(columns), query)

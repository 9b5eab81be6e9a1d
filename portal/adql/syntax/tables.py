"""Reading FROM: tables, subqueries and joins."""

from collections.abc import Iterator
from functools import cached_property
from itertools import count

from portal.adql.findings import Fix
from portal.adql.syntax.conditions import ConditionReader
from portal.adql.syntax.names import RESERVED
from portal.adql.syntax.nodes import Table
from portal.adql.syntax.nodes import Tables
from portal.adql.syntax.tokens import Kind
from portal.adql.syntax.tokens import Token

LONGEST_TABLE = 3  # catalogue, schema, table
_JOIN_STARTS = frozenset({"NATURAL", "INNER", "LEFT", "RIGHT", "FULL", "JOIN", "CROSS"})
_SIDES = frozenset({"LEFT", "RIGHT", "FULL"})
_A_TABLE = "the name of a table"


class TableReader(ConditionReader):
    """What follows FROM."""

    @cached_property
    def _taken(self) -> frozenset[str]:
        return frozenset(token.text.casefold() for token in self.tokens)

    @cached_property
    def _aliases(self) -> Iterator[str]:
        return map("q{}".format, count(1))

    def tables(self) -> Tables:
        """Take the tables, up to the next clause."""
        tables = Tables()
        self._joined(tables)
        while self.accept(","):
            self._joined(tables)
        return tables

    def _joined(self, tables: Tables) -> None:
        """Take a table and all that is joined to it.

        ON belongs to the last JOIN that has no condition yet, so that joins may nest to
        the right without parentheses. ADQL lets the condition be left out (Annex A).
        """
        self._table(tables)
        waiting: list[Token] = []
        while True:
            if self.token.word in _JOIN_STARTS:
                join, takes_condition = self._join(tables)
                self._table(tables)
                if takes_condition:
                    waiting.append(join)
            elif self.token.word in {"ON", "USING"}:
                if not waiting:
                    self.stop(f"{self.token.word} has no JOIN before it", self.token.span)
                waiting.pop()
                self._join_condition(tables)
            else:
                break
        for join in waiting:
            message = "This JOIN has no ON and no USING: most services refuse it"
            self.report.add("warning", "join-condition", message, join.span)

    def _join(self, tables: Tables) -> tuple[Token, bool]:
        first = self.token
        natural = self.accept("NATURAL")
        cross = None if natural else self.accept("CROSS")
        if cross:
            fix = [Fix("Write a comma", cross.start, self.token.end, ",")]
            self.report.add(
                "warning",
                "not-adql",
                "CROSS JOIN is not part of ADQL: write a comma between the tables",
                cross.span,
                *(fix if self.token.word == "JOIN" else ()),
            )
        elif self.token.word in _SIDES:
            self.take()
            self.accept("OUTER")
        else:
            self.accept("INNER")
        self.expect("JOIN")
        tables.joins += 1
        tables.natural_joins += natural is not None
        return first, natural is None and cross is None

    def _join_condition(self, tables: Tables) -> None:
        if self.accept("ON"):
            tables.conditions.append(self.condition())
            return
        self.expect("USING")
        self.expect("(", " after USING")
        tables.using.append(self.name("a column"))
        while self.accept(","):
            tables.using.append(self.name("a column"))
        self.expect(")")

    def _table(self, tables: Tables) -> None:
        token = self.token
        if token.word == "(":
            self._in_parentheses(tables)
            return
        if token.word == "LATERAL":
            self.stop("ADQL has no LATERAL", token.span)
        if token.kind is Kind.STRING:
            name = token.text[1:-1].replace("''", "'").replace('"', '""')
            fixes = [Fix("Use double quotes", token.start, token.end, f'"{name}"')] if name else []
            message = "The name of a table stands in double quotes, not in single ones"
            self.stop(message, token.span, *fixes)
        names = self.dotted(_A_TABLE, most=LONGEST_TABLE, is_table=True)
        if self.token.word == "(":
            self.stop("FROM takes tables and subqueries: no function can stand here", token.span)
        table = Table(names[0].start, names[-1].end, names)
        table.alias = self.alias()
        self._no_column_list()
        tables.tables.append(table)

    def _in_parentheses(self, tables: Tables) -> None:
        opening = self.token
        if self.is_query():
            self.take()
            query = self.query()
            table = Table(opening.start, self._closing(opening).end, query=query)
            table.alias = self.alias()
            if table.alias is None:
                self._without_alias(opening, table)
            self._no_column_list()
            tables.tables.append(table)
            return
        self.take()
        inside = Tables()
        self._joined(inside)
        end = self._closing(opening).end
        alias = self.alias()
        if alias is not None:
            tables.tables.append(Table(opening.start, end, alias=alias, is_joined_table=True))
        else:
            tables.tables += inside.tables
            tables.using += inside.using
            tables.natural_joins += inside.natural_joins
        tables.conditions += inside.conditions
        tables.joins += inside.joins

    def _without_alias(self, opening: Token, table: Table) -> None:
        message = "A subquery in FROM needs a name: (SELECT ...) AS name"
        alias = next(name for name in self._aliases if name not in self._taken)
        fix = Fix(f"Add AS {alias}", table.end, table.end, f" AS {alias}")
        self.report.add("error", "subquery-name", message, (opening.start, opening.end), fix)

    def _no_column_list(self) -> None:
        if self.token.word != "(" or self.ahead().word in RESERVED:
            return
        opening = self.token
        end = self.skip_parentheses().end
        self.extension("A list of column names after an alias", (opening.start, end))

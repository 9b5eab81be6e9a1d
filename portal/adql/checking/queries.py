"""Checks of a whole query: every part with the tables that it sees."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from portal.adql.checking.calls import check_values
from portal.adql.checking.geometry import check_comparisons
from portal.adql.checking.grouping import check_grouping
from portal.adql.checking.names import NameCheck
from portal.adql.checking.nulls import check_nulls
from portal.adql.checking.scopes import Catalogue
from portal.adql.checking.scopes import Columns
from portal.adql.checking.scopes import Scope
from portal.adql.checking.scopes import Source
from portal.adql.checking.surprises import check_surprises
from portal.adql.findings import Report
from portal.adql.syntax.nodes import Column
from portal.adql.syntax.nodes import Common
from portal.adql.syntax.nodes import Query
from portal.adql.syntax.nodes import Select
from portal.adql.syntax.nodes import SetQuery
from portal.adql.syntax.nodes import Subquery
from portal.adql.syntax.nodes import Value


class QueryCheck:
    """The checks that follow the reading of a query."""

    def __init__(
        self, report: Report, catalogue: Catalogue, offered: Mapping[str, str] | None
    ) -> None:
        """Check against a catalogue, and the functions a service offers, None if unknown."""
        self._report = report
        self._catalogue = catalogue
        self._names = NameCheck(report, catalogue)
        self._offered = offered

    def check(self, query: Query, parent: Scope | None = None) -> None:
        """Check a query and all queries inside it."""
        for part in query.common:
            self.check(part.query)
            self._catalogue.common[part.name.key] = self._columns(part)
        if isinstance(query, SetQuery):
            for branch in query.branches:
                self.check(branch, parent)
        elif isinstance(query, Select):
            self._check_select(query, parent)

    def _columns(self, part: Common) -> Columns | None:
        if part.columns:
            return {name.key: name.text for name in part.columns}
        return self._catalogue.outputs(part.query)

    def _check_select(self, select: Select, parent: Scope | None) -> None:
        scope = self._scope(select, parent)
        for source in scope.sources:
            self._names.check_table(source)
            if source.table.query is not None:
                self.check(source.table.query, parent)
        self._names.check_using(select.tables.using, scope)
        plain = [item.value for item in select.items] + select.tables.conditions
        plain += [select.where] if select.where is not None else []
        late = select.group + select.order
        late += [select.having] if select.having is not None else []
        self._check_values(plain, scope, outputs=False)
        self._check_values(late, scope, outputs=True)
        check_grouping(select, self._report)

    def _check_values(self, values: Iterable[Value], scope: Scope, *, outputs: bool) -> None:
        every = list(_walk(values))
        self._names.check_columns(every, scope, outputs=outputs)
        check_values(iter(every), self._report, self._offered)
        check_comparisons(every, self._report)
        check_nulls(every, self._report)
        check_surprises(every, self._report)
        for value in every:
            if isinstance(value, Subquery):
                self.check(value.query, scope)

    def _scope(self, select: Select, parent: Scope | None) -> Scope:
        sources = [self._catalogue.source(table) for table in select.tables.tables]
        shared = {name.key for name in select.tables.using}
        if select.tables.natural_joins:
            shared |= _common_columns(sources)
        is_open = select.tables.natural_joins > 0 and any(one.columns is None for one in sources)
        columns = {item.value.name.key for item in select.items if isinstance(item.value, Column)}
        aliases = {item.alias.key for item in select.items if item.alias is not None}
        return Scope(
            sources,
            parent,
            frozenset(shared),
            frozenset(columns | aliases),
            frozenset(aliases - columns),
            is_open,
        )


def _walk(values: Iterable[Value]) -> Iterator[Value]:
    for value in values:
        yield from value.walk()


def _common_columns(sources: list[Source]) -> set[str]:
    seen: set[str] = set()
    common: set[str] = set()
    for source in sources:
        columns = set(source.columns or ())
        common |= seen & columns
        seen |= columns
    return common

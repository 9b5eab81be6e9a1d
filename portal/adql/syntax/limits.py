"""Reading OFFSET, and the LIMIT of other dialects."""

from abc import abstractmethod

from portal.adql.findings import Fix
from portal.adql.syntax.cursor import shown
from portal.adql.syntax.nodes import Query
from portal.adql.syntax.nodes import Select
from portal.adql.syntax.tables import TableReader
from portal.adql.syntax.tokens import Kind

_ROWS = frozenset({"ROW", "ROWS"})


class LimitReader(TableReader):
    """What ends a query."""

    @abstractmethod
    def query(self) -> Query:
        """Take a query without the parentheses around it."""

    def offset_and_limit(self, query: Query) -> None:
        """Take OFFSET; report LIMIT and FETCH, with the TOP that says the same."""
        count = None
        start = self.token.start
        offset = ""
        while self.token.text.upper() in {"OFFSET", "LIMIT", "FETCH"}:
            word = self.token.text.upper()
            if word == "OFFSET":
                offset = self._offset(query)
            else:
                count = self._limit() if word == "LIMIT" else self._fetch()
                if self.token.word == "," and word == "LIMIT":
                    self.take()
                    offset, count = f"OFFSET {count}", self._count("LIMIT")
        if count is not None:
            self._report(query, (start, self.before.end), count, offset)

    def _offset(self, query: Query) -> str:
        self.take()
        query.has_offset = True
        number = self._count("OFFSET")
        if self.token.text.upper() in _ROWS:
            rows = self.take()
            fix = Fix("Leave it out", rows.start, rows.end, "")
            self.report.add("error", "limit", "OFFSET takes a number alone", rows.span, fix)
        return f"OFFSET {number}"

    def _count(self, word: str) -> str:
        token = self.token
        if token.kind is not Kind.NUMBER or not token.text.isdecimal():
            self.stop(f"{word} takes a whole number, not {shown(token)}", token.span, code="offset")
        return self.take().text

    def _limit(self) -> str:
        self.take()
        if self.token.word == "ALL":
            self.take()
            return ""
        return self._count("LIMIT")

    def _fetch(self) -> str:
        """Take FETCH FIRST n ROWS ONLY."""
        self.take()
        if self.token.text.upper() not in {"FIRST", "NEXT"}:
            self.fail("FIRST")
        self.take()
        count = self._count("FETCH") if self.token.kind is Kind.NUMBER else "1"
        for words in (_ROWS, {"ONLY"}):
            if self.token.text.upper() in words:
                self.take()
        return count

    def _report(self, query: Query, span: tuple[int, int], count: str, offset: str) -> None:
        fixes = []
        if isinstance(query, Select):
            top = f" TOP {count}" if count and query.top is None else ""
            body = self.text[query.head : span[0]].rstrip()
            changed = f"{top}{body} {offset}".rstrip()
            title = f"Write{top} after SELECT" if top else "Leave LIMIT out"
            fixes = [Fix(title, query.head, span[1], changed)]
        message = f"ADQL has no LIMIT: write SELECT TOP {count or 'n'} ..."
        self.report.add("error", "limit", message, span, *fixes)

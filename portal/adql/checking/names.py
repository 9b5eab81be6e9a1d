"""Checks of tables, columns and aliases. Whatever is not certain is not reported."""

from collections.abc import Iterable
from difflib import get_close_matches

from portal.adql.checking.scopes import Catalogue
from portal.adql.checking.scopes import Scope
from portal.adql.checking.scopes import Source
from portal.adql.checking.scopes import UPLOADS
from portal.adql.checking.scopes import written_name
from portal.adql.findings import Fix
from portal.adql.findings import Report
from portal.adql.metadata import full_name
from portal.adql.metadata import quote_table_name
from portal.adql.syntax.nodes import Column
from portal.adql.syntax.nodes import Name
from portal.adql.syntax.nodes import Star
from portal.adql.syntax.nodes import Value

_CLOSE = 3  # how many names are offered
_LONGEST_NAME = 200
_SAME_NAME = 20  # how many tables are looked at for one of the same name in another schema
_TAP_SCHEMA = "tap_schema"


class NameCheck:
    """The names of one query, looked up in its scopes."""

    def __init__(self, report: Report, catalogue: Catalogue) -> None:
        """Check against what `catalogue` knows; with no tables, only qualifiers can be wrong."""
        self._report = report
        self._catalogue = catalogue
        self._certain: dict[str, bool] = {}
        self._explained = 0  # columns before this place are part of what was reported

    def check_table(self, source: Source) -> None:
        """Report a table that the service certainly does not have."""
        names, tables = source.table.names, self._catalogue.tables
        is_common = len(names) == 1 and names[0].key in self._catalogue.common
        if source.info is not None:
            self._allow_words(source)
            self._mend(names, source.info.name)
        if not names or is_common or source.info is not None or tables is None:
            return
        if not tables.is_complete or names[0].key in {UPLOADS, _TAP_SCHEMA}:
            return
        written = written_name(names)
        if not written or self._report.is_full:
            return
        start, end = names[0].start, names[-1].end
        similar = [table.name for table in tables.similar_tables(written, _CLOSE)]
        common = get_close_matches(names[-1].key, self._catalogue.common, 1)
        offers = [*common, *similar][:_CLOSE]
        fixes = [Fix(f"Write {offer}", start, end, offer) for offer in offers]
        message = f"There is no table {self._report.text[start:end]}{_meant(offers)}"
        self._report.add("error", "unknown-table", message, (start, end), *fixes)

    def _mend(self, names: tuple[Name, ...], right: str) -> None:
        """Let the fixes of names that need quotes write them as the service does."""
        start, end = names[0].start, names[-1].end
        for name in names:
            for code in ("reserved-word", "unquoted-name") if right else ():
                self._report.mend(code, name.span, Fix(f"Write {right}", start, end, right))

    def _allow_words(self, source: Source) -> None:
        """Take back what was said of words such as PUBLIC in a name that the service gives."""
        if source.info is None or '"' in source.info.name:
            return
        given = source.info.name.casefold().split(".")
        for name in source.table.names:
            if name.key in given:
                self._report.remove("reserved-word", name.span)

    def check_columns(
        self, values: Iterable[Value], scope: Scope, *, outputs: bool = False
    ) -> None:
        """Check the columns among `values`; `outputs`: names that SELECT gives may be used."""
        for value in values:
            if isinstance(value, Column):
                self._check_column(value, scope, outputs=outputs)
            elif isinstance(value, Star) and value.names:
                self._find_qualified(value.names, scope)

    def check_using(self, names: Iterable[Name], scope: Scope) -> None:
        """Report a column of USING that not even one table has."""
        for name in names:
            if not any(one.columns is None or name.key in one.columns for one in scope.sources):
                self._unknown_column(name, name, scope)

    def _check_column(self, column: Column, scope: Scope, *, outputs: bool) -> None:
        name = column.name
        if len(column.names) > 1:
            source = self._find_qualified(column.names[:-1], scope)
            if source is not None and source.columns is not None:
                self._check_in_source(column, source)
        elif not (outputs and name.key in scope.outputs):
            self._check_unqualified(column, scope)

    def _check_in_source(self, column: Column, source: Source) -> None:
        if column.name.key in (source.columns or {}):
            self._check_case(column.name, source)
        elif self._is_certain(source):
            self._unknown_column(column.name, column, Scope([source]))

    def _check_unqualified(self, column: Column, scope: Scope) -> None:
        name = column.name
        for one in scope.outward():
            unknown = any(source.columns is None for source in one.sources)
            found = [source for source in one.sources if name.key in (source.columns or {})]
            if found and not unknown:
                if len(found) > 1:
                    self._ambiguous(column, found, one)
                else:
                    self._check_case(name, found[0])
            if found or unknown or not one.sources:
                return
        if not all(self._is_certain(source) for one in scope.outward() for source in one.sources):
            return
        if name.key in scope.aliases:
            self._alias_too_early(name)
        else:
            self._unknown_column(name, column, scope)

    def _find_qualified(self, names: tuple[Name, ...], scope: Scope) -> Source | None:
        """Return the table that the names before a column stand for, if that is certain."""
        parts = tuple(name.key for name in names)
        for one in scope.outward():
            found = [source for source in one.sources if source.is_called(parts)]
            if found:
                return found[0] if len(found) == 1 else None
        hidden = [
            source for one in scope.outward() for source in one.sources if source.was_called(parts)
        ]
        if hidden:
            self._hidden(names, hidden[0])
        elif not any(
            source.table.is_joined_table for one in scope.outward() for source in one.sources
        ):
            self._unknown_qualifier(names, scope)
        return None

    def _hidden(self, names: tuple[Name, ...], source: Source) -> None:
        alias = source.table.alias
        if alias is None:
            return
        start, end = names[0].start, names[-1].end
        written = self._report.text[alias.start : alias.end]
        message = f"This table is called {written} in this query: most services refuse its own name"
        fix = Fix(f"Write {written}", start, end, written)
        self._report.add("warning", "hidden-name", message, (start, end), fix)

    def _unknown_qualifier(self, names: tuple[Name, ...], scope: Scope) -> None:
        if self._report.is_full:
            return
        start, end = names[0].start, names[-1].end
        known = {}
        for source in (source for one in scope.outward() for source in one.sources):
            written = source.table.alias.text if source.table.alias else ""
            own = (written,) if written else tuple(name.text for name in source.table.names)
            if own:
                known[own[-1].casefold()] = _quoted(own)
        close = [known[key] for key in get_close_matches(names[-1].key, known, _CLOSE, 0.5)]
        if not close and len(known) == 1:
            close = list(known.values())
        fixes = [Fix(f"Write {name}", start, end, name) for name in close]
        message = f"No table in FROM is called {self._report.text[start:end]}{_meant(close)}"
        severity = "warning" if self._catalogue.tables is None else "error"
        self._report.add(severity, "unknown-alias", message, (start, end), *fixes)  # type: ignore[arg-type]

    def _unknown_column(self, name: Name, written: Column | Name, scope: Scope) -> None:
        tables = self._catalogue.tables
        if tables is not None and not tables.is_complete:
            return
        if name.start < self._explained or self._report.is_full:
            return
        known = {
            key: own
            for one in scope.outward()
            for source in one.sources
            for key, own in (source.columns or {}).items()
        }
        fixes = self._fixes_for_signs(name, known)
        self._explained = max((fix.end for fix in fixes), default=0)
        offers = [known[key] for key in get_close_matches(name.key, known, _CLOSE)]
        fixes += [
            Fix(f"Write {offer}", name.start, name.end, offer)
            for offer in filter(None, (_quoted((one,)) for one in offers))
        ]
        message = f"There is no column {name.text}{_meant(offers)}"
        if self._explained:
            message = f"There is no column {name.text}: put the whole name in double quotes"
        is_alone = isinstance(written, Column) and len(written.names) == 1 and not offers
        if is_alone and self._report.text[name.start] == '"':
            text = "'" + name.text.replace("'", "''") + "'"
            fixes.append(Fix("Make it a text", name.start, name.end, text))
            message = f"There is no column {name.text}; a text stands in single quotes: {text}"
        self._report.add("error", "unknown-column", message, name.span, *fixes)

    def _is_certain(self, source: Source) -> bool:
        """Say whether the service has one table of this name only, where the schema is left out."""
        tables, info = self._catalogue.tables, source.info
        if tables is None or info is None or len(source.table.names) > 1:
            return True
        if info.name not in self._certain:
            own = full_name(info)
            others = tables.complete(written_name(source.table.names), _SAME_NAME)
            self._certain[info.name] = not any(
                full_name(one)[-1] == own[-1] and full_name(one) != own for one in others
            )
        return self._certain[info.name]

    def _fixes_for_signs(self, name: Name, known: dict[str, str]) -> list[Fix]:
        """Offer columns such as B-V that stand here without the quotes they need."""
        if name.is_quoted:
            return []
        rest = self._report.text[name.start : name.start + _LONGEST_NAME].casefold()
        return [
            Fix(f"Write {_quoted((own,))}", name.start, name.start + len(own), _quoted((own,)))
            for key, own in known.items()
            if rest.startswith(key) and len(key) > len(name.text) and _quoted((own,))
        ]

    def _ambiguous(self, column: Column, found: list[Source], scope: Scope) -> None:
        name = column.name
        if name.key in scope.shared or scope.is_open:
            return
        if not all(map(self._is_certain, found)):
            return
        qualifiers = [
            _quoted(
                (one.table.alias.text,)
                if one.table.alias
                else tuple(n.text for n in one.table.names)
            )
            for one in found
        ]
        if len(set(qualifiers)) < len(qualifiers) or not all(qualifiers):
            return
        written = self._report.text[name.start : name.end]
        fixes = [
            Fix(f"Write {one}.{written}", name.start, name.end, f"{one}.{written}")
            for one in qualifiers
        ]
        message = f"Several tables have a column {name.text}: say which, {' or '.join(qualifiers)}"
        self._report.add("error", "ambiguous-column", message, name.span, *fixes)

    def _alias_too_early(self, name: Name) -> None:
        message = (
            f"{name.text} is a name that SELECT gives: only ORDER BY and GROUP BY can use it; "
            "write the whole expression here"
        )
        self._report.add("error", "alias-too-early", message, name.span)

    def _check_case(self, name: Name, source: Source) -> None:
        own = (source.columns or {}).get(name.key)
        written = self._report.text[name.start : name.end]
        if own is None or own == name.text:
            return
        if not written.startswith('"'):
            self._mend((name,), _quoted((own,)))
            return
        fix = Fix(f"Write {own}", name.start, name.end, '"' + own.replace('"', '""') + '"')
        message = f"In quotes, capitals matter: the column is called {own}"
        self._report.add("hint", "quoted-case", message, name.span, fix)


def _quoted(parts: tuple[str, ...]) -> str:
    try:
        return quote_table_name(*parts)
    except ValueError:
        return ""


def _meant(offers: list[str]) -> str:
    return f". Did you mean {' or '.join(offers)}?" if offers else ""

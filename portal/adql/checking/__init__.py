"""Checking a query before it is sent: what is wrong with it, and how to mend it."""

from collections.abc import Iterable

from portal.adql.checking.queries import QueryCheck
from portal.adql.checking.scopes import Catalogue
from portal.adql.checking.signatures import SIGNATURES
from portal.adql.checking.sizes import check_size
from portal.adql.findings import Finding
from portal.adql.findings import Report
from portal.adql.metadata import FunctionInfo
from portal.adql.metadata import TableSource
from portal.adql.parsing import MAX_LENGTH
from portal.adql.syntax.reading import read_query

_OWN_FUNCTIONS = frozenset(SIGNATURES)

__all__ = ["check"]


def check(
    text: str,
    tables: TableSource | None = None,
    *,
    functions: Iterable[FunctionInfo] | None = None,
) -> tuple[Finding, ...]:
    """Return what there is to say about an ADQL query for a service, in the order of the text.

    `tables` is what is known of the service: only what the query names is asked of it.
    `functions` are all functions it has beside those of ADQL; without them, those that
    `tables` names are taken, if it is complete. Never raises for any text.
    """
    report = Report(text)
    if len(text) > MAX_LENGTH:
        message = f"The query is too long: {MAX_LENGTH:,} characters are the limit"
        report.add("error", "too-long", message, (0, 0))
        return report.findings()
    try:
        _check(report, tables, _offered(tables, functions))
    except RecursionError:
        message = "The query is nested too deeply to be checked"
        report.add("warning", "too-deep", message, (0, 0))
    return report.findings()


def _check(report: Report, tables: TableSource | None, offered: dict[str, str] | None) -> None:
    query = read_query(report.text, report, _OWN_FUNCTIONS)
    if query is None:
        return
    catalogue = Catalogue(tables)
    QueryCheck(report, catalogue, offered).check(query)
    if not report.has_errors:
        check_size(query, catalogue, report)


def _offered(
    tables: TableSource | None, functions: Iterable[FunctionInfo] | None
) -> dict[str, str] | None:
    """Return the service's functions by their names without case; None when unknown."""
    if functions is not None:
        return {function.name.casefold(): function.name for function in functions}
    if tables is None or not tables.is_complete:
        return None
    return {function.name.casefold(): function.name for function in tables.functions()} or None

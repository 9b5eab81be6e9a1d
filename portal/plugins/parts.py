"""How the parts of a query made of others have ended."""

from collections.abc import Callable
from dataclasses import dataclass

from portal.plugins.links import QueryLink
from portal.tables import ResultTable


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedQuery:
    """A query that another one asked for: what it was, and how its job ended.

    `asked` has the parameters that its job has, defaults included. `phase` is a terminal phase
    of UWS. `error` is what the user is told of a job that failed or was stopped. `rows` and
    `overflow` are those of its table, which `open` opens, as often as one likes; None where
    there is no table.
    """

    asked: QueryLink
    job_id: str
    phase: str
    error: str | None = None
    rows: int | None = None
    overflow: bool = False
    open: Callable[[], ResultTable] | None = None

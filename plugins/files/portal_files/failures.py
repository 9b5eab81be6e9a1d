"""What DuckDB says when a query fails, in words for the person who wrote the query."""

import re

import duckdb

from portal.plugins import ServiceError
from portal.plugins import UsageError

# What the readers of Arrow batches raise carries DuckDB's words in an OSError.
ENGINE_ERRORS = (duckdb.Error, OSError)
KIND = re.compile(r"\s*([A-Za-z][A-Za-z -]*) Error: ")
OF_THE_QUERY = frozenset(
    {
        "binder",
        "catalog",
        "conversion",
        "decimal",
        "invalid-input",
        "mismatch-type",
        "not-implemented",
        "out-of-range",
        "parser",
    }
)
ADVICE = re.compile(
    r"(Use TRY|Use \"SET|You might need|Either add|or SET ).*"
)  # for those who write SQL
TOO_MUCH = (
    "The query needs more memory and temporary space than one query may use here. "
    "Ask for fewer rows, or join and sort less."
)


def readable(error: Exception) -> UsageError | ServiceError:
    """Return an error that users can act on, without paths and without advice on DuckDB."""
    said = str(error)
    found = KIND.match(said)
    kind = found.group(1).lower().replace(" ", "-") if found else ""
    if kind == "out-of-memory":
        return UsageError(TOO_MUCH)
    if found is None or kind not in OF_THE_QUERY:
        return ServiceError("The tables could not be read while the query ran.")
    return UsageError(_sentence(said[found.end() :]))


def _sentence(said: str) -> str:
    first = said.strip().partition("\n")[0]
    return ADVICE.sub("", first).rstrip(" !.") + "."
